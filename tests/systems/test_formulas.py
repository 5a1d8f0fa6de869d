"""Is a system of formulas a System like any other, and are its parameters what the user gave?"""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest

import nlsolve
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.formulas import FormulaSystem
from nlsolve.systems.parse import parse
from nlsolve.systems.tape import UNKNOWN, Builder, Tape
from tests.systems.formulas_at_random import random_point, random_tape
from tests.systems.functions import METHODS


def written(unknowns=("x", "y", "z"), parameters=("radius", "slope")):
    """Return x^2 + y^2 + z^2 - radius^2 and z - slope x y as a tape."""
    write = Builder(unknowns, parameters)
    x, y, z = (write.unknown(j) for j in range(3))
    squares = write.total([write.power(node, 2) for node in (x, y, z)])
    product = write.apply("mul", write.parameter(1), write.apply("mul", x, y))
    radius = write.power(write.parameter(0), 2)
    return write.build([write.apply("sub", squares, radius), write.apply("sub", z, product)])


def plain(w, radius=2.0, slope=0.5):
    x, y, z = w
    return np.array([x * x + y * y + z * z - radius**2, z - slope * x * y])


def plain_jacobian(w, radius=2.0, slope=0.5):
    x, y, z = w
    return np.array([[2 * x, 2 * y, 2 * z], [-slope * y, -slope * x, 1.0]])


@pytest.fixture
def system():
    return FormulaSystem(written(), parameters={"radius": 2.0, "slope": 0.5})


W0 = np.array([1.0, 2.0, -1.0])


def test_it_answers_what_a_system_is_asked(system):
    np.testing.assert_allclose(system(W0), plain(W0), rtol=1e-15)
    J, v, u = plain_jacobian(W0), np.array([0.5, -1.0, 2.0]), np.array([3.0, -1.0])
    np.testing.assert_allclose(system.jacobian(W0, 2), J, rtol=1e-15)
    np.testing.assert_allclose(system.jvp(W0, v), J @ v, rtol=1e-15)
    np.testing.assert_allclose(system.vjp(W0, u), J.T @ u, rtol=1e-15)
    values, rows = system.rows(W0, np.array([1]))
    np.testing.assert_allclose(values, plain(W0)[1:], rtol=1e-15)
    np.testing.assert_allclose(rows, J[1:], rtol=1e-15)
    assert (system.kind, system.source, system.compilable) == ("exact", "jac", False)


def test_hessians_and_sparsity(system):
    (first, second) = system.hessians(W0)
    np.testing.assert_array_equal(first[0], [0, 1, 2])
    np.testing.assert_array_equal(first[1], 2.0 * np.eye(3))
    np.testing.assert_array_equal(second[1], [[0, -0.5, 0], [-0.5, 0, 0], [0, 0, 0]])
    rows, columns = system.sparsity
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_solve_does_what_it_does_with_the_function(system, method):
    options = {"step": 0.05, "max_iter": 2000} if method in ("gd", "sgd") else {}
    given = nlsolve.solve(plain, 0.0, W0, jac=plain_jacobian, method=method, **options)
    result = nlsolve.solve(system, 0.0, W0, method=method, **options)
    assert given.success
    assert result.status is given.status
    assert result.nit == given.nit
    np.testing.assert_allclose(result.w, given.w, rtol=1e-9)


def test_right_hand_side_and_certificate(system):
    result = nlsolve.solve(system, [1.0, 0.25], W0)
    np.testing.assert_allclose(plain(result.w), [1.0, 0.25], atol=1e-9)
    certificate = nlsolve.certify(system, [1.0, 0.25], result.w, hessian_bound=[2.0, 0.5])
    assert certificate.holds
    assert certificate.distance[1] < 1e-8


@pytest.mark.parametrize("seed", range(5))
def test_random_formulas_are_solved_to_the_root_that_was_put_in(seed):
    tape = random_tape(seed, equations=3, unknowns=6, smooth=True)
    system, root = FormulaSystem(tape), random_point(seed, 6) / 2
    start = root + 1e-3 * random_point(seed + 50, 6)
    result = nlsolve.solve(system, system(root), start)
    assert result.success
    np.testing.assert_allclose(system(result.w), system(root), atol=1e-8)


def test_unknowns_have_names(system):
    assert system.unknowns == ("x", "y", "z")
    assert system.named(W0) == {"x": 1.0, "y": 2.0, "z": -1.0}
    assert repr(system) == "FormulaSystem(2 equations, 3 unknowns: x, y, z)"
    many = FormulaSystem(random_tape(0, unknowns=9))
    assert repr(many).endswith("9 unknowns: x0, x1, x2, x3, x4, x5, ...)")


@pytest.mark.parametrize(
    "given",
    [
        lambda s: s.at(3.0, 0.25),
        lambda s: s.at([3.0, 0.25]),
        lambda s: s.at(np.array([3.0, 0.25])),
        lambda s: s.at({"slope": 0.25, "radius": 3}),
        lambda s: s.at(radius=np.int64(3)).at(slope=np.float32(0.25)),
        lambda s: s.at([1.0, 0.25], radius=np.array(3.0)),
        lambda s: FormulaSystem(s.tape, parameters=(3, Fraction(1, 4))),
    ],
)
def test_parameter_values_in_every_form(given):
    bare = FormulaSystem(written())
    np.testing.assert_allclose(given(bare)(W0), plain(W0, 3.0, 0.25), rtol=1e-15)
    assert given(bare).parameters == (3, Fraction(1, 4))


def test_values_given_later_leave_the_system_as_it_was(system):
    system(W0)
    other = system.at(slope=4.0)
    np.testing.assert_allclose(other(W0), plain(W0, 2.0, 4.0), rtol=1e-15)
    np.testing.assert_allclose(system(W0), plain(W0), rtol=1e-15)
    assert other.program is system.program


def test_parameters_stay_exact():
    system = FormulaSystem(written(), parameters={"radius": 0.1, "slope": Fraction(9, 50)})
    assert system.parameters == (Fraction(0.1), Fraction(9, 50))
    assert system.at(radius=10**400).parameters[0] == 10**400
    wide = 1 + np.ldexp(np.longdouble(1), 1 - np.finfo(np.longdouble).nmant)
    assert system.at(radius=wide).parameters[0] == Fraction(*wide.as_integer_ratio())


def test_a_tape_with_two_nodes_of_one_unknown_is_refused():
    tape = parse("x*y").tape  # and now x*x: the derivative is a sum over both nodes
    twice = Tape(tape.op, np.where(tape.op == UNKNOWN, 0, tape.left), *tape[2:])
    with pytest.raises(ValueError, match="two nodes of the tape are the same unknown"):
        FormulaSystem(twice)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"radios": 1.0}, TypeError, "no parameter 'radios'; they have: radius, slope"),
        ([1.0], ValueError, "1 parameter values given, but .* 2 parameters: radius, slope"),
        ({"slope": float("nan")}, ValueError, "parameter slope must be finite, got nan"),
        ({"slope": float("-inf")}, ValueError, "parameter slope must be finite, got -inf"),
        ({"slope": "1"}, TypeError, "parameter slope must be a real number, got '1'"),
        ({"radius": 1j}, TypeError, "parameter radius must be a real number"),
        ({"radius": True}, TypeError, "parameter radius must be a real number"),
    ],
)
def test_wrong_parameters_are_named(given, error, message):
    with pytest.raises(error, match=message):
        FormulaSystem(written(), parameters=given)


def test_missing_parameters_are_named():
    bare = FormulaSystem(written())
    with pytest.raises(EvaluationError, match=r"parameters radius, slope; .*at\(radius=\.\.\."):
        nlsolve.solve(bare, 0.0, W0)
    with pytest.raises(EvaluationError, match="no value for parameter slope;"):
        bare.at(radius=1.0).jacobian(W0)


@pytest.mark.parametrize("w", [[1.0, 2.0], [[1.0, 2.0, 3.0]], 1.0])
def test_points_of_another_size_are_refused(system, w):
    with pytest.raises(ValueError, match=r"there are 3 unknowns \(x, y, z\)"):
        system(w)
    with pytest.raises(ValueError, match=r"u has shape .* but there are 2 equations"):
        system.vjp(W0, W0)
    with pytest.raises(IndexError):
        system.rows(W0, np.array([2]))


@pytest.mark.parametrize("form", [lambda w: w[::-1][::-1], list, lambda w: w.astype(np.float32)])
def test_points_of_any_layout(system, form):
    np.testing.assert_allclose(system(form(W0)), plain(W0), rtol=1e-15)
    frozen = W0.copy()
    frozen.flags.writeable = False
    np.testing.assert_allclose(system.jacobian(frozen), plain_jacobian(W0), rtol=1e-15)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies_and_pickles_are_the_same_system(system, duplicate):
    system(W0)
    for again in (duplicate(system), pickle.loads(pickle.dumps(system))):
        np.testing.assert_array_equal(again(W0), system(W0))
        assert again.parameters == system.parameters
        assert nlsolve.solve(again, 0.0, W0).success
    assert len(pickle.dumps(system)) < 3000  # the tape only


def changed(**arrays):
    """Return the tape of `written` with some numbers in its arrays changed."""
    tape = written()
    for name, (place, value) in arrays.items():
        array = getattr(tape, name).copy()
        array[place] = value
        tape = Tape(**{**tape._asdict(), name: array})
    return tape


def replaced(**fields):
    return Tape(**{**written()._asdict(), **fields})


@pytest.mark.parametrize(
    ("tape", "message"),
    [
        (changed(op=(0, 99)), "node 0"),
        (changed(op=(0, -1)), "node 0"),
        (changed(left=(0, 3)), "node 0"),
        (changed(left=(-1, 40)), "node"),
        (changed(right=(-1, -2)), "node"),
        (changed(outputs=(1, 99)), "an equation"),
        (changed(outputs=(1, -1)), "an equation"),
        (replaced(outputs=np.empty(0, np.int64)), "at least one equation"),
        (replaced(unknowns=()), "one unknown"),
        (replaced(constants=(), parameters=("radius",)), "node"),
    ],
)
def test_what_is_no_tape_is_refused(tape: Tape, message):
    with pytest.raises(ValueError, match=message):
        FormulaSystem(tape)


def test_unknowns_by_name():
    system = nlsolve.parse("x**2 + y**2 = 25; x = 3")
    sol = nlsolve.solve(system, 0.0, {"y": 3.5, "x": 1.0})
    assert sol.named == pytest.approx({"x": 3.0, "y": 4.0}, abs=1e-9)
    assert nlsolve.certify(system, 0.0, sol.named).holds


@pytest.mark.parametrize(
    ("w0", "message"),
    [({"x": 1.0}, "no value for 'y'"), ({"x": 1.0, "y": 1.0, "z": 1.0}, "unknown name 'z'")],
)
def test_names_that_do_not_fit(w0, message):
    with pytest.raises(ValueError, match=message):
        nlsolve.solve(nlsolve.parse("x = y"), 0.0, w0)


def test_functions_have_no_names():
    with pytest.raises(TypeError, match="no names for its unknowns"):
        nlsolve.solve(lambda w: w, 0.0, {"x": 1.0})
    with pytest.raises(ValueError, match="no names for its unknowns"):
        nlsolve.solve(lambda w: w, 0.0, 1.0).named  # noqa: B018
