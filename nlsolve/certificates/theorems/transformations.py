"""What remains of known bounds when equations or unknowns are transformed, or systems are added?

Output. phi componentwise C^1 with |phi'| >= p on G(S): lambda_min K_{phi o G} >= p^2 lambda_min
K_G, since J_{phi o G} = D J_G with |D x| >= p |x|. Lipschitz constant of its Jacobian:
sup|phi'| beta_G + sup|phi''| G_G L_G, with L_G >= |J_G| and G_G >= every row norm of J_G:
|diag(phi''(g) (J_G u)_i) J_G v| <= sup|phi''| G_G |u| L_G |v|.

Input. psi with D psi D psi^T >= p^2 I on S: lambda_min K_{G o psi}(w) >= p^2 lambda_min
K_G(psi(w)); beta_{G o psi} <= beta_G L_psi^2 + L_G beta_psi.

Blocks. For F = sum of F_p(w_p) over disjoint blocks of unknowns K is the sum of the K_p, so that
lambda_min K >= the sum of theirs, and beta is the largest of theirs. For disjoint blocks of
equations the squares of the beta add.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlsolve.certificates.arithmetic import (
    certainly_less,
    in_range,
    outward_down,
    outward_up,
    square_root,
)
from nlsolve.certificates.evidence import Ball, Bound, Refusal


def smallest_after_output(sigma: Bound, slope: Bound) -> Bound:
    """Return sigma of phi o G: at least p times that of G."""
    region = _shared((sigma, slope))
    return _combined(
        "sigma0", sigma.value * slope.value, (sigma, slope), region, "output transformed"
    )


def smallest_after_input(sigma: Bound, stretch: Bound) -> Bound:
    """Return sigma of G o psi: at least p times that of G.

    `stretch`, p, is known where the unknowns of psi live; psi must map that region into the one of
    `sigma`.
    """
    value, region = sigma.value * stretch.value, stretch.region
    return _combined("sigma0", value, (sigma, stretch), region, "input transformed")


def lipschitz_after_output(
    beta: Bound, slope: Bound, bend: Bound, row: Bound, largest: Bound
) -> Bound:
    """Return beta of phi o G from sup|phi'|, sup|phi''|, G_G and L_G."""
    value = slope.value * beta.value + bend.value * row.value * largest.value
    parts = (beta, slope, bend, row, largest)
    return _combined("beta", value, parts, _shared(parts), "output transformed")


def lipschitz_after_input(beta: Bound, largest: Bound, inner: Bound, inner_beta: Bound) -> Bound:
    """Return beta of G o psi from beta_G, L_G, L_psi and beta_psi.

    The last two are known where the unknowns of psi live; psi must map that region into the one of
    the first two.
    """
    value = beta.value * inner.value * inner.value + largest.value * inner_beta.value
    region = _shared((inner, inner_beta))
    return _combined("beta", value, (beta, largest, inner, inner_beta), region, "input transformed")


def smallest_of_sum(blocks: Sequence[Bound]) -> Bound:
    """Return sigma of a sum over disjoint blocks of unknowns: squares add."""
    how = "blocks of unknowns"
    return _combined("sigma0", _root_of_squares(blocks), blocks, _joined(blocks), how)


def lipschitz_of_sum(blocks: Sequence[Bound]) -> Bound:
    """Return beta of a sum over disjoint blocks of unknowns: the largest."""
    largest = blocks[0].value
    for block in blocks[1:]:
        largest = block.value if certainly_less(largest, block.value) else largest
    return _combined("beta", largest, blocks, _joined(blocks), "blocks of unknowns")


def lipschitz_of_stack(blocks: Sequence[Bound]) -> Bound:
    """Return beta of systems put below one another: squares add."""
    how = "blocks of equations"
    return _combined("beta", _root_of_squares(blocks), blocks, _shared(blocks), how)


def _root_of_squares(blocks: Sequence[Bound]) -> Any:
    return square_root(sum(block.value * block.value for block in blocks))


def _shared(parts: Sequence[Bound]) -> Ball:
    """Return the region all parts are known for: the smallest of balls about one point."""
    smallest = min((part.region for part in parts), key=lambda region: region.radius)
    if not all(part.region.contains(smallest) for part in parts):
        raise Refusal("the bounds are known for different regions, none inside all the others")
    return smallest


def _joined(blocks: Sequence[Bound]) -> Ball:
    """Return the ball that projects into the region of every block of unknowns."""
    if any(block.region.equations is not None for block in blocks):
        raise Refusal("blocks of unknowns are added before they are preconditioned")
    centre = np.concatenate([block.region.centre for block in blocks])
    return Ball(centre, min(block.region.radius for block in blocks))


def _combined(quantity: str, value: Any, parts: Sequence[Bound], region: Ball, how: str) -> Bound:
    """Return a bound made of others: of their side, the weakest evidence, and rounded outward."""
    side, evidence = parts[0].side, min(part.evidence for part in parts)
    if any(part.side != side for part in parts):
        raise Refusal(f"{quantity} mixes lower and upper bounds")
    for part in parts:
        if not in_range(part.value):
            raise Refusal(f"{part.quantity} is {part.value} ({part.source})")
    rounded = outward_up(value) if side == "upper" else outward_down(value)
    source = f"{how}: " + "; ".join(part.source for part in parts)
    return Bound(quantity, rounded, side, region, evidence, source)
