"""Does a solution move as its sensitivities say? Against closed forms, sympy and solving again."""

import pickle

import numpy as np
import pytest
import sympy

import nlsolve

A = np.array([[2.0, 1.0, 0.0, 1.0], [0.0, 1.0, -1.0, 3.0]])


def curved(w, a, b=0.5):
    return np.array([w @ w - a[0] * a[1], w[0] * w[1] - b * w[2]])


def curved_jacobian(w, a, b=0.5):
    return np.array([2.0 * w, [w[1], w[0], -b, 0.0]])


def solved_curved(a=(2.0, 1.5), b=0.5, **words):
    arguments = {"args": (np.array(a),), "kwargs": {"b": b}, "jac": curved_jacobian}
    return nlsolve.solve(curved, 0.0, [1.0, 0.6, 0.8, 0.3], **{**arguments, **words})


def nearest_again(sol, y=0.0, a=(2.0, 1.5), b=0.5):
    """The solution of a system a little changed that Gauss-Newton finds from the old one.

    It differs from the nearest one by the square of the change.
    """
    return nlsolve.solve(
        curved, y, sol.w, jac=curved_jacobian, args=(np.array(a),), kwargs={"b": b},
        method="gauss-newton", tol=1e-13,
    ).w  # fmt: skip


def test_linear_systems_move_by_the_pseudo_inverse():
    sol = nlsolve.solve(lambda w: A @ w, [1.0, 2.0], np.ones(4), jac=lambda w: A)
    np.testing.assert_allclose(sol.sensitivity().matrix, np.linalg.pinv(A), atol=1e-15)


def test_the_nearest_point_of_a_circle_moves_along_the_radius():
    sol = nlsolve.solve(lambda w, s: [w @ w - s], 0.0, [3.0, 4.0], args=(25.0,))
    along = np.array([[0.6], [0.8]]) / 10.0  # of w = sqrt(s) (0.6, 0.8)
    np.testing.assert_allclose(sol.sensitivity("y").matrix, along, rtol=1e-7)
    np.testing.assert_allclose(sol.sensitivity("args").matrix, along, rtol=1e-7)


@pytest.mark.parametrize("dy", [[1.0, 0.0], [0.0, 1.0], [0.3, -2.0]])
def test_solving_again_for_another_y_agrees(dy):
    sol, h = solved_curved(tol=1e-13), 1e-5
    right, left = (nearest_again(sol, y=sign * h * np.array(dy)) for sign in (1, -1))
    np.testing.assert_allclose(sol.sensitivity().jvp(dy), (right - left) / (2 * h), atol=1e-8)


def test_solving_again_for_other_arguments_agrees():
    sol, h = solved_curved(tol=1e-13), 1e-5
    of_a = [
        (nearest_again(sol, a=np.array([2.0, 1.5]) + d) - nearest_again(sol, a=[2.0, 1.5] - d))
        / (2 * h)
        for d in h * np.eye(2)
    ]
    of_b = (nearest_again(sol, b=0.5 + h) - nearest_again(sol, b=0.5 - h)) / (2 * h)
    np.testing.assert_allclose(sol.sensitivity("args", 0).matrix, np.transpose(of_a), atol=1e-8)
    np.testing.assert_allclose(sol.sensitivity("args", -1).matrix, np.transpose(of_a), atol=1e-8)
    np.testing.assert_allclose(sol.sensitivity("args", "b").matrix[:, 0], of_b, atol=1e-8)


def test_square_systems_agree_with_implicit_differentiation_by_sympy():
    x, y, a, b = sympy.symbols("x y a b")
    equations = sympy.Matrix([x**2 + a * sympy.sin(y) - 1, x * y - b])
    implicit = -equations.jacobian([x, y]).inv() * equations.jacobian([a, b])
    formulas = nlsolve.from_sympy(equations, [x, y], parameters={a: 0.7, b: 0.4})
    sol = nlsolve.solve(formulas, 0.0, [1.0, 0.4], tol=1e-14)
    expected = implicit.subs({x: sol.w[0], y: sol.w[1], a: 0.7, b: 0.4})
    found = sol.sensitivity("args")
    np.testing.assert_allclose(found.matrix, np.array(expected, float), rtol=1e-12)
    np.testing.assert_allclose(
        sol.sensitivity("args", "b").matrix, np.array(expected, float)[:, 1:], rtol=1e-12
    )
    np.testing.assert_array_equal(
        sol.sensitivity("args", 1).matrix, sol.sensitivity("args", "b").matrix
    )
    assert "to a, b" in repr(found)


@pytest.mark.parametrize("of", ["y", "args"])
def test_products_agree_with_the_matrix(of):
    sol = solved_curved()
    S = sol.sensitivity(of, None if of == "y" else 0)
    change, v = np.array([0.3, -1.1]), np.array([1.0, 2.0, -3.0, 0.5])
    np.testing.assert_allclose(S.jvp(change), S.matrix @ change, rtol=1e-12)
    np.testing.assert_allclose(S.vjp(v), S.matrix.T @ v, rtol=1e-12)
    np.testing.assert_allclose(S @ change, S.matrix @ change, rtol=1e-12)
    np.testing.assert_allclose(S.T @ v, S.matrix.T @ v, rtol=1e-12)
    np.testing.assert_array_equal(np.asarray(S), S.matrix)
    assert S.shape == S.matrix.shape == (4, 2)


def test_adjoints_of_formulas_agree_with_their_matrix():
    text = "x**2 + y**2 + z**2 = a; x*y = b*z"
    formulas = nlsolve.parse(text, parameters={"a": 2, "b": 0.5})
    S = nlsolve.solve(formulas, 0.0, [1.0, 0.5, 0.7]).sensitivity("args")
    v = np.array([1.0, 2.0, -3.0])
    np.testing.assert_allclose(S.vjp(v), S.matrix.T @ v, rtol=1e-12)
    np.testing.assert_allclose(S.jvp([0.1, 0.2]), S.matrix @ [0.1, 0.2], rtol=1e-12)


def test_arrays_count_in_C_order_and_keep_their_shape():
    def F(w, M):
        assert M.shape == (2, 3)
        return M @ w

    M = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]])
    sol = nlsolve.solve(F, [1.0, 2.0], np.ones(3), args=(M,))
    by_entries = np.kron(np.eye(2), sol.w)  # d(M w)_i / dM_jk = [i = j] w_k
    expected = -np.linalg.pinv(M) @ by_entries
    np.testing.assert_allclose(sol.sensitivity("args").matrix, expected, atol=1e-7)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_arguments_of_any_scale_are_differentiated(scale):
    sol = nlsolve.solve(lambda w, p: [w @ w - (p / scale) ** 2], 0.0, [0.6, 0.8], args=(scale,))
    found = sol.sensitivity("args").matrix[:, 0] * scale
    np.testing.assert_allclose(found, [0.6, 0.8], rtol=1e-7)


def test_F_that_returns_its_jacobian_too():
    sol = solved_curved()
    both = nlsolve.solve(
        lambda w, a: (curved(w, a), curved_jacobian(w, a)), 0.0, sol.w,
        jac=True, args=(np.array([2.0, 1.5]),),
    )  # fmt: skip
    np.testing.assert_allclose(
        both.sensitivity("args").matrix, sol.sensitivity("args", 0).matrix, rtol=1e-9
    )


def test_products_alone_are_enough():
    sol = solved_curved(
        jac=None,
        jvp=lambda w, v, a, b: curved_jacobian(w, a, b) @ v,
        vjp=lambda w, u, a, b: curved_jacobian(w, a, b).T @ u,
        method="gd",
    )
    assert sol.jac is None
    expected = np.linalg.pinv(curved_jacobian(sol.w, None))
    np.testing.assert_allclose(sol.sensitivity().matrix, expected, atol=1e-14)


def test_counts_of_the_result_stay():
    sol = solved_curved()
    before = sol.nfev, sol._case().made.problem.counts.copy()
    sol.sensitivity("args", 0)
    assert sol.nfev == before[0]
    np.testing.assert_array_equal(sol._case().made.problem.counts, before[1])


def test_lost_rank_is_an_error_with_numbers():
    def F(w):
        return np.array([w[0] + w[1] - 1.0, 2.0 * w[0] + 2.0 * w[1] - 2.0])

    sol = nlsolve.solve(F, 0.0, [0.2, 0.3, 0.4], jac=lambda w: np.array([[1, 1, 0], [2, 2, 0.0]]))
    with pytest.raises(np.linalg.LinAlgError, match=r"rank 1 for 2 equations: of equation \d only"):
        sol.sensitivity()


def test_more_equations_than_unknowns_are_an_error():
    sol = nlsolve.solve(lambda w: [w[0], 2.0 * w[0]], [1.0, 2.0], [0.3])
    with pytest.raises(np.linalg.LinAlgError, match="rank 1 for 2 equations"):
        sol.sensitivity()


def test_a_point_that_is_no_solution_has_no_sensitivity():
    failed = nlsolve.solve(lambda w: [w[0] ** 2 + 1.0], 0.0, [1.0])
    with pytest.raises(ValueError, match="w is no solution"):
        failed.sensitivity()


@pytest.mark.parametrize(
    ("of", "index", "error", "message"),
    [
        ("x", None, ValueError, "of must be 'y' or 'args', got 'x'"),
        ("y", 0, TypeError, "index belongs to of='args'"),
        ("args", None, ValueError, r"which argument of F is meant, .*\(0, 'b'\)"),
        ("args", 1, ValueError, "got 1"),
        ("args", "c", ValueError, "got 'c'"),
        ("args", True, ValueError, "got True"),
    ],
)
def test_what_is_not_understood_is_named(of, index, error, message):
    with pytest.raises(error, match=message):
        solved_curved().sensitivity(of, index)


def test_arguments_that_are_no_floats_are_refused():
    sol = nlsolve.solve(lambda w, k: w - k, 0.0, [1.0, 2.0], args=(np.array([1, 2]),))
    with pytest.raises(TypeError, match=r"args\[0\] must be a number or an array of floats"):
        sol.sensitivity("args")


def test_formulas_without_parameters_say_so():
    sol = nlsolve.solve(nlsolve.parse("x**2 + y**2 = 1"), 0.0, [0.5, 0.5])
    with pytest.raises(ValueError, match="have no parameters"):
        sol.sensitivity("args")
    given = nlsolve.solve(nlsolve.parse("x**2 + y = a", parameters={"a": 2}), 0.0, [0.5, 0.5])
    with pytest.raises(ValueError, match=r"parameter \(a\), got 'q'"):
        given.sensitivity("args", "q")


def test_a_result_whose_system_could_not_be_pickled_says_so():
    sol = nlsolve.solve(lambda w: [w @ w - 1.0], 0.0, [0.5, 0.5])
    with pytest.raises(ValueError, match="could not be pickled"):
        pickle.loads(pickle.dumps(sol)).sensitivity()
