"""Are minimum-norm steps right in both lanes: full rank, deficient, badly scaled, damped, n > m?

Expected values: numpy's SVD least squares, of the augmented matrix where there is damping, and
mpmath where the condition number is beyond what SVD least squares resolves.
"""

import mpmath
import numba
import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from nlsolve import dense, linalg
from nlsolve.systems.jacobians import as_jacobian

TOLERANCE = 32 * 2.0**-52


@numba.njit(error_model="numpy")
def compiled_step(J, r, damping, rank_tolerance):
    return dense.least_norm(J, r, damping, rank_tolerance)


def sparse_step(J, *rest):
    return linalg.least_norm_step(sparse.csr_array(J), *rest)


def augmented_step(J, *rest):
    """The step of a sparse J whose tangent kernel is taken to be unsafe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linalg.sparse, "_by_kernel", lambda *_: None)
        return sparse_step(J, *rest)


def operator_step(J, *rest):
    return linalg.least_norm_step(aslinearoperator(np.array(J)), *rest)


LANES = {
    "numpy": linalg.least_norm_step,
    "compiled": compiled_step,
    "sparse": sparse_step,
    "augmented": augmented_step,
    "operator": operator_step,
}


@pytest.fixture(params=LANES)
def step(request):
    return LANES[request.param]


def expected(J, r, damping=0.0):
    n = J.shape[0]
    if damping == 0.0:
        return np.linalg.lstsq(J, -r, rcond=1e-12)[0]
    augmented = np.hstack([J, np.sqrt(damping) * np.eye(n)])
    return np.linalg.lstsq(augmented, -r, rcond=None)[0][: J.shape[1]]


SHAPES = [(1, 1), (1, 5), (2, 3), (3, 3), (4, 9), (10, 20), (5, 3), (7, 1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("damping", [0.0, 1e-6, 1.0, 1e3])
def test_random_matrices(step, shape, damping):
    rng = np.random.default_rng(shape[0] * 100 + shape[1])
    J, r = rng.standard_normal(shape), rng.standard_normal(shape[0])
    d, _ = step(J, r, damping, TOLERANCE)
    np.testing.assert_allclose(d, expected(J, r, damping), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("shape", [(2, 3), (4, 9), (6, 6), (5, 3)])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_deficient_matrices_give_the_shortest_least_squares_step(step, shape, rank):
    rng = np.random.default_rng(7)
    J = rng.standard_normal((shape[0], rank)) @ rng.standard_normal((rank, shape[1]))
    r = rng.standard_normal(shape[0])
    d, _ = step(J, r, 0.0, TOLERANCE)
    np.testing.assert_allclose(d, expected(J, r), rtol=1e-9, atol=1e-10)


def test_repeated_equations(step):
    rng = np.random.default_rng(8)
    row = rng.standard_normal((1, 4))
    J, r = np.vstack([row, 2 * row, rng.standard_normal((1, 4))]), np.array([1.0, 2.0, 0.5])
    d, _ = step(J, r, 0.0, TOLERANCE)
    np.testing.assert_allclose(J @ d, -r, atol=1e-13)
    np.testing.assert_allclose(d, expected(J, r), atol=1e-13)


@pytest.mark.parametrize("spread", [1e-9, 1e-4, 1e4, 1e9])
def test_rows_of_very_different_scale(step, spread):
    rng = np.random.default_rng(9)
    J, r = rng.standard_normal((3, 6)), rng.standard_normal(3)
    scale = np.array([1.0, spread, spread**-1])
    plain, _ = step(J, r, 0.0, TOLERANCE)
    scaled, _ = step(scale[:, None] * J, scale * r, 0.0, TOLERANCE)
    np.testing.assert_allclose(scaled, plain, rtol=1e-10)


@pytest.mark.parametrize("angle", [1e-3, 1e-6, 1e-9, 1e-11])
def test_nearly_dependent_rows_against_mpmath(step, angle):
    J = np.array([[1.0, 0.0, 1.0], [1.0, angle, 1.0]])
    r = np.array([0.3, -0.2])
    with mpmath.workdps(60):
        exact = mpmath.matrix(J.tolist())
        K = exact * exact.T
        s = mpmath.lu_solve(K, mpmath.matrix(r.tolist()))
        wanted = np.array([float(x) for x in -(exact.T * s)])
    d, _ = step(J, r, 0.0, TOLERANCE)
    # condition number of J about 2 / angle: QR loses that factor, Cholesky alone its square
    error = np.linalg.norm(d - wanted) / np.linalg.norm(wanted)
    assert error <= 16 * 2.0**-52 / angle


@pytest.mark.parametrize("step", ["numpy", "compiled", "sparse"], indirect=True)
@pytest.mark.parametrize("damping", [0.0, 0.1])
@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-3])
def test_sigma_is_an_upper_bound_and_usually_sharp(step, damping, spread):
    rng = np.random.default_rng(10)
    U, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    V, _ = np.linalg.qr(rng.standard_normal((12, 5)))
    J = U @ np.diag([3.0, 2.0, 1.5, 1.2, spread]) @ V.T
    sigma = np.linalg.svd(J, compute_uv=False)[-1]
    _, bound = step(J, rng.standard_normal(5), damping, TOLERANCE)
    assert bound >= sigma * (1 - 1e-6) - 1e-12
    if damping == 0.0:
        assert bound <= 1.5 * sigma


def test_lanes_agree_on_badly_conditioned_matrices():
    rng = np.random.default_rng(11)
    for k in range(50):
        n, m = rng.integers(1, 8), rng.integers(1, 12)
        J = rng.standard_normal((n, m)) * 10.0 ** rng.uniform(-6, 6, (n, 1))
        r = rng.standard_normal(n)
        damping = [0.0, 1e-8, 1e2][k % 3]
        a, _ = linalg.least_norm_step(J, r, damping, TOLERANCE)
        b, _ = compiled_step(J, r, damping, TOLERANCE)
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8 * np.max(np.abs(a)))


def hard(kind):
    """Return a sparse J that is ill-conditioned, or nearly so by its columns or rows."""
    rng = np.random.default_rng(12)
    laplacian = sparse.diags_array([1.0, -2.0, 1.0], offsets=[-1, 0, 1], shape=(200, 200))
    random = sparse.random_array((200, 300), density=0.02, rng=rng) + sparse.eye_array(200, 300)
    if kind == "laplacian":
        return laplacian.tocsr()
    if kind == "biharmonic":
        return (laplacian @ laplacian).tocsr()
    if kind == "graded columns":
        return (random @ sparse.diags_array(10.0 ** rng.uniform(-7, 7, 300))).tocsr()
    if kind == "graded rows":
        return (sparse.diags_array(10.0 ** rng.uniform(-8, 8, 200)) @ random).tocsr()
    full = random.tolil()
    if kind == "full column":
        full[:, 3] = rng.standard_normal((200, 1))
    if kind == "full row":
        full[3, :] = rng.standard_normal((1, 300))
    if kind == "zero row and column":
        full[3, :], full[:, 5] = 0.0, 0.0
    if kind == "equal rows":
        full[3, :] = full[7, :]
    return full.tocsr()


HARD = [
    "laplacian", "biharmonic", "graded columns", "graded rows", "full column", "full row",
    "zero row and column", "equal rows",
]  # fmt: skip


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("step", ["sparse", "augmented", "operator"], indirect=True)
def test_difficult_sparse_matrices(step, kind):
    """By what defines d: |r + J d| is rounding, and d = J^T s for some s."""
    J = hard(kind).toarray()
    r = -J @ (J.T @ np.random.default_rng(13).standard_normal(J.shape[0]))
    d, _ = step(J, r, 0.0, TOLERANCE)
    assert np.linalg.norm(r + J @ d) <= 1e-11 * np.linalg.norm(np.abs(J) @ np.abs(d))
    rows = J / np.maximum(np.linalg.norm(J, axis=1, keepdims=True), 1e-300)
    across = d - rows.T @ np.linalg.lstsq(rows.T, d, rcond=1e-13)[0]
    assert np.linalg.norm(across) <= 1e-6 * np.linalg.norm(d)  # it lies in the range of J^T


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SystemError])
def test_factors_that_do_not_fit_leave_it_to_iterations(error, monkeypatch):
    def refused(*_, **__):
        raise error

    monkeypatch.setattr(linalg.sparse, "splu", refused)
    monkeypatch.setattr(linalg.sparse, "DENSE", 0)
    J, r = hard("full row"), np.random.default_rng(14).standard_normal(200)
    d, _ = linalg.least_norm_step(J, r, 0.0, TOLERANCE)
    np.testing.assert_allclose(d, expected(J.toarray(), r), rtol=1e-9, atol=1e-10)


def test_a_column_of_many_equations_does_not_fill_the_factors():
    n = 20_000
    rng = np.random.default_rng(15)
    band = sparse.diags_array(
        rng.standard_normal((5, 3 * n)), offsets=range(5), shape=(3 * n, 3 * n)
    )
    J = sparse.hstack([band.tocsr()[::3], rng.standard_normal((n, 1))], format="csr")
    s = rng.standard_normal(n)
    r = -J @ (J.T @ s)
    d, _ = linalg.least_norm_step(J, r, 0.0, TOLERANCE)
    np.testing.assert_allclose(d, J.T @ s, rtol=1e-9, atol=1e-9 * np.abs(d).max())


def test_other_types_of_jacobian_are_named():
    with pytest.raises(TypeError, match="list"):
        linalg.least_norm_step([[1.0]], np.ones(1), 0.0, TOLERANCE)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_kernel_is_built_from_either_order_of_memory(order):
    J = np.asarray(np.random.default_rng(0).standard_normal((4, 9)), order=order)
    np.testing.assert_allclose(np.tril(linalg.dense.lower_kernel(J)), np.tril(J @ J.T), rtol=1e-13)


def test_a_fortran_jacobian_is_not_copied():
    J = np.asfortranarray(np.random.default_rng(0).standard_normal((4, 9)))
    assert as_jacobian(J, "jac") is J


# ---- conjugate gradients in place of a factorisation -----------------------------------------


def banded(n, decay):
    """Return a J with rows that overlap; smaller `decay` makes it worse conditioned."""
    rng = np.random.default_rng(5)
    offsets = np.arange(6)
    bands = [decay**k * (1.0 + 0.1 * rng.standard_normal(3 * n)) for k in offsets]
    whole = sparse.diags_array(bands, offsets=offsets, shape=(3 * n, 3 * n + 6)).tocsr()
    return sparse.csr_array(whole[::3])


@pytest.mark.parametrize("damping", [0.0, 0.3])
def test_a_well_conditioned_sparse_step_needs_no_factors(damping, monkeypatch):
    J, r = banded(2_000, 0.6), np.cos(np.arange(2_000.0))
    expected, bound = linalg.least_norm_step(J.toarray(), r, damping, 1e-13)

    def refused(*arguments, **words):
        raise AssertionError("factored")

    monkeypatch.setattr(linalg.sparse, "splu", refused)
    d, sigma = linalg.least_norm_step(J, r, damping, 1e-13)
    np.testing.assert_allclose(d, expected, rtol=0.0, atol=1e-12 * np.abs(expected).max())
    least = np.sqrt(np.linalg.eigvalsh((J @ J.T).toarray())[0])
    assert least * (1.0 - 1e-9) <= sigma <= 1.1 * bound


def test_an_ill_conditioned_sparse_step_is_factored(monkeypatch):
    n = 2_000
    J = sparse.csr_array(sparse.diags_array([1.0, -1.0], offsets=[0, 1], shape=(n, n + 1)))
    r = np.ones(n)
    assert linalg.sparse._by_iterations(J, r, 0.0, sparse.csr_array(J @ J.T)) is None
    d, _ = linalg.least_norm_step(J, r, 0.0, 1e-13)
    exact = np.arange(n + 1.0) - n / 2.0  # differences of d are 1, its mean is 0
    np.testing.assert_allclose(d, exact, rtol=0.0, atol=1e-8 * n)
    assert n > linalg.sparse.SMALL


def test_a_residual_of_zero_gives_a_step_of_zero():
    J = banded(2_000, 0.6)
    d, sigma = linalg.least_norm_step(J, np.zeros(2_000), 0.0, 1e-13)
    assert not d.any()
    assert sigma > 0.0
