"""Does a search from many starts find the solutions that are known, whoever computes?"""

import itertools
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from scipy.stats import qmc

import nlsolve
from nlsolve import EvaluationError, Evidence, Status
from tests.systems.functions import jitted

FOUR = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, -2.0], [-2.0, -1.0]])
TEXT = "x**2 + y**2 = 5; x*y = 2"
BOX = ([-3.0, -4.0], [3.5, 4.0])


def four_roots(w):
    return np.array([w @ w - 5.0, w[0] * w[1] - 2.0])


def four_roots_jacobian(w):
    return np.array([2.0 * w, [w[1], w[0]]])


def half_defined(w):
    """`four_roots`, where w[0] >= 0; elsewhere an error."""
    if w[0] < 0.0:
        raise ValueError("w[0] is negative")
    return four_roots(w)


def by_coordinates(points):
    return points[np.lexsort(points.T)]


def search(F=four_roots, k=24, **words):
    return nlsolve.multistart(F, **{"box": BOX, **words}, k=k)


def test_all_four_roots_are_found_nearest_to_the_centre_first():
    found = search()
    np.testing.assert_allclose(by_coordinates(found.w), by_coordinates(FOUR), atol=1e-9)
    assert found.success
    away = (found.w - [0.25, 0.0]) / [6.5, 8.0]
    assert (np.diff(np.linalg.norm(away, axis=1)) > 0.0).all()


def test_the_numbers_agree_with_each_other():
    found = search()
    assert len(found.outcomes) == len(found.found) == len(found.starts) == 24
    np.testing.assert_array_equal(found.counts, [(found.found == j).sum() for j in range(4)])
    assert found.nfev == sum(one.nfev for one in found.outcomes)
    assert found.njev == sum(one.njev for one in found.outcomes)
    assert sum(found.statuses.values()) == 24
    for j, one in zip(found.found, found.outcomes, strict=True):
        assert one.success == (j >= 0)
        if j >= 0:
            np.testing.assert_allclose(one.w, found.w[j], atol=1e-9)


@pytest.mark.parametrize("k", [1, 5, 24])
def test_starts_are_the_first_points_of_a_scrambled_sobol_sequence(k):
    found = search(k=k, rng=7)
    sobol = qmc.Sobol(2, scramble=True, seed=np.random.default_rng(7)).random_base2(5)[:k]
    np.testing.assert_array_equal(found.starts, BOX[0] + sobol * (np.array(BOX[1]) - BOX[0]))


def test_the_same_call_gives_the_same_answer_and_another_seed_another():
    first, again, other = search(k=3), search(k=3), search(k=3, rng=1)
    np.testing.assert_array_equal(first.starts, again.starts)
    assert not np.array_equal(first.starts, other.starts)


def assert_same(one, other):
    np.testing.assert_array_equal(one.w, other.w)
    np.testing.assert_array_equal(one.found, other.found)
    assert one.statuses == other.statuses
    assert (one.nfev, one.njev) == (other.nfev, other.njev)
    for a, b in zip(one.outcomes, other.outcomes, strict=True):
        assert (str(a), type(a)) == (str(b), type(b))


@pytest.mark.parametrize("jac", [None, four_roots_jacobian], ids=["differences", "jac"])
def test_the_result_does_not_depend_on_who_computes(jac):
    alone = search(half_defined, jac=jac)
    assert_same(alone, search(half_defined, jac=jac, workers=2))
    assert_same(alone, search(half_defined, jac=jac, workers=lambda f, points: map(f, points)))
    with ThreadPoolExecutor(2) as pool:
        assert_same(alone, search(half_defined, jac=jac, workers=pool))


def test_results_of_other_processes_know_their_system():
    with ProcessPoolExecutor(1) as pool:
        found = search(nlsolve.parse(TEXT), workers=pool)
    for one in found.solutions:
        J = four_roots_jacobian(one.w)
        np.testing.assert_allclose(one.sensitivity().matrix, np.linalg.inv(J), atol=1e-8)
        assert one.certificate.evidence is Evidence.PROVED
        assert one.named == {"x": one.w[0], "y": one.w[1]}


def test_jitted_functions_are_sent_to_processes():
    words = {
        "box": (-3.0, [3.0, 3.0]),
        "k": 6,
        "jac": jitted["squares_jacobian"],
        "check_jac": False,
    }
    alone = nlsolve.multistart(jitted["squares"], **words)
    assert alone.solutions[0].lane == "compiled"
    assert_same(alone, nlsolve.multistart(jitted["squares"], **words, workers=2))


@pytest.mark.parametrize("name", ["F", "callback"])
def test_what_cannot_be_sent_is_named_before_anything_is(name):
    words = {"F": lambda w: four_roots(w)} if name == "F" else {"callback": lambda w: None}
    with pytest.raises(TypeError, match=rf"workers=2 sends {name} to other processes.*Thread"):
        search(**words, workers=2)


def test_starts_where_F_is_not_defined_are_kept():
    found = search(half_defined)
    outside = [isinstance(one, EvaluationError) for one in found.outcomes]
    assert any(outside)
    assert all(outside[j] for j in np.flatnonzero(found.starts[:, 0] < 0.0))
    assert found.statuses["EvaluationError"] == sum(outside)
    assert (found.found[outside] == -1).all()
    np.testing.assert_allclose(by_coordinates(found.w), by_coordinates(FOUR[:2]), atol=1e-9)


def test_F_that_is_never_defined_gives_no_solution():
    found = search(half_defined, k=4, box=(-2.0, [-1.0, 1.0]))
    assert not found.success
    assert found.w.shape == (0, 2)
    assert found.nfev == 4
    assert "0 distinct solutions from 4 starts" in repr(found)
    assert "the first: F raised ValueError: w[0] is negative" in repr(found)


def test_a_wrong_jacobian_is_told_once():
    with pytest.warns(nlsolve.JacobianWarning) as told:
        search(k=4, jac=lambda w: 3.0 * four_roots_jacobian(w), max_iter=2)
    assert len(told) == 1


def test_an_interrupt_keeps_what_was_computed():
    calls = itertools.count()

    def interrupted(w):
        if next(calls) == 60:
            raise KeyboardInterrupt
        return four_roots(w)

    with pytest.raises(KeyboardInterrupt) as error:
        search(interrupted)
    partial, whole = error.value.partial_result, search()
    done = len(partial.outcomes)
    assert 0 < done < 24
    np.testing.assert_array_equal(partial.starts, whole.starts[:done])
    assert [str(one) for one in partial.outcomes] == [str(one) for one in whole.outcomes[:done]]


def test_a_multiple_root_is_one_solution():
    found = nlsolve.multistart(lambda w: (w - 0.3) ** 2, box=(-1.0, 1.0), k=16)
    assert found.w.shape == (1, 1)
    assert np.ptp([one.w[0] for one in found.outcomes]) > 1e-6  # their spread, far above rounding
    assert found.counts == [16]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("x**2 + y**2 = 1; (x - 2)**2 + y**2 = 1", [[1, 0]]),  # circles that touch
        ("(x - 1)**3*(x + 2) = 0; y**2 = x**2", [[-2, -2], [-2, 2], [1, -1], [1, 1]]),
        ("x**4 + y**4 = 1; x**2*y = 0", [[-1, 0], [0, -1], [0, 1], [1, 0]]),
    ],
)
def test_solutions_of_any_multiplicity_are_counted_once(text, points):
    found = nlsolve.multistart(nlsolve.parse(text), box=(-3.0, 3.0), k=64)
    np.testing.assert_array_equal(sorted((found.w.round(3) + 0.0).tolist()), points)


def test_all_27_roots_of_iterated_chebyshev_polynomials_are_found():
    """T_27(x) = x, x = cos t: 27 t = +-t + 2 pi j."""
    system = nlsolve.parse("4*x**3 - 3*x = y; 4*y**3 - 3*y = z; 4*z**3 - 3*z = x")
    found = nlsolve.multistart(system, box=(-1.1, 1.1), k=256)
    angles = np.concatenate([np.arange(14) / 26.0, np.arange(1, 14) / 28.0])
    expected = np.sort(np.cos(2.0 * np.pi * angles))
    np.testing.assert_allclose(np.sort(found.w[:, 0]), expected, atol=1e-9)


def test_near_roots_are_two_in_a_large_box():
    def near(w):
        return (w - 1.0) * (w - 1.001)

    found = nlsolve.multistart(near, box=(-1e3, 1e3), k=8, jac=lambda w: np.diag(2.0 * w - 2.001))
    np.testing.assert_allclose(np.sort(found.w[:, 0]), [1.0, 1.001], atol=1e-6)
    merged = nlsolve.multistart(near, box=(-1e3, 1e3), k=8, distinct=1e-3)
    assert len(merged.solutions) == 1


@pytest.mark.parametrize("distinct", [1.0, 1e-300])
def test_certificates_are_asked_before_tolerances(distinct):
    found = search(nlsolve.parse(TEXT), k=10, distinct=distinct, certify=True)
    np.testing.assert_allclose(by_coordinates(found.w), by_coordinates(FOUR), atol=1e-9)
    assert found.certified is Evidence.PROVED
    assert "every two of them certified to differ (proved)" in repr(found)


def test_certificates_are_asked_as_solve_is_asked():
    found = search(jac=four_roots_jacobian, k=10, certify={"lipschitz": 4.0})
    assert found.certified is Evidence.ASSUMED  # |J(u) - J(v)| <= 3 |u - v|: rows 2 d and (d1, d0)
    with pytest.raises(TypeError, match="certify: unknown keyword 'lipshitz'"):
        search(certify={"lipshitz": 4.0})


def test_without_certificates_nothing_is_certified():
    assert search().certified is None
    assert "certified" not in repr(search())


def test_points_of_a_curve_are_told_apart_by_distance():
    def circle(w):
        return np.array([w @ w - 1.0])

    found = nlsolve.multistart(circle, box=(-2.0, [2.0, 2.0]), k=100, distinct=0.2)
    gaps = [np.abs(a - b).max() for a, b in itertools.combinations(found.w, 2)]
    assert min(gaps) > 0.2 * 4.0
    assert found.counts.sum() == 100
    assert len(nlsolve.multistart(circle, box=(-2.0, [2.0, 2.0]), k=100).solutions) > 50


def test_boxes_may_be_named():
    found = search(nlsolve.parse(TEXT), box={"y": (0.0, 3.0), "x": (-1.0, 2.0)}, k=4)
    assert (found.starts >= [-1.0, 0.0]).all()
    assert (found.starts <= [2.0, 3.0]).all()
    whole = search(nlsolve.parse(TEXT), box=(-1.0, 1.0), k=4)
    assert whole.starts.shape == (4, 2)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"box": 3.0}, ValueError, r"box must be a pair \(lo, hi\)"),
        ({"box": (1.0, [0.0, 2.0])}, ValueError, r"lo\[0\] = 1.0 > hi\[0\] = 0.0"),
        ({"box": ([0.0] * 3, [1.0] * 2)}, ValueError, "3 lower and 2 upper limits"),
        ({"box": (0.0, np.inf)}, ValueError, r"box\[1\] must be finite"),
        ({"box": {"x": (0, 1)}}, TypeError, "F has no names for its unknowns"),
        ({"box": (0.0, np.ones(30_000))}, ValueError, "30000 unknowns"),
        ({"k": 0}, ValueError, "k must be a positive integer, got 0"),
        ({"k": 2.5}, ValueError, "k must be a positive integer"),
        ({"distinct": 0.0}, ValueError, "distinct must be a positive number"),
        ({"w0": [1.0, 1.0]}, TypeError, "takes no w0"),
        ({"checkpoint": "run.npz"}, TypeError, "takes no checkpoint"),
        ({"workers": 0}, ValueError, "workers must be"),
        ({"methd": "gd"}, TypeError, "did you mean method"),
    ],
)
def test_what_is_not_understood_is_named(words, error, message):
    with pytest.raises(error, match=message):
        search(**{"k": 4, **words})


def test_names_of_a_box_are_those_of_the_unknowns():
    with pytest.raises(ValueError, match="no value for 'y'"):
        search(nlsolve.parse(TEXT), box={"x": (0.0, 1.0)}, k=2)


def test_keywords_of_solve_are_passed_on():
    found = search(k=4, method="levenberg-marquardt", tol=1e-3, max_iter=1)
    assert {one.method for one in found.outcomes} == {"levenberg-marquardt"}
    assert all(one.nit <= 1 for one in found.outcomes)
    assert not found.success
    assert set(found.statuses) == {Status.MAX_ITER.value}


def test_what_is_shown(capsys):
    found = search(progress=True)
    assert "24 starts" in capsys.readouterr().err.replace("24/24", "24 starts")
    assert repr(found).startswith("4 distinct solutions from 24 starts\n")
    page = found._repr_html_()
    assert page.count("<tr>") == 1 + 4 + 1 + len(found.statuses)
    many = nlsolve.multistart(lambda w: [w @ w - 1.0], box=(-2.0, [2.0, 2.0]), k=30)
    assert f"and {len(many.solutions) - 10} more" in repr(many)


def test_any_number_of_starts_is_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(search(k=7).starts) == 7
