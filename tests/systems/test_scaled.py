"""Is a solve with x_scale that of the system written in v = w / x_scale by hand?"""

import pickle

import numpy as np
import pytest
import scipy.sparse
from scipy.sparse.linalg import aslinearoperator

import nlsolve
from nlsolve.systems.jacobians import as_array
from nlsolve.systems.scaled import scaled_tape
from tests.zoo import STANDARD, WIDE

D = np.array([1.0, 4.0, 0.3])
START = np.array([0.7, 0.5, 0.6])


def F(w):
    return np.array([w @ w - 1.0, w[0] - w[1]])


def jac(w):
    return np.array([2.0 * w, [1.0, -1.0, 0.0]])


def by_hand(**words):
    result = nlsolve.solve(lambda v: F(D * v), 0.0, START / D, **words)
    assert result.success
    return result


FORMS = {
    "array": {"jac": jac},
    "sparse": {"jac": lambda w: scipy.sparse.csr_array(jac(w))},
    "operator": {"jac": lambda w: aslinearoperator(jac(w))},
    "products": {"jvp": lambda w, v: jac(w) @ v, "vjp": lambda w, u: jac(w).T @ u},
    "jvp": {"jvp": lambda w, v: jac(w) @ v},
    "3-point": {"jac": "3-point"},
    "complex step": {"jac": "cs"},
    "pattern": {"jac_sparsity": [[1, 1, 1], [1, 1, 0]]},
    "workers": {"workers": map},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_derivatives_equals_the_system_scaled_by_hand(form):
    result = nlsolve.solve(F, 0.0, START, x_scale=D, check_jac="raise", **FORMS[form])
    expected = by_hand(jac=lambda v: jac(D * v) * D)
    assert result.success
    np.testing.assert_allclose(result.w, D * expected.w, rtol=1e-6)
    np.testing.assert_allclose(as_array(result.jac), jac(result.w), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(result.grad, jac(result.w).T @ result.fun, atol=1e-12)


@pytest.mark.parametrize(
    "method", ["auto", "gauss-newton", "levenberg-marquardt", "dogleg", "gd", "sgd"]
)
def test_every_method_takes_the_steps_of_the_system_scaled_by_hand(method):
    words = {"method": method} | ({"max_iter": 2000} if method == "sgd" else {})
    result = nlsolve.solve(F, 0.0, START, jac=jac, x_scale=D, **words)
    expected = by_hand(jac=lambda v: jac(D * v) * D, **words)
    assert result.nit == expected.nit
    np.testing.assert_allclose(result.w, D * expected.w, rtol=1e-12)
    steps = result.history.step, expected.history.step
    np.testing.assert_allclose(*steps, rtol=1e-9, atol=1e-14)


def test_values_and_jacobian_from_one_function():
    result = nlsolve.solve(lambda w: (F(w), jac(w)), 0.0, START, jac=True, x_scale=D)
    np.testing.assert_allclose(result.w, D * by_hand().w, rtol=1e-6)


def test_rows_of_batches():
    rows = lambda w, batch: (F(w)[batch], jac(w)[batch])  # noqa: E731
    words = {"method": "sgd", "rng": 1, "max_iter": 2000}
    own = nlsolve.solve(F, 0.0, START, jac=jac, rows=rows, x_scale=D, **words)
    np.testing.assert_allclose(own.w, D * by_hand(jac=lambda v: jac(D * v) * D, **words).w)


def test_vectorized_functions_see_points_in_their_units():
    def G(w):
        return np.array([np.sum(w * w, axis=0) - 1.0, w[0] - w[1]])

    result = nlsolve.solve(G, 0.0, START, vectorized=True, x_scale=D)
    np.testing.assert_allclose(result.w, D * by_hand().w, rtol=1e-6)


@pytest.mark.parametrize("scale", [2.0, [2.0, 2.0, 2.0]])
def test_one_number_is_for_all(scale):
    result = nlsolve.solve(F, 0.0, START, jac=jac, x_scale=scale)
    plain = nlsolve.solve(F, 0.0, START, jac=jac)
    np.testing.assert_allclose(result.w, plain.w, rtol=1e-14)
    np.testing.assert_allclose(2.0 * result.history.step, plain.history.step, rtol=1e-9, atol=1e-15)


def test_scale_1_changes_nothing():
    default, given = (nlsolve.solve(F, 0.0, START, **words) for words in ({}, {"x_scale": 1}))
    assert np.array_equal(default.w, given.w)
    assert default.nfev == given.nfev


def test_jac_makes_columns_of_length_one_to_a_power_of_two():
    S = np.array([1e-8, 1.0, 1e8])
    words = {"x_scale": "jac", "method": "gauss-newton", "max_iter": 1}
    result = nlsolve.solve(
        lambda w: F(w / S), 0.0, START * S, jac=lambda w: jac(w / S) / S, **words
    )
    scale = result.state.scale
    assert (np.frexp(scale)[0] == 0.5).all()
    lengths = np.linalg.norm(jac(START) / S * scale, axis=0)
    assert (lengths >= 0.5**0.5).all()
    assert (lengths <= 2.0**0.5).all()


def test_unknowns_of_sizes_1e8_apart():
    """With differences, whose steps are too long for unknowns near 1e-8: 64 against 5 of 67."""
    solved = {1.0: 0, "jac": 0}
    for problem in (*STANDARD, *WIDE):
        S = np.where(np.arange(problem.m) % 2, 1e-8, 1.0)
        for scale in solved:
            result = nlsolve.solve(
                lambda w, F=problem.F, S=S: F(w / S), 0.0, problem.w0 * S,
                x_scale=scale, method="gauss-newton", max_nfev=3000,
            )  # fmt: skip
            solved[scale] += result.success
    assert solved["jac"] >= 60
    assert solved[1.0] <= 10


def test_what_the_user_sees_is_in_their_units():
    seen, points = [], []
    words = {"x_scale": D, "store_path": True, "jac": jac}
    result = nlsolve.solve(F, 0.0, START, callback=seen.append, **words)
    nlsolve.solve(F, 0.0, START, callback=lambda intermediate_result: points.append(
        intermediate_result.w), **words)  # fmt: skip
    np.testing.assert_allclose(result.path[0], START, rtol=1e-15)
    assert np.array_equal(result.path[1:], seen)
    assert np.array_equal(points, seen)
    assert np.array_equal(seen[-1], result.w)
    np.testing.assert_allclose(result.fun, F(result.w), atol=1e-15)


def test_a_run_goes_on_in_its_own_units():
    scale = [1.0, 4.0, 0.25]
    whole = nlsolve.solve(F, 0.0, START, jac=jac, x_scale=scale)
    first = nlsolve.solve(F, 0.0, START, jac=jac, x_scale=scale, max_iter=2)
    rest = nlsolve.solve(F, 0.0, jac=jac, state=first.state)
    assert np.array_equal(rest.w, whole.w)


def test_errors_name_the_point_in_the_units_of_F():
    def G(w):
        if w[1] != 2.0:
            raise ZeroDivisionError("here")
        return w

    with pytest.raises(nlsolve.EvaluationError, match=r"w = \[8\. +2\.0"):
        nlsolve.solve(G, 0.0, [8.0, 2.0], x_scale=[4.0, 2.0])


def test_choices_among_solutions_are_made_in_w():
    words = {"jac": jac, "select": "min-norm"}
    scaled, plain = (nlsolve.solve(lambda w: w[:1] + 2.0 * w[1:2] - 5.0, 0.0, [4.0, 3.0],
        x_scale=x, select="min-norm") for x in ([1.0, 64.0], 1.0))  # fmt: skip
    np.testing.assert_allclose(scaled.w, [1.0, 2.0], rtol=1e-6)
    np.testing.assert_allclose(plain.w, [1.0, 2.0], rtol=1e-6)
    assert "locally of least norm" in nlsolve.solve(F, 0.0, START, x_scale=D, **words).message


SPHERE = "x**2 + y**2 + z**2 = 1; x = y"


def test_promises_are_proved_in_v_and_say_so_and_distances_in_w():
    system = nlsolve.parse(SPHERE)
    result = nlsolve.solve(system, 0.0, START, x_scale="jac", method="gauss-newton")
    promise, found = result.start_certificate, result.certificate
    assert promise.holds
    assert promise.evidence.word == "proved"
    assert promise.claim.startswith("in v = w / x_scale")
    assert "v = w / x_scale" in promise.assumptions[0]
    np.testing.assert_allclose(promise.w * result.state.scale, START)
    assert result.check_promise().kept
    assert found.evidence.word == "proved"
    assert "x_scale" not in found.claim
    assert np.array_equal(found.w, result.w)
    again = pickle.loads(pickle.dumps(result))
    assert again.start_certificate.claim == promise.claim
    moved = abs(result.w / result.state.scale - promise.w)
    assert promise.distance[0] <= np.linalg.norm(moved) <= promise.radius


def test_constants_of_F_in_w_certify_no_steps_in_v():
    result = nlsolve.solve(
        F, 0.0, START, jac=jac, x_scale=D, method="gauss-newton", certify={"lipschitz": 2.0}
    )
    assert not result.start_certificate.holds
    assert "x_scale" in result.start_certificate.reason
    assert result.certified_from is None
    assert result.certificate.holds


def test_formulas_in_v_are_the_formulas_of_w():
    text = "exp(x)*y/3 + sqrt(x + 2)**3 = 1; atan2(y, x) - x**-2 = pi*a"
    system = nlsolve.parse(text, parameters={"a": 2})
    scale, v = np.array([0.1, 3.0]), np.array([0.7, 0.4])
    own = nlsolve.FormulaSystem(scaled_tape(system.tape, scale)).at(a=2)
    np.testing.assert_allclose(own(v), system(scale * v), rtol=1e-14)


def test_multistart_takes_a_scale():
    system = nlsolve.parse("x**2 + y**2 = 2; x*y = 1")
    box = {"x": (-2, 2), "y": (-2, 2)}
    found = nlsolve.multistart(system, box=box, k=16, x_scale={"x": 1.0, "y": 4.0}, certify=True)
    np.testing.assert_allclose(np.sort(found.w, axis=0), [[-1, -1], [1, 1]], atol=1e-4)


BAD = {
    "zero": (0.0, {}, "positive"),
    "negative": ([1.0, -1.0, 1.0], {}, "positive"),
    "length": ([1.0, 2.0], {}, "3 of them"),
    "word": ("jacobian", {}, "'jac'"),
    "infinite": ([1.0, np.inf, 1.0], {}, "x_scale must be finite"),
    "lane": (D, {"lane": "compiled"}, "x_scale has no lane='compiled'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_scales_are_named(case):
    scale, words, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        nlsolve.solve(F, 0.0, START, x_scale=scale, **words)


def test_columns_of_an_operator_are_not_known():
    words = {"jac": lambda w: aslinearoperator(jac(w)), "x_scale": "jac"}
    with pytest.raises(nlsolve.EvaluationError, match="only products with J are known"):
        nlsolve.solve(F, 0.0, START, **words)
