"""Do solves by executors of every kind give what one process gives?"""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numba
import numpy as np
import pytest

import nlsolve

N = 40
RADII = np.linspace(0.5, 2.0, N)
FIELDS = ("W", "success", "status", "residual_norm", "nit", "nfev", "njev")


def sphere(w, radius):
    return np.array([w @ w - radius**2, w[0] - w[1]])


jitted = numba.njit(sphere)


def sphere_or_error(w, radius):
    if radius == RADII[7]:
        raise RuntimeError("no such sphere")
    return sphere(w, radius)


def circle(w):
    return np.array([w @ w - 1.0, w[0] * w[1]])


@pytest.fixture(scope="module", params=["threads", "processes", "dask"])
def pool(request):
    if request.param == "dask":
        yield from dask_executor()
        return
    with {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}[request.param](2) as one:
        yield one


def dask_executor():
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


@pytest.mark.parametrize("F", [sphere, jitted], ids=["plain", "jitted"])
def test_many_systems_by_any_executor(pool, F):
    alone = nlsolve.solve_many(F, 0.0, [1.0, 2.0, 3.0], each=(RADII,))
    found = nlsolve.solve_many(F, 0.0, [1.0, 2.0, 3.0], each=(RADII,), workers=pool)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))


def test_errors_come_back_with_their_rows(pool):
    found = nlsolve.solve_many(sphere_or_error, 0.0, [1.0, 2.0], each=(RADII,), workers=pool)
    assert list(found.errors) == [7]
    assert "no such sphere" in str(found.errors[7])


def test_many_starts_by_any_executor(pool):
    words = {"box": (np.full(2, -2.0), np.full(2, 2.0)), "k": 8}
    alone = nlsolve.multistart(circle, **words)
    np.testing.assert_array_equal(nlsolve.multistart(circle, workers=pool, **words).w, alone.w)


def test_differences_by_any_executor(pool):
    alone = nlsolve.solve(circle, 0.0, [0.3, 2.0])
    np.testing.assert_array_equal(nlsolve.solve(circle, 0.0, [0.3, 2.0], workers=pool).w, alone.w)
