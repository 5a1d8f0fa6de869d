"""What does a certificate say in words, when its numbers are known?

The sentences of certificates, written anew from the numbers, so that a file cannot say one thing in
words and another in numbers. Numbers are rounded to four digits, to their safe side.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from nlsolve.certificates.checking.stated import Stated, StatedExclusion


def words(file: Stated | StatedExclusion) -> str:
    """Return the claim of a file in words."""
    if isinstance(file, StatedExclusion) or file.kind == "empty":
        return _empty(file)
    if file.kind == "conditioning":
        return (
            f"PL* holds with mu = {_down(file.mu)} on the ball |w' - w| <= {_down(file.radius)}: "
            "1/2 |grad L|^2 >= mu L, and lambda_min K >= mu"
        )
    lower, upper = file.distance
    text = f"an exact solution lies within {_up(upper)} of w"
    if lower > 0.0:
        text += f", none nearer than {_down(lower)}"
    if file.method == "sgd":
        text = f"{_stochastic(file)}; {text}"
    elif file.method is not None:
        text = f"{_moving(file)}{text}"
    if file.unique_within is not None:
        text += f"; it is the only one within {_down(file.unique_within)}"
    return text


def _empty(file: Stated | StatedExclusion) -> str:
    box = file.box if isinstance(file, StatedExclusion) else None
    if box is None:
        return f"no exact solution lies within {_down(file.radius)} of w"
    sides = zip(box[0], file.unknowns, box[1], strict=True)
    listed = [f"{lo!r} <= {name} <= {hi!r}" for lo, name, hi in sides]
    if len(listed) > 8:
        listed = [*listed[:3], f"... ({len(listed) - 4} more)", listed[-1]]
    return f"no exact solution lies in the box {', '.join(listed)}"


def _stochastic(file: Stated) -> str:
    falls = None if file.rate is None else 1.0 - file.rate
    return (
        f"SGD from w with step {file.step:.4g} stays within {_up(file.radius)} but for a "
        f"probability of {_up(file.probability)}, and while it does the expected loss falls by "
        f"{_down(falls)} of itself a step or faster"
    )


def _moving(file: Stated) -> str:
    moves = "full Gauss-Newton steps converge from w"
    if file.method == "gd":
        moves = f"gradient descent converges from w with step {file.step:.4g}"
    rate = "" if file.rate is None else f"each step leaves at most {_up(file.rate)} of the loss; "
    return f"{moves} to an exact solution, staying within {_up(file.radius)}; {rate}"


def _up(value: float | None) -> str:
    return _rounded(value, ROUND_CEILING)


def _down(value: float | None) -> str:
    return _rounded(value, ROUND_FLOOR)


def _rounded(value: float | None, rounding: str) -> str:
    if value is None:
        return "?"
    return f"{float(Context(prec=4, rounding=rounding).plus(Decimal(value))):.4g}"
