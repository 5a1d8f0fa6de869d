"""Does every method reach the same root whatever kind of Jacobian it is given?

The system is F(w) = A w + sin(A w)/10 with a sparse A, 66 equations for 90 unknowns; the run with
a dense exact Jacobian is what the others are compared with, and scipy's QR says that its root is
the one minimum-norm steps lead to.
"""

import itertools
import pickle

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, aslinearoperator

import nlsolve
from nlsolve.methods import REGISTRY
from nlsolve.systems.errors import EvaluationError

N, M = 66, 90  # more rows than products are made a matrix for
A = sparse.random_array((N, M), density=0.03, rng=np.random.default_rng(0))
A = (A + sparse.eye_array(N, M, k=7)).toarray()
START = np.linspace(-0.5, 0.5, M)


def F(w):
    return A @ w + 0.1 * np.sin(A @ w) - 1.0


def jac(w):
    return A * (1.0 + 0.1 * np.cos(A @ w))[:, None]


def jvp(w, v):
    return jac(w) @ v


def vjp(w, u):
    return jac(w).T @ u


def rows(w, batch):
    return F(w)[batch], jac(w)[batch]


EXACT = {
    "array": {"jac": jac},
    "csr_array": {"jac": lambda w: sparse.csr_array(jac(w))},
    "coo_matrix": {"jac": lambda w: sparse.coo_matrix(jac(w))},
    "operator": {"jac": lambda w: aslinearoperator(jac(w))},
    "products": {"jvp": jvp, "vjp": vjp},
    "vjp": {"vjp": vjp},
    "jvp": {"jvp": jvp},
    "rows and products": {"rows": rows, "jvp": jvp, "vjp": vjp},
    "complex step": {"jac": "cs"},
    "complex step, sparse": {"jac": "cs", "jac_sparsity": A},
}
DIFFERENCED = {
    "2-point": {"jac_sparsity": A},
    "3-point": {"jac_sparsity": sparse.coo_matrix(A), "jac": "3-point"},
}
STEADY = ["auto", *(name for name, method in REGISTRY.items() if not method.draws)]
DRAWING = [name for name, method in REGISTRY.items() if method.draws]


def solved(method, words):
    return nlsolve.solve(F, 0.0, START, method=method, tol=1e-13, **words)


@pytest.fixture(scope="module")
def dense_runs():
    found = {}

    def run(method):
        if method not in found:
            found[method] = solved(method, EXACT["array"])
            assert found[method].success
        return found[method]

    return run


@pytest.mark.parametrize("kind", [kind for kind in EXACT if kind != "array"])
@pytest.mark.parametrize("method", STEADY)
def test_every_method_on_every_kind(method, kind, dense_runs):
    found = solved(method, EXACT[kind])
    assert found.success
    np.testing.assert_allclose(found.w, dense_runs(method).w, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in EXACT if kind != "array"])
@pytest.mark.parametrize("method", DRAWING)
def test_methods_that_draw_take_the_same_steps(method, kind):
    words = {"method": method, "batch": 20, "max_iter": 3}
    runs = [nlsolve.solve(F, 0.0, START, **words, **EXACT[one]) for one in ("array", kind)]
    np.testing.assert_allclose(runs[1].w, runs[0].w, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("kind", DIFFERENCED)
def test_sparse_differences_reach_the_root_with_few_evaluations(kind):
    found = nlsolve.solve(F, 0.0, START, method="gauss-newton", **DIFFERENCED[kind])
    assert found.success
    assert isinstance(found.jac, sparse.csr_array)
    np.testing.assert_allclose(found.jac.toarray(), jac(found.w), atol=1e-6)
    most = int((A != 0.0).sum(axis=1).max())  # no fewer groups than the longest row
    sides = 2 if kind == "3-point" else 1
    groups = nlsolve.System(F, **DIFFERENCED[kind]).pattern.count
    assert most <= groups <= 2 * most
    assert found.nfev <= (found.nit + 1) * (sides * groups + 1) + 1


def test_no_two_columns_of_a_group_share_a_row():
    for size in (20, 400):  # plain, and compiled
        pattern = sparse.random_array((size, 2 * size), density=0.02, rng=np.random.default_rng(1))
        found = nlsolve.System(np.sin, jac_sparsity=pattern).pattern
        taken = found.groups[found.columns] + found.count * found.rows
        assert np.unique(taken).size == taken.size == pattern.nnz


def test_the_root_is_the_one_of_minimum_norm_steps(dense_runs):
    """The system is z + sin(z)/10 = 1 in z = A w: its roots nearest to w0 are A^+ (z - A w0)."""
    z = dense_runs("gauss-newton").w @ A.T
    np.testing.assert_allclose(z + 0.1 * np.sin(z), 1.0, atol=1e-12)
    nearest = START + np.linalg.lstsq(A, z - A @ START, rcond=None)[0]
    np.testing.assert_allclose(dense_runs("gauss-newton").w, nearest, atol=1e-9)


def test_inexact_steps_reach_a_root_with_fewer_products():
    counts = {}
    for forcing in ("exact", "eisenstat-walker"):
        count = 0

        def counted(w, v):
            nonlocal count
            count += 1
            return jvp(w, v)

        words = {"jvp": counted, "vjp": vjp, "method": "gauss-newton", "forcing": forcing}
        found = nlsolve.solve(F, 0.0, 10.0 * START, tol=1e-12, **words)
        assert found.success
        counts[forcing] = count
    assert counts["eisenstat-walker"] < 0.7 * counts["exact"]


def test_inexact_steps_are_not_those_of_the_theorem():
    words = {"method": "gauss-newton", "forcing": "eisenstat-walker"}
    certificate = nlsolve.certify(F, 0.0, START, **words)
    assert not certificate.holds
    assert "exact steps" in certificate.reason


@pytest.mark.parametrize("kind", ["csr_array", "operator", "products"])
def test_certificates_of_every_kind(kind, dense_runs):
    w, words = dense_runs("gauss-newton").w, {"method": None, "evidence": "estimated"}
    found = nlsolve.certify(F, 0.0, w, check_jac=False, **EXACT[kind], **words)
    expected = nlsolve.certify(F, 0.0, w, **EXACT["array"], **words)
    assert found.holds
    assert found.distance[1] == pytest.approx(expected.distance[1], rel=1e-3)


def test_a_wrong_adjoint_is_told():
    def wrong(w):
        J = jac(w)
        return LinearOperator((N, M), lambda v: J @ v, lambda u: 2.0 * (J.T @ u), dtype=float)

    with pytest.raises(EvaluationError, match=r"rmatvec of jac\(w0\) is not the adjoint"):
        nlsolve.solve(F, 0.0, START, jac=wrong, check_jac="raise")


@pytest.mark.parametrize("kind", ["2-point", "3-point", "cs"])
def test_a_pattern_that_misses_one_entry_is_told(kind):
    row, column = np.argwhere(A != 0.0)[100]
    pattern = A != 0.0
    pattern[row, column] = False
    words = {"jac": kind, "jac_sparsity": pattern}
    with pytest.raises(EvaluationError, match="jac_sparsity"):
        nlsolve.solve(F, 0.0, START, check_jac="raise", **words)
    with pytest.warns(nlsolve.JacobianWarning, match="jac_sparsity"):
        nlsolve.solve(F, 0.0, START, max_iter=1, **words)


@pytest.mark.parametrize("given", [["a"], np.ones((2, 2, 2)), aslinearoperator(A)])
def test_what_is_no_pattern_is_named(given):
    with pytest.raises(ValueError, match="jac_sparsity must be an"):
        nlsolve.System(F, jac_sparsity=given)


def test_differences_agree_however_their_points_are_evaluated():
    words = {"jac_sparsity": A, "method": "gauss-newton", "tol": 1e-12}
    runs = [
        nlsolve.solve(F, 0.0, START, **words, **how)
        for how in ({}, {"vectorized": True}, {"workers": map})
    ]
    for run in runs:
        np.testing.assert_allclose(run.jac.toarray(), jac(run.w), atol=1e-6)
        np.testing.assert_allclose(run.w, runs[0].w, atol=1e-7)  # J is good to 1e-8


def test_complex_products_are_told():
    def turned(w):
        J = 1j * jac(w)
        return LinearOperator((N, M), lambda v: J @ v, lambda u: J.T @ u, dtype=float)

    with pytest.raises(EvaluationError, match=r"jac\(w\) @ v returned complex values"):
        nlsolve.solve(F, 0.0, START, jac=turned)


@pytest.mark.parametrize("kind", ["csr_array", "operator"])
def test_results_are_pickled_without_operators(kind):
    found = solved("gauss-newton", EXACT[kind])
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.w, found.w)
    assert again.status is found.status
    if kind == "operator":
        assert again.jac is None
    else:
        np.testing.assert_array_equal(again.jac.toarray(), found.jac.toarray())


@pytest.mark.parametrize("form", [sparse.csr_array, aslinearoperator])
def test_what_needs_all_of_a_large_jacobian_says_so(form):
    large = sparse.diags_array([1.0, 2.0], offsets=[0, 2000], shape=(4000, 6000)).tocsr()

    def of(w):
        return large @ w - 1.0

    words, w0 = {"jac": lambda w: form(large)}, np.zeros(6000)
    chosen = nlsolve.solve(of, 0.0, w0, select="nearest", **words)
    assert chosen.success
    assert "not moved along the solutions: this needs all 4000 x 6000 entries" in chosen.message
    assert "4000 x 6000" in chosen.certificate.reason
    for question in (nlsolve.tangent_kernel, nlsolve.diagnose):
        with pytest.raises(EvaluationError, match="4000 x 6000"):
            question(of, w=w0, **words)
    with pytest.raises(EvaluationError, match="4000 x 6000"):
        nlsolve.manifold(of, 0.0, chosen.w, **words)


def test_errors_in_products_are_those_of_jac():
    def broken(w):
        return LinearOperator((N, M), lambda v: 1 / 0, lambda u: A.T @ u, dtype=float)

    with pytest.raises(EvaluationError, match="jac raised ZeroDivisionError"):
        nlsolve.solve(F, 0.0, START, jac=broken, check_jac=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"jac": lambda w: sparse.csr_array(A[:, :-1])}, r"jac returned shape \(66, 89\)"),
        ({"jac": lambda w: sparse.csr_array(1j * A)}, "jac returned complex values"),
        ({"jac": lambda w: sparse.csr_array(A * np.inf)}, r"jac\(w0\) must be finite, but entry"),
        ({"jac_sparsity": A[:-1]}, r"jac_sparsity has shape \(65, 90\), expected"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_bad_jacobians_are_named(words, message):
    with pytest.raises(EvaluationError, match=message):
        nlsolve.solve(F, 0.0, START, **words)


def test_jac_sparsity_is_for_differences():
    with pytest.raises(ValueError, match="jac_sparsity is for a J found by differences"):
        nlsolve.solve(F, 0.0, START, jac=jac, jac_sparsity=A)


def test_large_systems_of_formulas_have_sparse_jacobians():
    names = [f"x{j}" for j in range(150)]
    text = "; ".join(f"{a}**2 + {b} = 2" for a, b in itertools.pairwise(names))
    system = nlsolve.parse(text, unknowns=names)
    found = nlsolve.solve(system, 0.0, np.full(150, 0.8))
    assert found.success
    assert isinstance(found.jac, sparse.csr_array)
    expected = np.eye(149, 150, k=1) + 2.0 * np.eye(149, 150) * found.w
    np.testing.assert_allclose(found.jac.toarray(), expected, atol=1e-12)
    assert found.certificate.evidence.word == "proved"
