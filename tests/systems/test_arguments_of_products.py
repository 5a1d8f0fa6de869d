"""Products are given the package's own vectors only where they leave them alone."""

import numpy as np
import pytest

import nlsolve
from nlsolve.systems import as_system
from nlsolve.systems.checks import first_evaluation

M, N = 200, 70  # more rows than are made a matrix
A = np.random.default_rng(0).standard_normal((N, M)) / 10.0
W0 = np.linspace(-1.0, 1.0, M)


def F(w):
    z = A @ w
    return z + 0.1 * z**3


def slope(w):
    return 1.0 + 0.3 * (A @ w) ** 2


def jvp(w, v):
    return slope(w) * (A @ v)


def vjp(w, u):
    return A.T @ (slope(w) * u)


def writing_jvp(w, v):
    image = slope(w) * (A @ v)
    v[:] = 7.0
    w[0] += 1.0
    return image


def writing_vjp(w, u):
    u *= slope(w)
    return A.T @ u


BUFFER = np.empty(N)


def buffered_jvp(w, v):
    np.copyto(BUFFER, jvp(w, v))
    return BUFFER


def viewed_jvp(w, v):
    np.copyto(BUFFER, jvp(w, v))
    return BUFFER[:]


def run(forth, back):
    return nlsolve.solve(F, 0.3, W0, jvp=forth, vjp=back, method="gauss-newton", max_iter=6)


@pytest.mark.parametrize("forth", [jvp, writing_jvp, buffered_jvp, viewed_jvp])
@pytest.mark.parametrize("back", [vjp, writing_vjp])
def test_what_products_do_to_their_arrays_changes_nothing(forth, back):
    found, expected = run(forth, back), run(jvp, vjp)
    assert expected.success
    np.testing.assert_array_equal(found.w, expected.w)
    np.testing.assert_array_equal(found.history.table, expected.history.table)


@pytest.mark.parametrize(("forth", "copied"), [(jvp, False), (writing_jvp, True)])
def test_arguments_are_copied_where_the_first_call_changed_them(forth, copied):
    given = []

    def watched(w, v):
        given.append((w, v))
        return forth(w, v)

    problem, _, J = first_evaluation(as_system(F, {"jvp": watched, "vjp": vjp}), 0.3, W0, None)
    v = np.ones(M)
    J.jvp(v)
    w, own = given[-1]
    assert (own is not v, w is not J.w) == (copied, copied)
    np.testing.assert_array_equal(v, np.ones(M))
    assert problem.n == N


def test_results_that_a_function_keeps_are_copied():
    problem, _, J = first_evaluation(as_system(F, {"jvp": buffered_jvp, "vjp": vjp}), 0.3, W0, None)
    first = J.jvp(np.ones(M))
    kept = first.copy()
    J.jvp(np.zeros(M))
    np.testing.assert_array_equal(first, kept)
    assert problem.m == M


def test_an_identity_returns_its_argument():
    sol = nlsolve.solve(
        lambda w: w + 0.1 * w**3, np.linspace(0.0, 1.0, 100), np.zeros(100),
        jvp=lambda w, v: v if not w.any() else (1.0 + 0.3 * w**2) * v,
        vjp=lambda w, u: u if not w.any() else (1.0 + 0.3 * w**2) * u,
        method="gauss-newton",
    )  # fmt: skip
    assert sol.success
    np.testing.assert_allclose(sol.w + 0.1 * sol.w**3, np.linspace(0.0, 1.0, 100), atol=1e-9)
