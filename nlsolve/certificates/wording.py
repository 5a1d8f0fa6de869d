"""How is a claim said in words, and what does it rest on?"""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from nlsolve.certificates.evidence import Bound, Evidence, Side
from nlsolve.certificates.theorems.base import Conclusion, Theorem

ALWAYS = ("F is continuously differentiable on a neighbourhood of the ball",)
EVALUATED = (
    "F(w) is evaluated to within 16 u (|J| |w| + |F| + |y|) entry by entry, u = 2^-53 (or that of "
    "a coarser F), or four times its scatter beside w, if larger"
)
EXACT = (
    "J is evaluated to within 16 u of the length of each row, or four times what that row changes "
    "under moves of a unit in the last place, if larger"
)
DIFFERENCED = "J comes from differences, taken to be within four times their expected error"
AT_POINT = {  # how r and J are known at a point -> what that rests on
    "exact": (EVALUATED, EXACT),
    "differenced": (EVALUATED, DIFFERENCED),
    "enclosed": ("F(w) and J(w) are enclosed in intervals, by formulas, given or traced",),
}
OF_METHOD = {
    "gauss-newton": "steps are full and in exact arithmetic",
    "gd": "the step is constant, without momentum, in exact arithmetic",
    "sgd": (
        "the step is constant; each batch is drawn independently and uniformly with replacement; "
        "exact arithmetic"
    ),
}
MOST_SIDES = 8  # of a box that are said in words


def shown(value: Any, side: Side) -> str:
    """Return four digits of a number, rounded to its safe side: a claim in words is a claim too."""
    rounding = ROUND_CEILING if side == "upper" else ROUND_FLOOR
    return f"{float(Context(prec=4, rounding=rounding).plus(Decimal(float(value)))):.4g}"


def assumptions(
    theorem: Theorem, ingredients: tuple[Bound, ...], known: str, besides: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return what a claim rests on, beside the theorem; nothing of F where all is proved."""
    listed = list(besides)
    weak = [bound for bound in ingredients if bound.evidence is not Evidence.PROVED]
    if weak or not ingredients:
        listed += ALWAYS
    if any(bound.region.radius == 0.0 for bound in weak) or not ingredients:
        listed += AT_POINT[known]
    listed += [str(bound) for bound in weak if bound.region.radius > 0.0]
    if theorem.method is not None:
        listed.append(OF_METHOD[theorem.method])
    return tuple(dict.fromkeys(listed))


def claim(theorem: Theorem, found: Conclusion, distance: tuple[float, float]) -> str:
    """Return the claim of a conclusion that holds."""
    text = CLAIMS[theorem.claim](theorem, found, distance)
    if found.unique_within is not None:
        text += f"; it is the only one within {shown(found.unique_within, 'lower')}"
    return text


def _existence(theorem: Theorem, found: Conclusion, distance: tuple[float, float]) -> str:
    nearer = f", none nearer than {shown(distance[0], 'lower')}" if distance[0] > 0.0 else ""
    return f"an exact solution lies within {shown(distance[1], 'upper')} of w{nearer}"


def _convergence(theorem: Theorem, found: Conclusion, distance: tuple[float, float]) -> str:
    radius, solution = shown(found.radius, "upper"), _existence(theorem, found, distance)
    if theorem.method == "sgd":
        return (
            f"SGD from w with step {found.step:.4g} stays within {radius} but for a probability of "
            f"{shown(found.probability, 'upper')}, and while it does the expected loss falls by "
            f"{shown(1.0 - found.rate, 'lower')} of itself a step or faster; {solution}"
        )
    moves = "full Gauss-Newton steps converge from w"
    if theorem.method == "gd":
        moves = f"gradient descent converges from w with step {found.step:.4g}"
    factor = ""
    if found.rate is not None:
        factor = f"each step leaves at most {shown(found.rate, 'upper')} of the loss; "
    return f"{moves} to an exact solution, staying within {radius}; {factor}{solution}"


def _conditioning(theorem: Theorem, found: Conclusion, distance: tuple[float, float]) -> str:
    return (
        f"PL* holds with mu = {shown(found.mu, 'lower')} on the ball |w' - w| <= "
        f"{shown(found.radius, 'lower')}: 1/2 |grad L|^2 >= mu L, and lambda_min K >= mu"
    )


def _pl_star_eps(theorem: Theorem, found: Conclusion, distance: tuple[float, float]) -> str:
    return (
        f"gradient descent from w with step {found.step:.4g} brings the loss to "
        f"{shown(found.loss, 'upper')} or below within "
        f"{found.promise.steps_to(found.promise.least)} steps, at which it must be stopped"
    )


def _empty(theorem: Theorem, found: Conclusion, distance: tuple[float, float]) -> str:
    return empty_ball(found.radius)


def empty_ball(radius: float) -> str:
    """Return the claim that the closed ball about w holds no solution."""
    return f"no exact solution lies within {shown(radius, 'lower')} of w"


def empty_box(unknowns: Sequence[str], lo: Iterable[float], hi: Iterable[float]) -> str:
    """Return the claim that a box holds no solution, its ends exactly; of many sides some."""
    sides = zip(lo, unknowns, hi, strict=True)
    listed = [f"{float(a)!r} <= {name} <= {float(b)!r}" for a, name, b in sides]
    if len(listed) > MOST_SIDES:
        listed[3:-1] = [f"... ({len(listed) - 4} more)"]
    return f"no exact solution lies in the box {', '.join(listed)}"


CLAIMS: dict[str, Callable[[Theorem, Any, tuple[float, float]], str]] = {
    "existence": _existence,
    "convergence": _convergence,
    "conditioning": _conditioning,
    "pl-star-eps": _pl_star_eps,
    "empty": _empty,
}
