"""Which iterations do the theorems speak of? Full Gauss-Newton steps, gradient descent and
mini-batch SGD with a constant step, batches drawn independently and uniformly; nothing else.

Everything else that ends near a point is covered by existence alone (``method=None``).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

DAMPINGS = ("none", "backtracking", "adaptive", 0, 1, 2)  # words, or lowered
FORCINGS = ("exact", "eisenstat-walker", 0, 1)
STILL = ("none", 0, None)  # no momentum
SAMPLINGS = ("independent", "reshuffled", "cyclic")
FOUND = "found at every point"
ELSE = "; existence is all that can be asked (method=None)"
UNCOVERED = {
    "auto": "its stages change the step",
    "levenberg-marquardt": "its steps are damped",
    "dogleg": "its steps are cut to a trust region",
    "block-kaczmarz": "each of its steps solves some of the equations only",
}


class Iteration(NamedTuple):
    """What moves w: a method, its constant step (None: any) and batch, or why it is refused."""

    method: str | None
    step: float | None = None
    batch: int = 1
    refusal: str = ""


def iteration(method: str | None, options: Mapping[str, Any]) -> Iteration:
    """Return the iteration a method with these options runs, or why no theorem covers it."""
    if method is None:
        return Iteration(None)
    if method not in COVERED:
        why = UNCOVERED.get(method, "none is known for it")
        return Iteration(method, refusal=f"no convergence theorem covers {method!r}: {why}{ELSE}")
    return COVERED[method](options)


def _known(options: Mapping[str, Any], name: str, default: Any, words: tuple[Any, ...]) -> Any:
    """Return an option, one of the words that mean something."""
    value = options.get(name, default)
    if value not in words:
        shown = [word for word in words if isinstance(word, str)]
        raise ValueError(f"{name} must be one of {shown}, got {value!r}")
    return value


def _gauss_newton(options: Mapping[str, Any]) -> Iteration:
    damping = _known(options, "damping", "none", DAMPINGS)
    forcing = _known(options, "forcing", "exact", FORCINGS)
    if forcing not in ("exact", 0):
        refusal = f"the theorem is about exact steps, not forcing={forcing!r}{ELSE}"
        return Iteration("gauss-newton", refusal=refusal)
    if damping in ("none", 0):
        return Iteration("gauss-newton")
    refusal = f"the theorem is about full Gauss-Newton steps, not damping={damping!r}{ELSE}"
    return Iteration("gauss-newton", refusal=refusal)


def _constant_step(method: str, options: Mapping[str, Any]) -> Iteration:
    step = options.get("step")
    if isinstance(step, str):
        _known(options, "step", None, ("certified", "auto", "kaczmarz", "kernel", FOUND))
    if options.get("momentum", "none") not in STILL:
        return Iteration(method, refusal=f"the theorem is about steps without momentum{ELSE}")
    if isinstance(step, str) and step != "certified":
        refusal = f"the theorem is about a constant step given as a number, not step={step!r}{ELSE}"
        return Iteration(method, refusal=refusal)
    return Iteration(method, None if isinstance(step, str) else step, options.get("batch", 1))


def _stochastic(options: Mapping[str, Any]) -> Iteration:
    sampling = _known(options, "sampling", "independent", SAMPLINGS)
    if sampling != "independent":
        refusal = (
            f"the theorem is about batches drawn independently, not sampling={sampling!r}: "
            f"reshuffled epochs and cyclic order are not covered{ELSE}"
        )
        return Iteration("sgd", refusal=refusal)
    return _constant_step("sgd", options)


COVERED = {
    "gauss-newton": _gauss_newton,
    "gd": lambda options: _constant_step("gd", options),
    "sgd": _stochastic,
}
WORDS = {  # options a method may be described by, beside those of nlsolve's own
    "gauss-newton": {"damping", "forcing"},
    "gd": {"step", "momentum"},
    "sgd": {"step", "momentum", "batch", "sampling"},
}
