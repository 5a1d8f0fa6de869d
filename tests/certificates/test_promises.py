"""Are promises of Gauss-Newton kept, and convergence guaranteed from where it is said to be?

Points of stored paths are certified anew with the constants of tests/zoo/known_constants.py.
"""

import numpy as np
import pytest

import nlsolve
from tests.certificates.runs import FAMILY


@pytest.mark.parametrize("known", FAMILY, ids=lambda k: k.name)
def test_gauss_newton_keeps_its_promise(known):
    sol = nlsolve.solve(
        known.F, known.y, known.w0, method="gauss-newton", jac=known.jac, store_path=True,
        certify={"lipschitz": known.lipschitz},
    )  # fmt: skip
    promise = sol.start_certificate
    assert promise.holds, promise.reason
    report = sol.check_promise()
    assert report.kept is True, repr(report)
    assert report.certificate is promise
    assert repr(report).startswith("the promise was kept")
    apart = np.linalg.norm(sol.path - known.w0, axis=1)
    assert apart.max() <= promise.radius * (1.0 + 1e-9) + 1e-13 * np.abs(known.w0).max()
    rho = [np.linalg.norm(known.F(w) - known.y) for w in sol.path]
    floor = 1e-12 * (1.0 + np.linalg.norm(known.y) + np.linalg.norm(known.jac(known.w0), 2)
                     * np.linalg.norm(known.w0))  # fmt: skip
    assert (np.array(rho) <= np.array(promise.envelope(len(rho))) * (1.0 + 1e-6) + floor).all()


@pytest.mark.parametrize("known", FAMILY, ids=lambda k: k.name)
def test_certified_from_is_confirmed_by_certifying_the_path(known):
    """Where convergence was guaranteed for A of the end, it is so for A of the iterate itself."""
    sol = nlsolve.solve(
        known.F, known.y, known.w0, method="gauss-newton", jac=known.jac, store_path=True,
        certify={"lipschitz": known.lipschitz},
    )  # fmt: skip
    first = sol.certified_from
    assert first is None or 0 <= first < len(sol.history)
    assert len(sol.path) == len(sol.history)
    if first is None:
        assert not sol.certificate.holds
        return
    for k in range(first, len(sol.path)):
        again = nlsolve.certify(
            known.F, known.y, sol.path[k], jac=known.jac, lipschitz=known.lipschitz
        )
        assert again.holds, f"{k} of {len(sol.path)}, from {first}: {again.reason}"
    if known.h < 0.2 and sol.certificate.holds:
        assert first <= 2, "not found later than need be"


FAR = [  # (F, J, beta, w0): certified from some iteration on only
    (lambda w: w**2 - 2.0, lambda w: np.diag(2.0 * w), 2.0, [40.0]),
    (lambda w: w**2 - 2.0, lambda w: np.diag(2.0 * w), 2.0, [1e-2]),
    (lambda w: w**2 - 2.0, lambda w: np.diag(2.0 * w), 2.0, [30.0, 0.3, 5.0]),
    (
        lambda w: np.array([w @ w - 1.0, w[0] - w[1]]),
        lambda w: np.vstack([2.0 * w, [1.0, -1.0, 0.0]]),
        2.0,
        [9.0, -3.0, 20.0],
    ),
    (
        lambda w: np.sin(w) + 0.1 * w - 0.3,
        lambda w: np.diag(np.cos(w) + 0.1),
        1.0,
        [1.0, -1.3, 0.2],
    ),
]


@pytest.mark.parametrize(("F", "jac", "beta", "w0"), FAR, ids=range(len(FAR)))
def test_certified_from_of_runs_that_begin_far_away(F, jac, beta, w0):
    """Newton on w^2 = 2 from above has h = (w^2 - 2)/(2 w^2) < 1/2 all along; from below not."""
    sol = nlsolve.solve(
        F, 0.0, w0, method="gauss-newton", jac=jac, store_path=True, certify={"lipschitz": beta}
    )
    assert sol.success
    first = sol.certified_from
    assert first is not None
    assert 0 < first < len(sol.history)
    for k in range(first, len(sol.path)):
        again = nlsolve.certify(F, 0.0, sol.path[k], jac=jac, lipschitz=beta)
        assert again.holds, f"{k}: {again.reason}"
        assert again.distance[1] >= np.linalg.norm(sol.path[k] - sol.w) - 1e-12
    assert first >= next(
        k for k in range(len(sol.path))
        if nlsolve.certify(F, 0.0, sol.path[k], jac=jac, lipschitz=beta).holds
    )  # fmt: skip


def test_certified_from_with_estimated_constants_is_not_later_than_the_end():
    sol = nlsolve.solve(lambda w: w**2 - 2.0, 0.0, [30.0, 0.3, 5.0], method="gauss-newton")
    assert sol.certificate.holds
    assert 0 < sol.certified_from < len(sol.history)


def test_certified_from_of_a_run_of_two_stages_lies_in_the_last_one():
    sol = nlsolve.solve(lambda w: w**2 - 2.0, 0.0, [30.0, 0.3, 5.0], method="auto")
    assert sol.success
    assert sol.certified_from is None or sol.certified_from < len(sol.history)


@pytest.mark.parametrize("damping", ["backtracking"])
def test_certified_from_is_for_full_steps_only(damping):
    sol = nlsolve.solve(lambda w: w**2 - 2.0, 0.0, [1.5], method="gauss-newton", damping=damping)
    assert sol.success
    assert sol.certified_from is None
    assert sol.start_certificate.method is None, "existence is all that can be promised"
