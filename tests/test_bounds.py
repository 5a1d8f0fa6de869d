"""Do runs with bounds stay inside, and find what lies there?"""

import numba
import numpy as np
import pytest
import scipy.sparse
from scipy.optimize import Bounds, least_squares, minimize
from scipy.sparse.linalg import aslinearoperator

import nlsolve
from nlsolve.linalg import least_norm_within
from nlsolve.networks import Dense
from tests.zoo import STANDARD, WIDE

METHODS = ("auto", "gauss-newton", "levenberg-marquardt")
SMALL = [problem for problem in (*STANDARD, *WIDE) if problem.m <= 6]


def circle(w):
    return np.array([w @ w - 1.0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("exact", [True, False])
def test_bounds_that_are_far_away_change_nothing(method, exact):
    for problem in SMALL:
        words = {"method": method, "max_nfev": 1000, "lane": "interpreted"}
        words |= {"jac": problem.jac} if exact else {}
        free = nlsolve.solve(problem.F, 0.0, problem.w0, **words)
        bounded = nlsolve.solve(problem.F, 0.0, problem.w0, bounds=(-1e300, 1e300), **words)
        assert np.array_equal(free.w, bounded.w), problem.name
        assert not bounded.active_mask.any()


@pytest.mark.parametrize("method", METHODS)
def test_a_solution_at_the_corner_of_circle_and_box(method):
    result = nlsolve.solve(circle, 0.0, [0.1, 0.1], bounds=([0.0, 0.0], [0.6, 0.8]), method=method)
    assert result.success
    np.testing.assert_allclose(result.w, [0.6, 0.8], rtol=1e-9)
    assert result.active_mask.tolist() == [1, 1]


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_at_its_bound_leaves_the_rest_to_the_others(method):
    bounds = ([-np.inf, -np.inf, -1.0], [0.5, np.inf, np.inf])
    result = nlsolve.solve(lambda w: [w @ np.ones(3) - 6.0], 0.0, np.zeros(3), bounds=bounds,
                           method=method)  # fmt: skip
    np.testing.assert_allclose(result.w, [0.5, 2.75, 2.75], rtol=1e-9)
    assert result.active_mask.tolist() == [1, 0, 0]


@pytest.mark.parametrize("method", METHODS)
def test_no_solution_inside_gives_the_minimum_there_and_says_where_it_stands(method):
    bounds = ([0.0, 0.0], [0.5, 0.5])
    result = nlsolve.solve(circle, 0.0, [0.2, 0.3], bounds=bounds, method=method)
    assert result.status is nlsolve.Status.STATIONARY
    np.testing.assert_allclose(result.w, [0.5, 0.5])
    assert "at their bounds: w[0], w[1]" in result.message
    assert result.optimality == 0.0
    assert (result.grad < -0.1).all()


def in_boxes(problems):
    """Yield problems and random boxes about w0; every other box holds a solution."""
    random = np.random.default_rng(7)
    for problem in problems:
        w0 = np.array(problem.w0)
        found = nlsolve.solve(problem.F, 0.0, w0, jac=problem.jac)
        for end in (w0, found.w) if found.success else (w0,):
            below, above = random.uniform(size=(2, w0.size)) ** 3 * (1.0 + np.abs(w0)) + 1e-9
            yield problem, w0, np.minimum(w0, end) - below, np.maximum(w0, end) + above


def test_in_random_boxes_at_least_as_many_roots_are_found_as_by_scipy():
    counts, stationary = {"nlsolve": 0, "trf": 0, "dogbox": 0}, 0
    for problem, w0, low, high in in_boxes(SMALL):

        def F(w, problem=problem, low=low, high=high):
            assert ((low <= w) & (w <= high)).all()
            return problem.F(w)

        bounds = (low, high)
        result = nlsolve.solve(F, 0.0, w0, jac=problem.jac, bounds=bounds, max_nfev=400)
        assert ((low <= result.w) & (result.w <= high)).all()
        small = result.residual_norm <= 1e-10 or result.status.name == "ROOT_TO_ROUNDING"
        assert result.success == small, problem.name
        counts["nlsolve"] += result.success
        for method in ("trf", "dogbox"):
            other = least_squares(problem.F, w0, problem.jac, bounds=bounds, method=method,
                                  xtol=1e-15, ftol=1e-15, gtol=1e-15)  # fmt: skip
            counts[method] += np.linalg.norm(other.fun) <= 1e-8
        if result.status is nlsolve.Status.STATIONARY:  # a local minimum, perhaps one of several
            stationary += 1
            further = least_squares(problem.F, result.w, problem.jac, bounds=bounds,
                                    method="dogbox")  # fmt: skip
            assert further.cost >= result.cost * (1 - 1e-6), problem.name
    assert counts["nlsolve"] >= max(counts["trf"], counts["dogbox"]) > 20, counts
    assert stationary > 10


def test_least_squares_with_more_equations_than_unknowns():
    t = np.linspace(0.0, 2.0, 9)
    F = lambda w: w[0] * np.exp(w[1] * t) + w[2] - np.exp(0.9 * t)  # noqa: E731
    bounds = ([0.0, -1.0, 0.1], [2.0, 0.7, 1.0])
    result = nlsolve.solve(F, 0.0, [1.0, 0.1, 0.5], bounds=bounds)
    scipys = least_squares(F, [1.0, 0.1, 0.5], bounds=bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert result.status is nlsolve.Status.LEAST_SQUARES
    np.testing.assert_allclose(result.w, scipys.x, rtol=1e-5)
    assert result.active_mask.tolist() == scipys.active_mask.tolist() == [0, 1, -1]


def slopes(w):
    return np.array([1.5 * np.sqrt(w[0]), 1 / (2 + w[1]), -1.5 * np.sqrt(1.0 - w[2])])


FORMS = {
    "2-point": {},
    "3-point": {"jac": "3-point"},
    "vectorized": {"vectorized": True},
    "workers": {"workers": map},
    "pattern": {"jac_sparsity": np.eye(3)},
    "pattern, 3-point": {"jac_sparsity": np.eye(3), "jac": "3-point"},
    "given": {"jac": lambda w: np.diag(slopes(w))},
    "sparse": {"jac": lambda w: scipy.sparse.diags_array(slopes(w))},
    "scaled": {"x_scale": [0.3, 7.0, 1.1]},
    "scaled by J": {"x_scale": "jac"},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", METHODS)
def test_F_is_never_evaluated_outside(form, method):
    low, high = np.array([0.0, -2.0 + 1e-9, -1.0]), np.array([4.0, 8.0, 1.0])

    def F(w):
        columns = w.T if w.ndim == 2 else w[None]
        assert ((low <= columns) & (columns <= high)).all()
        return np.array([w[0] * np.sqrt(w[0]) - 0.125, np.log(w[1] + 2.0),
                         (1.0 - w[2]) * np.sqrt(1.0 - w[2]) - 0.512])  # fmt: skip

    result = nlsolve.solve(
        F,
        0.0,
        [4.0, 8.0, 0.99],
        bounds=(low, high),
        method=method,
        max_iter=60,
        **FORMS[form],
    )
    np.testing.assert_allclose(result.w[:2], [0.25, -1.0], rtol=1e-6)
    assert result.w[2] == pytest.approx(1.0 - 0.64, rel=1e-6)


def test_jitted_functions_run_interpreted():
    result = nlsolve.solve(numba.njit(circle), 0.0, [0.1, 0.1], bounds=(0.0, [0.6, 0.8]))
    np.testing.assert_allclose(result.w, [0.6, 0.8], rtol=1e-9)
    assert result.lane == "interpreted"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_array, aslinearoperator])
def test_kinds_of_J_end_at_the_same_point(method, form):
    A = np.random.default_rng(5).standard_normal((4, 12))
    y = A @ np.full(12, 0.3)
    result = nlsolve.solve(lambda w: A @ w + 0.1 * (A @ w) ** 3, y + 0.1 * y**3, np.zeros(12),
        jac=lambda w: form(A * (1.0 + 0.3 * (A @ w)[:, None] ** 2)), bounds=(-0.05, 0.5),
        method=method)  # fmt: skip
    assert result.success
    np.testing.assert_allclose(A @ result.w, y, rtol=1e-8)
    assert result.active_mask.any()
    assert ((result.w >= -0.05) & (result.w <= 0.5)).all()


@pytest.mark.parametrize("method", METHODS)
def test_weights_of_a_network_within_bounds(method):
    network = Dense(np.random.default_rng(6).standard_normal((5, 3)), [40])
    w0 = np.clip(network.initial(0), -1.0, 1.0)
    y = network(w0) + 0.2 * np.array([1.0, -1.0, 1.0, -1.0, 1.0])
    result = nlsolve.solve(network, y, w0, bounds=(-1.0, 1.0), method=method)
    assert result.success
    assert np.abs(result.w).max() <= 1.0
    np.testing.assert_allclose(network(result.w), y, atol=1e-9)


def test_bounds_of_scipy_and_infinite_ones():
    words = {"method": "gauss-newton", "lane": "interpreted"}
    ours = nlsolve.solve(circle, 0.0, [0.3, 0.3], bounds=(-np.inf, [0.5, np.inf]), **words)
    scipys = nlsolve.solve(circle, 0.0, [0.3, 0.3], bounds=Bounds(-np.inf, [0.5, np.inf]), **words)
    free = nlsolve.solve(circle, 0.0, [0.3, 0.3], **words)
    infinite = nlsolve.solve(circle, 0.0, [0.3, 0.3], bounds=(-np.inf, np.inf), **words)
    assert ours.success
    assert ours.w[0] <= 0.5 < free.w[0]
    assert np.array_equal(ours.w, scipys.w)
    assert np.array_equal(free.w, infinite.w)


def test_going_on_stays_inside():
    bounds = (0.0, [0.6, 0.8])
    first = nlsolve.solve(circle, 0.0, [0.1, 0.1], bounds=bounds, max_iter=1)
    whole = nlsolve.solve(circle, 0.0, [0.1, 0.1], bounds=bounds)
    rest = nlsolve.solve(circle, 0.0, state=first.state, bounds=bounds)
    assert np.array_equal(rest.w, whole.w)
    free = nlsolve.solve(circle, 0.0, [2.0, 0.1], max_iter=1)
    with pytest.raises(ValueError, match="state is of a run that left the bounds"):
        nlsolve.solve(circle, 0.0, state=free.state, bounds=(0.0, 1.9))


def test_short_steps_where_unknowns_are_many():
    random = np.random.default_rng(0)
    A = random.standard_normal((3, 20_000))
    y = A @ np.full(20_000, 0.5)
    result = nlsolve.solve(lambda w: A @ w + (A @ w) ** 3 / 1e6, y + y**3 / 1e6, np.zeros(20_000),
        jac=lambda w: A * (1.0 + 3e-6 * (A @ w)[:, None] ** 2), bounds=(-1e-2, 5e-2))  # fmt: skip
    assert result.success
    assert ((result.w >= -1e-2) & (result.w <= 5e-2)).all()


def test_steps_are_the_shortest_that_meet_the_equations():
    random = np.random.default_rng(2)
    for _ in range(40):
        n, m = random.integers(1, 4), random.integers(4, 9)
        J, low, high = random.standard_normal((n, m)), -random.random(m), random.random(m)
        inside = random.uniform(low, high)
        r = -J @ inside
        d = least_norm_within(J, r, 0.0, 1e-12, low, high)[0]
        assert ((low <= d) & (d <= high)).all()
        np.testing.assert_allclose(J @ d, -r, atol=1e-9)
        shortest = minimize(
            lambda d: 0.5 * d @ d, inside, jac=lambda d: d, method="SLSQP",
            bounds=list(zip(low, high, strict=True)), options={"ftol": 1e-14, "maxiter": 500},
            constraints={"type": "eq", "fun": lambda d, J=J, r=r: r + J @ d,
                         "jac": lambda d, J=J: J},
        )  # fmt: skip
        assert np.linalg.norm(d) <= np.linalg.norm(shortest.x) * (1 + 1e-6)


@pytest.mark.parametrize("damping", [0.0, 0.1])
def test_forms_of_J_agree(damping):
    random = np.random.default_rng(3)
    for r in random.standard_normal((20, 3)):
        J, low, high = random.standard_normal((3, 7)), -random.random(7), random.random(7)
        high[0] = np.inf
        ends = [
            least_norm_within(form, r, damping, 1e-12, low, high)[0]
            for form in (J, scipy.sparse.csr_array(J), aslinearoperator(J))
        ]
        losses = [np.sum((r + J @ d) ** 2) + damping * d @ d for d in ends]
        np.testing.assert_allclose(losses, losses[0], rtol=1e-6, atol=1e-12)


def test_certificates_refuse_balls_that_leave_the_box():
    system = nlsolve.parse("x**2 + y**2 = 1")
    words = {"method": "gauss-newton"}
    inside = nlsolve.solve(system, 0.0, [0.7, 0.6], bounds=(0.0, 1.0), **words)
    assert inside.start_certificate.evidence.word == "proved"
    assert inside.certificate.holds
    tight = nlsolve.solve(system, 0.0, [0.7, 0.6], bounds=(0.0, [0.7 + 1e-9, 1.0]), **words)
    assert tight.success
    assert not tight.start_certificate.holds
    assert "bounds of w[0] leave a ball of radius 1e-09" in tight.start_certificate.reason
    corner = nlsolve.solve(system, 0.0, [0.1, 0.1], bounds=(0.0, [0.6, 0.8]), **words)
    assert not corner.certificate.holds
    assert "on or outside the bounds of w[0]" in corner.certificate.reason
    assert corner.certified_from is None


def test_bounds_by_name_in_multistart():
    system = nlsolve.parse("x**2 + y**2 = 2; x*y = 1")
    bounds = ({"x": 0.0, "y": 0.0}, {"x": 2.0, "y": 2.0})
    found = nlsolve.multistart(system, box={"x": (0, 2), "y": (0, 2)}, k=8, bounds=bounds)
    np.testing.assert_allclose(found.w, [[1.0, 1.0]], atol=1e-4)


BAD = {
    "crossed": ({"bounds": (1.0, 0.0)}, ValueError, "low < high"),
    "one side": ({"bounds": 3.0}, ValueError, "bounds must be a pair"),
    "length": ({"bounds": (np.zeros(3), 1.0)}, ValueError, "a number or 2 of them"),
    "NaN": ({"bounds": (np.nan, 1.0)}, ValueError, "low < high"),
    "start": ({"bounds": (0.0, [1.0, 0.2])}, ValueError, r"w0\[1\] = 0.5 is not in \[0.0, 0.2\]"),
    "method": ({"bounds": (0.0, 1.0), "method": "gd"}, ValueError, "'gd' takes no bounds"),
    "lane": ({"bounds": (0.0, 1.0), "lane": "compiled"}, ValueError, "no lane='compiled'"),
    "select": ({"bounds": (0.0, 1.0), "select": "nearest"}, ValueError, "without bounds"),
    "twice": ({"bounds": (0.0, 1.0), "certify": {"bounds": (0, 1)}}, TypeError, "give bounds to"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_bounds_are_named(case):
    words, kind, message = BAD[case]
    with pytest.raises(kind, match=message):
        nlsolve.solve(circle, 0.0, [0.5, 0.5], **words)
