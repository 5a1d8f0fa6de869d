"""Which entries of a sample does a convolution see at each of its positions?

`index[p, t]` is the position in the input that tap t of the kernel sees from output position p, or
-1 where that lies outside ('same' pads with zeros). Positions of an image are numbered row by row.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Patches:
    """The geometry of a convolution over one or two dimensions.

    Parameters
    ----------
    shape : tuple of int
        Length of the input in each dimension.
    channels : int
        At each position of the input.
    kernel, stride : tuple of int
        For each dimension.
    padding : {'same', 'valid'}
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        channels: int,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        padding: str,
    ) -> None:
        self.channels = channels
        sides = [_one_dimension(*side, padding) for side in zip(shape, kernel, stride, strict=True)]
        self.shape = tuple(side.shape[0] for side in sides)
        self.positions = math.prod(self.shape)
        self.inputs = math.prod(shape)
        self.index = _together(sides, shape)
        self.outside = self.index < 0

    def gather(self, a: Array) -> Array:
        """Return the patches of inputs a, a row for every position of every sample."""
        whole = a.reshape(-1, self.inputs, self.channels)
        found = whole[:, self.index]  # -1 takes the last position, and is cleared below
        found[:, self.outside] = 0.0
        return found.reshape(whole.shape[0] * self.positions, -1)

    def scatter(self, patches: Array) -> Array:
        """Return the adjoint of `gather`: what each input position was seen as, added up."""
        taps = patches.reshape(-1, self.positions, self.index.shape[1], self.channels)
        found = np.zeros((taps.shape[0], self.inputs, self.channels), dtype=patches.dtype)
        for tap in range(self.index.shape[1]):  # a tap sees no position twice
            seen = ~self.outside[:, tap]
            found[:, self.index[seen, tap]] += taps[:, seen, tap]
        return found.reshape(-1, self.channels)


def _one_dimension(length: int, kernel: int, stride: int, padding: str) -> Array:
    """Return (positions, taps): which entry of a line is seen, -1 outside."""
    if padding == "valid":
        if kernel > length:
            raise ValueError(
                f"nothing is left of a sample of length {length} with kernel {kernel} and "
                "padding='valid'; take a smaller kernel, fewer layers or padding='same'"
            )
        starts = np.arange(0, length - kernel + 1, stride)
    else:
        count = -(-length // stride)
        missing = max(0, (count - 1) * stride + kernel - length)
        starts = np.arange(count) * stride - missing // 2
    seen = starts[:, None] + np.arange(kernel)
    return np.where((seen >= 0) & (seen < length), seen, -1)


def _together(sides: list[Array], shape: tuple[int, ...]) -> Array:
    """Return the positions seen in all dimensions at once."""
    index = np.zeros((1, 1), dtype=np.int64)
    outside = np.zeros((1, 1), dtype=bool)
    for side, length in zip(sides, shape, strict=True):
        grid = index[:, None, :, None] * length + side[None, :, None, :]
        out = outside[:, None, :, None] | (side < 0)[None, :, None, :]
        positions, taps = index.shape[0] * side.shape[0], index.shape[1] * side.shape[1]
        index, outside = grid.reshape(positions, taps), out.reshape(positions, taps)
    return np.where(outside, -1, index)
