"""Do enclosures contain every derivative mpmath finds in the box, and little else?"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.constants.enclosure import Enclosure
from nlsolve.certificates.constants.nodes import Formulas
from nlsolve.intervals import EnclosureError
from nlsolve.systems.evaluation import Evaluation
from nlsolve.systems.formulas import FormulaSystem
from nlsolve.systems.tape import Builder
from tests.certificates.high_precision import vector
from tests.systems.formulas_at_random import MPMATH, random_point, random_tape

BOXES = (0.0, 1e-9, 1e-3, 0.1)


def over(system, w, radius):
    w = np.asarray(w, dtype=np.float64)
    return Enclosure(Formulas(system), w - radius, w + radius)


def matrices(enclosure):
    """Lower and upper bounds of the Hessians, (n, m, m)."""
    entries, (j, k) = enclosure.hessians
    found = np.zeros((2, enclosure.n, enclosure.m, enclosure.m))
    found[:, :, j, k] = found[:, :, k, j] = entries.lo, entries.hi
    return found


def missed(system, enclosure, u):
    """How many second derivatives at u lie outside."""
    lo, hi = matrices(enclosure)
    exact = [MPMATH.number(value) for value in system.parameters]
    evaluation = Evaluation(system.tape, list(vector(u)), exact, MPMATH)
    count = 0
    for i in range(system.tape.n):
        H = evaluation.hessian(i)
        for j, k in np.ndindex(lo.shape[1:]):
            count += not lo[i, j, k] <= H.get((j, k), 0) <= hi[i, j, k]
    return count


@pytest.mark.parametrize("seed", range(25))
def test_second_derivatives_lie_in_their_enclosures(seed):
    system = FormulaSystem(random_tape(seed, equations=2, unknowns=3, parameters=1)).at(
        Fraction(1, 3)
    )
    w, rng, made = 0.8 * random_point(seed, 3), np.random.default_rng(seed), 0
    for radius in BOXES:
        try:
            enclosure = over(system, w, radius)
            enclosure.hessians  # noqa: B018
        except EnclosureError:  # at a kink of abs, sign, max or min
            continue
        made += 1
        for _ in range(2):
            u = np.clip(w + radius * rng.uniform(-1, 1, 3), w - radius, w + radius)
            with mpmath.workdps(40):
                assert missed(system, enclosure, u) == 0
    assert made


@pytest.mark.parametrize("seed", range(10))
def test_at_a_point_they_are_known_to_nearly_all_digits(seed):
    system = FormulaSystem(random_tape(seed, equations=2, unknowns=3, smooth=True))
    w = random_point(seed, 3)
    lo, hi = matrices(over(system, w, 0.0))
    expected = np.zeros_like(lo)
    for i, (columns, H) in enumerate(system.hessians(w)):
        expected[i][np.ix_(columns, columns)] = H
    close = 1e-11 * (1.0 + np.abs(expected))
    assert (hi - lo <= close).all()
    assert (np.abs(lo - expected) <= close).all()


def test_the_square_of_a_gradient_is_not_negative():
    # (x^2)^2 is a square of a square on the tape: 2 (2 x)^2 + 2 x^2 * 2 is 12 x^2, in [0, 3]
    write = Builder(["x"])
    tape = write.build([write.power(write.power(write.unknown(0), 2), 2)])
    lo, hi = matrices(over(FormulaSystem(tape), [0.0], 0.5))
    assert -1e-300 <= lo.item() <= 0.0
    assert 3.0 <= hi.item() <= 3.0 + 1e-14


def test_what_depends_on_no_unknown_need_not_be_smooth():
    write = Builder(["x"], ["p"])
    root = write.apply("sqrt", write.parameter(0))
    tape = write.build([write.apply("mul", root, write.power(write.unknown(0), 2))])
    enclosure = over(FormulaSystem(tape).at(0), [3.0], 0.5)
    assert enclosure.jacobian.lo.tolist() == enclosure.jacobian.hi.tolist() == [[0.0]]
    assert enclosure.lipschitz() == 0.0


def test_a_derivative_without_bound_is_refused():
    enclosure = over(nlsolve.parse("x**200 + y"), [34.4, 1.0], 0.0)  # 2e307, 1.2e308, 7e308
    assert np.isfinite(enclosure.jacobian.hi).all()
    with pytest.raises(EnclosureError, match="second derivatives are not bounded over the box"):
        enclosure.hessians  # noqa: B018


def test_dense_and_sparse_products_give_one_constant(monkeypatch):
    """|D^2F| of F_i = w^T Q_i w / 2 is |D^2F| <= |sum_i |Q_i|^2|^(1/2), the bound's own formula."""
    rng = np.random.default_rng(5)
    Q = rng.standard_normal((4, 6, 6))
    Q += Q.transpose(0, 2, 1)
    system = nlsolve.trace(lambda w: 0.5 * (w @ Q @ w), 6)
    expected = np.sqrt(np.linalg.norm(sum(np.abs(q) @ np.abs(q) for q in Q), 2))
    for sparse in (0.0, 2.0):
        monkeypatch.setattr("nlsolve.certificates.constants.enclosure.SPARSE", sparse)
        enclosure = over(system, np.zeros(6), 1.0)
        assert expected <= enclosure.lipschitz() <= expected * (1.0 + 1e-6)
    largest = max(np.linalg.norm(np.abs(q), 2) for q in Q)
    assert largest * (1.0 - 1e-12) <= enclosure.hessian_norms() <= largest * (1.0 + 1e-6)
