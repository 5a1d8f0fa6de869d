"""Is the loop compiled once for all F, and do arguments and exceptions cross an address?"""

import ast
import os
import pathlib
import subprocess
import sys

import numba
import numpy as np
import pytest

import nlsolve
from nlsolve import compiled, drivers
from nlsolve.methods import REGISTRY

CODE = """
import numba, numpy as np, nlsolve
from nlsolve.drivers import driver
from nlsolve.methods.gauss_newton import METHOD as newton
@numba.njit
def F(w):
    return np.array([w @ w - {c}, w[0] - w[1]])
r = nlsolve.solve(F, 0.0, [0.5, -1.0, 2.0], method="gauss-newton")
stats = driver(newton.make_step.__module__, newton.state._fields[3:], ()).run.stats
print(r.success, r.lane, sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def run(c, folder):
    environment = {**os.environ, "NLSOLVE_CACHE_DIR": str(folder), "NUMBA_CACHE_DIR": ""}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(c=c)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return done.stdout.split()


def test_the_loop_is_compiled_once_for_all_systems_and_processes(tmp_path):
    assert run(1.0, tmp_path) == ["True", "compiled", "0", "1"]
    assert run(2.0, tmp_path) == ["True", "compiled", "1", "0"]


def test_without_a_writable_folder_it_compiles_in_memory(tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert run(1.0, occupied)[:2] == ["True", "compiled"]


def test_the_cache_folder_is_named_by_the_sources(tmp_path, monkeypatch):
    monkeypatch.setenv("NLSOLVE_CACHE_DIR", str(tmp_path))
    assert drivers.cache_folder() == tmp_path
    newton = drivers._fingerprint(("nlsolve.methods.gauss_newton",))
    assert newton != drivers._fingerprint(("nlsolve.methods.levenberg_marquardt",))


def test_every_file_the_methods_import_is_among_the_sources():
    for entry in REGISTRY.values():
        module = sys.modules[entry.make_step.__module__]
        tree = ast.parse(pathlib.Path(module.__file__).read_text())
        names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name for name in names if name.startswith("nlsolve")}
        assert ours <= set(drivers._SOURCES), entry.name


@numba.njit
def shifted(w, a, k, flag, vector, table):
    total = a + k + (1.0 if flag else 0.0) + vector.sum() + table[1, 0]
    return np.array([w[0] + w[1] - total])


VECTOR, TABLE = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [5.0, 4.0]])


@pytest.mark.parametrize(
    ("a", "k", "flag", "vector", "table"),
    [
        (0.5, 2, True, VECTOR, TABLE),
        (np.float64(0.5), np.int64(3), False, VECTOR, TABLE),
        (1.5, -1, True, np.arange(8.0)[::2], TABLE.T),
        (1.5, 1, True, np.array([3, 4]), np.array([[1, 2], [3, 4]])),
        (1, 2, np.True_, VECTOR.astype(np.float32), TABLE),
    ],
)
def test_arguments_of_every_kind_reach_compiled_code(a, k, flag, vector, table):
    result = nlsolve.solve(shifted, 0.0, [1.0, 1.0], args=(a, k, flag, vector, table))
    total = a + k + bool(flag) + float(vector.sum()) + float(table[1, 0])
    assert result.lane == "compiled"
    np.testing.assert_allclose(result.w.sum(), total, rtol=1e-12)


def test_new_values_of_arguments_compile_nothing():
    nlsolve.solve(shifted, 0.0, [1.0, 1.0], args=(0.5, 2, True, VECTOR, TABLE))
    before = compiled.addresses.cache_info().misses
    nlsolve.solve(shifted, 0.0, [1.0, 1.0], args=(7.5, 5, False, 9 * VECTOR, 3 * TABLE))
    assert compiled.addresses.cache_info().misses == before


def test_keywords_become_positions():
    named = {"table": TABLE, "flag": True, "k": 2, "vector": VECTOR}
    result = nlsolve.solve(shifted, 0.0, [1.0, 1.0], args=(0.5,), kwargs=named)
    assert result.lane == "compiled"
    np.testing.assert_allclose(result.w.sum(), 0.5 + 2 + 1 + 3 + 5, rtol=1e-12)


@numba.njit
def swapped_F(w, a, b):
    return np.array([a * w[0] * w[0] + b * w[1] - 10.0])


@numba.njit
def swapped_jacobian(w, b, a):
    return np.array([[2.0 * a * w[0], b]])


def test_keywords_reach_each_function_by_name():
    words = {"jac": swapped_jacobian, "kwargs": {"a": 2.0, "b": 8.0}}
    result = nlsolve.solve(swapped_F, 0.0, [1.0, 1.0], **words)
    plain = nlsolve.solve(
        swapped_F.py_func, 0.0, [1.0, 1.0], jac=swapped_jacobian.py_func, kwargs=words["kwargs"]
    )
    assert result.nit == plain.nit
    np.testing.assert_allclose(result.w, plain.w, rtol=1e-12)


def test_numpy_numbers_as_limits_leave_the_kernel_alone():
    code = (
        "import numba, numpy as np, nlsolve\n"
        "F = numba.njit(lambda w: np.array([w @ w - 1.0, w[0] - w[1]]))\n"
        "for limit in (np.int32(500), None, np.int64(500)):\n"
        "    r = nlsolve.solve(F, 0.0, [0.5, -1.0, 2.0], tol=np.float32(1e-10), max_nfev=limit)\n"
        "    print(r.status.name, r.lane)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ROOT", "compiled"] * 3


def test_a_jacobian_right_for_other_arguments_only_is_noticed():
    @numba.njit
    def F(w, a):
        return np.array([a * w[0] - 6.0])

    @numba.njit
    def jac(w, a):
        return np.array([[2.0]])

    two, three = (2.0,), (3.0,)
    assert nlsolve.solve(F, 0.0, 1.0, jac=jac, args=two).success
    with pytest.warns(nlsolve.JacobianWarning):
        nlsolve.solve(F, 0.0, 1.0, jac=jac, args=three)


def test_arguments_that_cannot_travel_run_interpreted():
    @numba.njit
    def F(w, names):
        return np.array([w[0] - len(names)])

    result = nlsolve.solve(F, 0.0, 1.0, args=("abc",))
    assert result.lane == "interpreted"
    assert result.w[0] == pytest.approx(3.0)


@numba.njit
def raises_far_out(w):
    if w[0] > 2.0:
        raise ValueError("w[0] is beyond 2")
    return np.array([w[0] ** 2 - 9.0 + 0.0 * w[1]])


def test_the_users_exception_comes_out_of_compiled_code():
    with pytest.raises(nlsolve.EvaluationError, match="beyond 2") as caught:
        nlsolve.solve(raises_far_out, 0.0, [1.0, 0.0], lane="compiled")
    assert isinstance(caught.value.__cause__, ValueError)
    partial = caught.value.partial_result
    assert partial.lane == "compiled"
    assert not partial.success
    np.testing.assert_array_equal(partial.w, [1.0, 0.0])


@numba.njit
def two_lines(w):
    return np.array([w[0] - 5.0, w[0] + w[1] - 7.0])


@numba.njit
def two_slopes(w):
    return np.array([[1.0, 0.0], [1.0, 1.0]])


@numba.njit
def rows_raise_far_out(w, batch):
    if w[0] > 2.0:
        raise ValueError("rows end at 2")
    return two_lines(w)[batch], two_slopes(w)[batch]


def test_the_users_exception_comes_out_of_compiled_rows():
    with pytest.raises(nlsolve.EvaluationError, match="rows raised ValueError: rows end") as caught:
        nlsolve.solve(
            two_lines, 0.0, [1.0, 0.0], jac=two_slopes, rows=rows_raise_far_out,
            method="sgd", lane="compiled",
        )  # fmt: skip
    assert isinstance(caught.value.__cause__, ValueError)


def test_every_source_of_compiled_code_is_in_the_fingerprint():
    """Constants are frozen into cached code, so each module it takes names from must count."""
    sources = set(drivers._SOURCES)
    for module in (compiled, drivers.dense, drivers.iterate, drivers.cfunctions):
        tree = ast.parse(pathlib.Path(module.__file__).read_text())
        for node in ast.walk(tree):
            if not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nlsolve")):
                continue
            named = {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
            assert named & sources, (module.__name__, node.module)


@numba.njit
def changes_length(w):
    return np.ones(1 if w[0] < 1.5 else 2) * (w[0] - 3.0)


def test_an_output_that_changes_length_is_an_error():
    with pytest.raises(nlsolve.EvaluationError, match=r"shape \(2,\)"):
        nlsolve.solve(changes_length, 0.0, 1.0, lane="compiled")


@numba.njit
def both(w):
    return np.array([w @ w - 1.0]), 2.0 * w.reshape(1, -1)


def test_values_and_jacobian_from_one_function():
    plain = nlsolve.solve(both.py_func, 0.0, [3.0, 4.0], jac=True, lane="interpreted")
    result = nlsolve.solve(both, 0.0, [3.0, 4.0], jac=True)
    assert (result.lane, plain.lane) == ("compiled", "interpreted")
    np.testing.assert_allclose(result.w, [0.6, 0.8], rtol=1e-10)
    assert (result.nfev, result.njev, result.nit) == (plain.nfev, plain.njev, plain.nit)


@pytest.mark.parametrize("jac", ["2-point", "3-point"])
def test_differences_are_those_of_the_interpreted_lane(jac):
    runs = [nlsolve.solve(shifted_square, 0.0, [3.0, 4.0], jac=jac, lane=lane) for lane in LANES]
    np.testing.assert_allclose(runs[0].jac, runs[1].jac, rtol=1e-7)
    assert runs[0].nfev == runs[1].nfev


LANES = ("compiled", "interpreted")


@numba.njit
def shifted_square(w):
    return np.array([(w[0] - 1.0) ** 2 + w[1] ** 2 - 1.0])
