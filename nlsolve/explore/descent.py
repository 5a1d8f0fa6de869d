"""How is a function made smaller without leaving the solutions?

A smooth g is minimised over M = {w : F(w) = y} by descent along M. With P the projection onto the
tangent space, the null space of J, the gradient of g along M is p = P grad g; p = 0 says
grad g = J^T s for some multipliers s: the Karush-Kuhn-Tucker conditions of min g, F = y. Their
residual is |p| / |grad g|. One turn:

1. A direction d in the tangent space: limited-memory BFGS on p, its pairs of steps and changes of p
   projected onto the present tangent space; -p itself in the first turn.
2. w + t d, t = 1, 1/2, ..., brought back to M by minimum-norm Gauss-Newton steps, until g has
   fallen by 1e-4 t |<p, d>| (Armijo). Close to the minimum, where rounding hides such a fall, until
   |p| has become smaller while g stays the same to 1e-13.

Every point on the way is a root. The turns end where |p| is small beside grad g, where no step is
accepted, where g hardly falls (where J is singular, and only tiny steps lead back to a root), or
where the user's limits say so. p = 0 holds at saddles of g on M too, and where F and g share a
symmetry a descent does run into them; so from a point found another descent is begun a small
random step beside it, and where that ends lower, what was found was no minimum.

Sources: P.-A. Absil, R. Mahony, R. Sepulchre, "Optimization Algorithms on Matrix Manifolds", 2008,
chapters 4 and 8; J. Nocedal, S. J. Wright, "Numerical Optimization", 2006, section 7.2.
"""

import math
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from nlsolve.explore.tangent import Root, Tangent, retracted
from nlsolve.systems.base import FloatArray

TURNS = 500
HALVINGS = 30
MEMORY = 8
ARMIJO = 1e-4
PATIENCE, CRAWL = 20, 1e-9  # turns in which g must fall by more than this, relative
ENOUGH = 1e-6  # KKT residual that counts as a minimum where rounding allows no smaller one
KICKS, KICK = 3, 1e-3  # times 1 + |w|
SAME = 1e-13  # relative change of g that rounding may hide
NEARBY = 0.5  # of the step: how far the way back to M may be

LOWEST = "no step along the solutions lowers it further"
SLOW = f"in {PATIENCE} turns it fell by less than {CRAWL:g} of itself"


class Objective(Protocol):
    """What is minimised."""

    accuracy: float  # of its gradient, relative

    def value(self, w: FloatArray) -> float:
        """Return g(w), maybe not finite."""

    def gradient(self, w: FloatArray) -> FloatArray:
        """Return its gradient, (m,)."""


class Visited(NamedTuple):
    """A root, g and its gradient there, and the gradient's tangent part."""

    root: Root
    value: float
    gradient: FloatArray
    along: FloatArray

    @property
    def slope(self) -> float:
        """|p|."""
        return float(np.linalg.norm(self.along))

    @property
    def steepness(self) -> float:
        """|grad g|."""
        return float(np.linalg.norm(self.gradient))


class Descended(NamedTuple):
    """Where a descent ended, and why if that is not a stationary point.

    `first` and `value` are g where it began and ended, `slope` is the KKT residual.
    """

    root: Root
    first: float
    value: float
    slope: float
    stationary: bool
    why: str


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is a step not taken
def descend(
    problem: Any, root: Root, objective: Objective, tol: float, allowed: Callable[[], str]
) -> Descended:
    """Minimise along the solution manifold.

    Parameters
    ----------
    problem : Problem
    root : Root
        Where to begin.
    objective : Objective
    tol : float
        Largest |r| of a root.
    allowed : callable
        Returns which limit of the user's ends the descent, or an empty string.
    """
    found = _descended(problem, root, objective, tol, allowed)
    random = np.random.default_rng(0)
    for _ in range(KICKS):
        kicked = _kicked(problem, found.root, tol, random) if found.stationary else None
        if kicked is None or not math.isfinite(objective.value(kicked.w)):
            break
        other = _descended(problem, kicked, objective, tol, allowed)
        if not other.value < found.value - 10.0 * SAME * abs(found.value):
            break
        found = other._replace(first=found.first)
    return found


def _kicked(problem: Any, root: Root, tol: float, random: np.random.Generator) -> Root | None:
    """Return a root beside another one, None where there is none."""
    side = root.tangent.part(random.standard_normal(root.w.size))
    length = float(np.linalg.norm(side))
    if root.tangent.rank == root.w.size or length == 0.0:
        return None
    kick = KICK * (1.0 + float(np.linalg.norm(root.w)))
    return retracted(problem, root.w + kick / length * side, tol)


def _descended(
    problem: Any, root: Root, objective: Objective, tol: float, allowed: Callable[[], str]
) -> Descended:
    """Minimise as `descend`, but for saddles."""
    here = first = _visited(root, objective.value(root.w), objective)
    least = 0.1 * first.steepness  # grad g itself may vanish at the minimum
    wanted = max(1e-9, objective.accuracy, 10.0 * problem.jacobian_error)
    pairs: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=MEMORY)
    values, why = deque([math.inf], maxlen=PATIENCE), f"after {TURNS} turns"
    for _ in range(TURNS):
        if here.slope <= wanted * max(here.steepness, least):
            why = ""
            break
        crawls = len(values) == PATIENCE and values[0] - here.value <= CRAWL * abs(here.value)
        why = SLOW if crawls else allowed()
        new = None if why else _lower(problem, here, _direction(here, pairs), objective, tol)
        if why or (new is None and not pairs):
            why = why or LOWEST
            break
        if new is None:  # once more, straight down
            pairs.clear()
            continue
        step = new.root.tangent.part(new.root.w - here.root.w)
        pairs.append((step, new.along - new.root.tangent.part(here.along)))
        values.append(here.value)
        here = new
    slope = here.slope / (max(here.steepness, least) or 1.0)
    reached = why == "" or (why in (SLOW, LOWEST) and slope <= ENOUGH)
    return Descended(here.root, first.value, here.value, slope, reached, why)


def _visited(root: Root, value: float, objective: Objective) -> Visited:
    gradient = objective.gradient(root.w)
    return Visited(root, value, gradient, root.tangent.part(gradient))


def _direction(here: Visited, pairs: Any) -> FloatArray:
    """Return a tangent direction in which g falls, by the two loops of L-BFGS."""
    known = [moved for s, c in pairs if (moved := _projected(here.root.tangent, s, c)) is not None]
    q, weights = here.along.copy(), []
    for s, change, product in reversed(known):
        weights.append(float(s @ q) / product)
        q -= weights[-1] * change
    if known:
        q *= known[-1][2] / float(known[-1][1] @ known[-1][1])
    for (s, change, product), weight in zip(known, reversed(weights), strict=True):
        q += (weight - float(change @ q) / product) * s
    falls = float(q @ here.along) > 1e-8 * float(np.linalg.norm(q)) * here.slope
    return -q if falls else -here.along


def _projected(tangent: Tangent, s: FloatArray, change: FloatArray) -> Any:
    """Return a pair in the present tangent space, None where g does not curve upwards there."""
    s, change = tangent.part(s), tangent.part(change)
    product = float(s @ change)
    curved = product > 1e-10 * float(np.linalg.norm(s) * np.linalg.norm(change))
    return (s, change, product) if curved else None


def _lower(
    problem: Any, here: Visited, d: FloatArray, objective: Objective, tol: float
) -> Visited | None:
    """Return a root in direction d at which g is lower; None where there is none."""
    fall, length = float(here.along @ d), float(np.linalg.norm(d))
    t = min(1.0, (1.0 + float(np.linalg.norm(here.root.w))) / length)
    for _ in range(HALVINGS):
        root = retracted(problem, here.root.w + t * d, tol)
        if root is not None and _is_near(root, here.root.w + t * d, t * length):
            value = objective.value(root.w)
            if value <= here.value + ARMIJO * t * fall:
                return _visited(root, value, objective)
            if abs(value - here.value) <= SAME * abs(here.value):
                new = _visited(root, value, objective)
                return new if new.slope < here.slope else None
        t *= 0.5
    return None


def _is_near(root: Root, aimed: FloatArray, step: float) -> bool:
    return math.isfinite(step) and float(np.linalg.norm(root.w - aimed)) <= NEARBY * step
