"""In which directions are changes of J largest?

Right singular vectors of A D, D a change of J and A what the equations are multiplied by (None:
nothing). An SVD where D is small, else power iteration: D is read a few times, and the norms come
out from below, by some percent where several singular values are nearly the largest.
"""

from collections.abc import Sequence

import numpy as np

from nlsolve.certificates.constants.point import norm
from nlsolve.certificates.evidence import FloatArray
from nlsolve.linalg import svd

SMALL = 4_000  # n m up to which an SVD is cheaper than iterating in Python
ITERATIONS = 4  # of the power method, at most
PASSES = 2  # of block iteration, for several matrices


def weighted(A: FloatArray | None, image: FloatArray) -> FloatArray:
    """Return A times an n-vector or a matrix of n rows."""
    return image if A is None else A @ image


def largest(D: FloatArray, A: FloatArray | None, start: FloatArray) -> tuple[float, FloatArray]:
    """Return |A D|, from below, and the unit vector it belongs to.

    Parameters
    ----------
    D : (n, m) ndarray
    A : (n, n) ndarray or None
    start : (m,) ndarray
        A unit vector that is not orthogonal to the one sought.
    """
    if D.size <= SMALL:
        _, values, vectors = svd(weighted(A, D))
        return float(values[0]), vectors[0]
    v, size = start, 0.0
    for _ in range(ITERATIONS):
        image = weighted(A, D @ v)
        before, size = size, norm(image)
        if abs(size - before) <= 1e-3 * size:
            break
        back = D.T @ (image if A is None else A.T @ image)
        v = back / norm(back)
    return size, v


def leading(stack: Sequence[FloatArray], A: FloatArray | None, start: FloatArray) -> FloatArray:
    """Return about the first right singular vectors of several A D, one below the other, as rows.

    Parameters
    ----------
    stack : sequence of (n, m) ndarray
    A : (n, n) ndarray or None
    start : (k, m) ndarray
        Where to begin; at most k vectors are returned.
    """
    if sum(D.size for D in stack) <= 4 * SMALL:
        whole = np.vstack([weighted(A, D) for D in stack])
        vectors: FloatArray = svd(whole)[2][: len(start)]
        return vectors
    V = start
    for _ in range(PASSES):
        V = np.linalg.qr(V.T)[0].T
        images = [weighted(A, (V @ D.T).T) for D in stack]
        rotation = svd(np.vstack(images))[2]
        images = images if A is None else [A.T @ image for image in images]
        back = [image.T @ D for image, D in zip(images, stack, strict=True)]
        V = rotation @ np.sum(back, axis=0)
    lengths = np.linalg.norm(V, axis=1)
    return np.asarray(V[lengths > 0.0] / lengths[lengths > 0.0, None])
