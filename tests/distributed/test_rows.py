import numpy as np
import pytest

import nlsolve
from nlsolve.distributed import rows
from nlsolve.distributed.row_blocks import RowJacobian
from nlsolve.linalg import kernels
from tests.distributed.parts import (
    METHODS,
    STACKED,
    M,
    P,
    assert_same,
    rows_part,
    whole_rows,
    whole_rows_jacobian,
)

W0 = np.linspace(-0.2, 0.2, M)
TARGET = 0.3 * np.cos(np.arange(STACKED.shape[0]))


@pytest.fixture
def system():
    return rows(rows_part, range(P))


@pytest.mark.parametrize(("method", "words"), METHODS)
def test_blocks_take_the_steps_of_the_whole(system, method, words):
    found = nlsolve.solve(system, TARGET, W0, method=method, **words)
    expected = nlsolve.solve(
        whole_rows, TARGET, W0, jac=whole_rows_jacobian, method=method, **words
    )
    assert expected.success
    assert_same(found, expected)


def test_conjugate_gradients_with_block_jacobi_take_the_same_steps(system, monkeypatch):
    monkeypatch.setattr(kernels, "LARGEST", 3)

    def forbidden(self):
        raise AssertionError("K was formed")

    monkeypatch.setattr(RowJacobian, "gram", forbidden)
    found = nlsolve.solve(system, TARGET, W0, method="gauss-newton")
    assert_same(
        found, nlsolve.solve(whole_rows, TARGET, W0, jac=whole_rows_jacobian, method="gauss-newton")
    )


def test_jacobian_products_and_kernel_are_those_of_the_whole(system):
    J, expected = system.values(W0)[1], whole_rows_jacobian(W0)
    v, u = np.arange(M) - 3.0, np.arange(expected.shape[0]) + 1.0
    np.testing.assert_allclose(J @ v, expected @ v, rtol=1e-12)
    np.testing.assert_allclose(J.T @ u, expected.T @ u, rtol=1e-12)
    np.testing.assert_allclose(J.gram(), expected @ expected.T, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(J.array(), expected, rtol=1e-12)


@pytest.mark.parametrize("batch", [[0], [9, 0, 0], [1, 5, 2, 8]])
def test_a_batch_is_those_equations(system, batch):
    batch = np.array(batch)
    system.values(W0)
    values, J = system.rows(W0, batch)
    expected = whole_rows_jacobian(W0)[batch]
    np.testing.assert_allclose(values, whole_rows(W0)[batch], rtol=1e-13)
    np.testing.assert_allclose(J.array(), expected, rtol=1e-13)
    np.testing.assert_allclose(J.T @ values, expected.T @ values, rtol=1e-12)
    np.testing.assert_allclose(J.gram(), expected @ expected.T, rtol=1e-12)


def test_certificates_are_those_of_the_whole(system):
    sol = nlsolve.solve(system, TARGET, W0)
    whole = nlsolve.certify(
        whole_rows, TARGET, sol.w, jac=whole_rows_jacobian, method=None, evidence="estimated"
    )
    found = sol.certificate
    assert found.holds
    assert found.evidence == whole.evidence
    np.testing.assert_allclose(found.sigma_min, whole.sigma_min, rtol=1e-9)
    np.testing.assert_allclose(found.beta, whole.beta, rtol=1e-2)  # sampled
