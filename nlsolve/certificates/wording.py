"""How is a claim said in words, and what does it rest on?"""

from typing import Any

from nlsolve.certificates.evidence import Bound, Evidence
from nlsolve.certificates.theorems.base import Conclusion, Theorem

ALWAYS = ("F is continuously differentiable on a neighbourhood of the ball",)
EVALUATED = (
    "F(w) is evaluated to within 16 u (|J| |w| + |F| + |y|) entry by entry, u = 2^-53, and J to "
    "within 16 u of the length of each row"
)
DIFFERENCED = "J comes from differences, taken to be within four times their expected error"
OF_METHOD = {
    "gauss-newton": "steps are full and in exact arithmetic",
    "gd": "the step is constant, without momentum, in exact arithmetic",
    "sgd": (
        "the step is constant; each batch is drawn independently and uniformly with replacement; "
        "exact arithmetic"
    ),
}


def assumptions(theorem: Theorem, ingredients: tuple[Bound, ...], exact: bool) -> tuple[str, ...]:
    """Return what a claim rests on, beside the theorem."""
    listed = [*ALWAYS, EVALUATED if exact else DIFFERENCED]
    for bound in ingredients:
        if bound.region.radius > 0.0 and bound.evidence is not Evidence.PROVED:
            listed.append(f"{bound}")
    if theorem.method is not None:
        listed.append(OF_METHOD[theorem.method])
    return tuple(dict.fromkeys(listed))


def claim(theorem: Theorem, found: Conclusion, distance: tuple[float, float], **words: Any) -> str:
    """Return the claim of a conclusion that holds."""
    text: str = CLAIMS[theorem.claim](found, distance, words.get("method"))
    if found.unique_within is not None:
        text += f"; it is the only one within {float(found.unique_within):.4g}"
    return text


def _solution(found: Conclusion, distance: tuple[float, float]) -> str:
    nearer = f", none nearer than {distance[0]:.4g}" if distance[0] > 0.0 else ""
    return f"an exact solution lies within {distance[1]:.4g} of w{nearer}"


def _existence(found: Conclusion, distance: tuple[float, float], method: str | None) -> str:
    return _solution(found, distance)


def _convergence(found: Conclusion, distance: tuple[float, float], method: str | None) -> str:
    names = {"gauss-newton": "full Gauss-Newton steps converge", "gd": "gradient descent converges"}
    if method == "sgd":
        return (
            f"SGD from w with step {float(found.step):.4g} stays within {float(found.radius):.4g} "
            f"but for a probability of {float(found.probability):.3g}, and while it does the "
            f"expected loss falls to {float(found.rate):.6g} of itself a step; "
            + _solution(found, distance)
        )
    size = f" with step {float(found.step):.4g}" if found.step is not None else ""
    factor = ""
    if found.rate is not None:
        factor = f"each step leaves at most {float(found.rate):.4g} of the loss; "
    return (
        f"{names[str(method)]} from w{size} to an exact solution, staying within "
        f"{float(found.radius):.4g}; {factor}{_solution(found, distance)}"
    )


def _conditioning(found: Conclusion, distance: tuple[float, float], method: str | None) -> str:
    return (
        f"PL* holds with mu = {float(found.mu):.4g} on the ball |w' - w| <= "
        f"{float(found.radius):.4g}: 1/2 |grad L|^2 >= mu L, and lambda_min K >= mu"
    )


def _pl_star_eps(found: Conclusion, distance: tuple[float, float], method: str | None) -> str:
    return (
        f"gradient descent from w with step {float(found.step):.4g} brings the loss to "
        f"{float(found.loss):.6g} or below within {found.promise.steps_to(found.promise.least)} "
        "steps, at which it must be stopped"
    )


CLAIMS = {
    "existence": _existence,
    "convergence": _convergence,
    "conditioning": _conditioning,
    "pl-star-eps": _pl_star_eps,
}
