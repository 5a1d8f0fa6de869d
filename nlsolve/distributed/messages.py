"""What is said between the driver and the blocks that hold the unknowns?

Vectors of unknowns have numbers. A block keeps its part of each, and makes a new one by a recipe:

Start          the block's own start
Constant       the same number everywhere
Combination    sum of coefficients times vectors
Product        J(w)^T u at the vector w, of all equations or of a batch of them
Given          numbers that the driver sends, a part to each block

So a step of Gauss-Newton, w - J(w)^T s, is told by n numbers s, however many unknowns there are.
"""

from typing import Any, NamedTuple

from nlsolve.systems.base import FloatArray


class Start(NamedTuple):
    """The start that came with the block."""


class Constant(NamedTuple):
    """`value` in every entry."""

    value: float


class Combination(NamedTuple):
    """Coefficients, and the numbers of vectors, or further combinations, they belong to."""

    terms: tuple[tuple[float, Any], ...]


class Product(NamedTuple):
    """J^T u at a vector; `batch` are the equations of u, None for all."""

    point: int
    u: FloatArray
    batch: Any = None


class Given(NamedTuple):
    """The entries themselves."""

    values: FloatArray


class Kept(NamedTuple):
    """Entries that are in a file by a name; the driver reads them and sends `Given`."""

    path: Any
    name: str
    stamp: Any


class Orders(NamedTuple):
    """What a block does before it answers: (number, recipe) to make, and numbers to forget."""

    make: tuple[tuple[int, Any], ...] = ()
    drop: tuple[int, ...] = ()


class Measure(NamedTuple):
    """A number asked for: 'norm' of a, 'distance' of a and b, 'dot' of a and b, or 'largest'.

    The last is the largest absolute value in a.
    """

    kind: str
    a: int
    b: int = 0


class LostError(LookupError):
    """A block does not know a vector, because it has been made anew since."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
