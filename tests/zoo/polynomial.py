"""Which polynomial systems does the literature solve, and what is known of their real roots?

polynomial_systems.json holds 79 of them, each with its title, its source, and polynomials as text
that are to be 0; decimals are exact. What else it says of one:

- seed, scale: from that normal start, times scale, `solve` comes to a regular root; 0 and 1 if not
  said;
- tol_distance: at the usual tolerance `solve` stops far from any root, so badly it is scaled;
- singular: roots where J has no full rank, in the order of the unknowns; r, s, t are free;
- rootless: factors p_i, and sum p_i F_i written as a polynomial that is positive everywhere;
- rounded: the decimals round a system whose real roots are all multiple ones.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nlsolve

FILE = Path(__file__).with_name("polynomial_systems.json")


class Polynomial(NamedTuple):
    """A system of the file."""

    name: str
    title: str
    reference: str
    unknowns: list[str]
    equations: list[str]
    seed: int = 0
    scale: float = 1.0
    tol_distance: float | None = None
    singular: tuple[list[str], ...] = ()
    rootless: dict[str, Any] | None = None
    rounded: bool = False

    @property
    def regular(self) -> bool:
        """Whether there is a real root where J has full rank."""
        return self.rootless is None and not self.rounded

    def system(self):
        return nlsolve.parse("; ".join(self.equations), unknowns=self.unknowns)

    def start(self, seed: int | None = None) -> np.ndarray:
        """The start of the file, or another one."""
        if seed is not None:
            return np.random.default_rng(seed).standard_normal(len(self.unknowns))
        return self.scale * self.start(self.seed)


POLYNOMIAL = [
    Polynomial(name, **known) for name, known in json.loads(FILE.read_text("utf-8")).items()
]
