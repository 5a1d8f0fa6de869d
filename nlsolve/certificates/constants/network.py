"""How fast can the Jacobian of a network change on a ball, for sure, without a second derivative?

docs/explanation/network_constants.md has the theorem and its proof. Directions u have parts
u_k, one for each trained layer, and every bound of a derivative along u is a vector b >= 0, meaning
|.| <= sum_k b_k |u_k|. With s the scale, g the root of how many patches an entry is in,
|W|, |q| of the ball, upward from layer to layer (dots: along u; of all samples, and of one):

    z = s g |W| a_below + |q| e_own,        a = sup|act'| z (+ a_below if residual),

and downward for B = d f / d a of one sample, its longest column c and its norm b, D = B act':

    B. _below = s g (|W| (sup|act'| B. + sup|act''| c z) + sup|act'| b e_own) (+ B. if residual),
    c_below = c_below(w) + R |B. _below|,     b likewise.

Then beta is at most the norm of the small matrix

    sum over layers of  sup|act''| c z z^T + s g sup|act'| b (e_own a_below^T + a_below e_own^T),

and L_F at most |a| of the last layer. All in outward-rounded arithmetic, from norms that are
proved. Bounds of single equations (G, H) have those of one sample for both factors.
"""

import math
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.constants.activations import suprema
from nlsolve.certificates.constants.passes import Passes
from nlsolve.certificates.evidence import Ball, Bound, Evidence, FloatArray, Refusal
from nlsolve.intervals import (
    Interval,
    magnitude,
    norm_upper,
    singular_value_upper,
    total,
)
from nlsolve.intervals.rounding import up
from nlsolve.networks.layers import Layer

INNER = 8  # radii at which the change of J is asked for


class LayerAt(NamedTuple):
    """What is known of a layer at the centre of the balls; upper bounds.

    Attributes
    ----------
    own : (k,) ndarray
        1 at the layer's place among those that are trained; all 0 where it is not.
    steepest, sharpest : float
        Of |act'| and |act''|.
    spread : float
        s g: |z| moves by at most spread |W| times as much as the layer's input.
    weights, inputs, sample : float
        |W|, |q| of all samples, |q| of one; 0 where nothing depends on it.
    columns, size : float
        Longest column, and norm, of the derivatives of one sample's outputs by the layer's.
    skip : bool
    """

    own: FloatArray
    steepest: float
    sharpest: float
    spread: float
    weights: float
    inputs: float
    sample: float
    columns: float
    size: float
    skip: bool

    @property
    def trained(self) -> float:
        """1.0 where the layer is trained, else 0.0."""
        return float(self.own.sum())


class Upward(NamedTuple):
    """Bounds of how a layer's input, z and output move; `_one`: of a single sample."""

    below: Interval
    below_one: Interval
    z: Interval
    z_one: Interval
    stretch: Interval


class OnBall(NamedTuple):
    """Upper bounds on a ball."""

    beta: float
    H: float
    L_F: float
    G: float


def on_ball(layers: list[LayerAt], R: float) -> OnBall:
    """Return Lipschitz constants and suprema on the ball of radius R.

    Raises
    ------
    Refusal
        Where numbers overflow.
    """
    passed, L_F, G = _upward(layers, R)
    beta, H = _downward(layers, passed, R)
    if not np.isfinite([beta.hi, H.hi]).all():
        raise Refusal(f"the constants of a ball of radius {R:.3g} overflow")
    sizes = singular_value_upper(beta.hi), singular_value_upper(H.hi)  # entries are >= 0
    return OnBall(*sizes, float(L_F.hi), float(G.hi))


def _upward(layers: list[LayerAt], R: float) -> tuple[list[Upward], Interval, Interval]:
    """Return how each layer moves, and bounds of |J| and of its rows."""
    a = a_one = Interval(np.zeros(layers[0].own.size))
    passed = []
    for layer in layers:
        stretch = Interval(layer.spread) * (Interval(layer.weights) + R * layer.trained)
        moved, moved_one = (Interval(layer.spread) * R * _length(x) for x in (a, a_one))
        z = stretch * a + (Interval(layer.inputs) + moved) * layer.own
        z_one = stretch * a_one + (Interval(layer.sample) + moved_one) * layer.own
        passed.append(Upward(a, a_one, z, z_one, stretch))
        a, a_one = (
            layer.steepest * new + old if layer.skip else layer.steepest * new
            for new, old in ((z, a), (z_one, a_one))
        )
    return passed, _length(a), _length(a_one)


def _downward(layers: list[LayerAt], passed: list[Upward], R: float) -> tuple[Interval, Interval]:
    """Return the matrices whose norms bound D^2F, of all equations and of single ones."""
    k = layers[0].own.size
    every = one = Interval(np.zeros((k, k)))
    columns, size, change = Interval(1.0), Interval(1.0), Interval(np.zeros(k))
    for number in range(len(layers) - 1, -1, -1):
        layer, up_there = layers[number], passed[number]
        bend = layer.sharpest * columns
        turn = layer.spread * layer.steepest * size
        every += bend * _outer(up_there.z_one, up_there.z) + turn * _twice(layer, up_there.below)
        one += bend * _outer(up_there.z_one, up_there.z_one)
        one += turn * _twice(layer, up_there.below_one)
        if number == 0:
            break
        by_z = layer.steepest * change + bend * up_there.z_one
        change = up_there.stretch * by_z + turn * layer.own + change * float(layer.skip)
        moved = R * _length(change)
        size = _lesser(
            layers[number - 1].size + moved,
            up_there.stretch * layer.steepest * size + size * float(layer.skip),
        )
        columns = _lesser(layers[number - 1].columns + moved, size)
    return every, one


def _length(v: Interval) -> Interval:
    """Return the length of vectors of bounds."""
    size = norm_upper(v)
    if not math.isfinite(size):
        raise Refusal("constants on so large a ball overflow")
    return Interval(size)


def _outer(a: Interval, b: Interval) -> Interval:
    return a.reshape((-1, 1)) * b.reshape((1, -1))


def _twice(layer: LayerAt, below: Interval) -> Interval:
    """Return e a^T + a e^T, e the layer's own unit vector."""
    cross = _outer(Interval(layer.own), below)
    return cross + cross.T


def _lesser(a: Interval, b: Interval) -> Interval:
    """Return the smaller of two upper bounds."""
    return a if float(a.hi) <= float(b.hi) else b


def at_centre(passes: Passes) -> list[LayerAt]:
    """Return what the constants on balls are made of, for the layers from the first trained."""
    network, found = passes.network, []
    places = {number: k for k, (number, _, _) in enumerate(network.trained)}
    top = len(network.layers) - 1
    for number in range(network.lowest, top + 1):
        layer, k = network.layers[number], places.get(number)
        own = np.zeros(len(places))
        inputs = sample = weights = 0.0
        columns = size = 1.0
        if k is not None:
            own[k] = 1.0
            q = passes.patches[number]
            inputs, sample = singular_value_upper(q), largest_sample(q, network.X.shape[0])
        if number > network.lowest:
            weights = singular_value_upper(passes.weights[number])
        if number < top:
            B = passes.backward[0][number - network.lowest]
            columns = longest_column(B, network.X.shape[0], network.outputs)
            size = largest_sample(B, network.X.shape[0])
        slopes = suprema(layer.act)
        found.append(
            LayerAt(
                own, *slopes, _spread(layer), weights, inputs, sample, columns, size, layer.skip
            )
        )
    return found


def _spread(layer: Layer) -> float:
    """Return s g, rounded up."""
    if layer.patches is None:
        return float(up(up(layer.scale)))
    index = layer.patches.index
    overlap = int(np.bincount(index[index >= 0]).max())
    return float(up(up(up(layer.scale)) * up(math.sqrt(overlap))))


def largest_sample(x: Interval, samples: int) -> float:
    """Return an upper bound of the Frobenius norms of the samples' rows."""
    return longest(Interval(np.asarray(magnitude(x))).reshape((samples, -1)))


def longest_column(B: Interval, samples: int, outputs: int) -> float:
    """Return an upper bound of how long a column of the outputs' derivatives of one sample is."""
    return longest(Interval(np.asarray(magnitude(B))).reshape((samples, outputs, -1)))


def longest(vectors: Interval) -> float:
    """Return an upper bound of the lengths of vectors along the second axis."""
    return float(up(math.sqrt(float(np.max(total(vectors**2, axis=1).hi)))))


class NetworkBounds:
    """Bounds on balls about a point, by the layer recursion."""

    given, varies, lazy = False, True, False
    smallest_radius = 0.0

    def __init__(self, point: Any) -> None:
        self.point = point
        self._known: dict[float, OnBall] = {}

    @cached_property
    def layers(self) -> list[LayerAt]:
        """What is known at the centre."""
        return at_centre(self.point.passes)

    def over(self, radius: float) -> OnBall:
        """Return the constants of the ball of a radius; Refusal where they overflow."""
        if radius not in self._known:
            self._known[radius] = on_ball(self.layers, radius)
        return self._known[radius]

    def bounds(self, ball: Ball) -> list[Bound]:
        """Return beta, and of F itself H, L_F and G, on a ball."""
        known, how = self.over(ball.radius), "layer recursion, norms proved"
        if ball.equations is not None:
            beta = Interval(known.beta) * Interval(ball.equations.size)
            return [self._bound("beta", float(beta.hi), ball, f"|A| times beta: {how}")]
        return [self._bound(name, value, ball, how) for name, value in known._asdict().items()]

    def changes(self, ball: Ball) -> list[Bound]:
        """Return Delta(s) <= beta(s) s at eight radii."""
        found = []
        for k in range(1, INNER + 1):
            inner = Ball(ball.centre, ball.radius * k / INNER, ball.equations)
            beta = self.bounds(inner)[0]
            change = beta.value * Interval(inner.radius)
            found.append(self._bound("Delta", float(change.hi), inner, f"beta s: {beta.source}"))
        return found

    def contraction(self, ball: Ball) -> Bound:
        """Refuse: X would have as many entries as J."""
        raise Refusal("of a network no right inverse is formed: ask for theorem='existence'")

    def _bound(self, quantity: str, value: float, ball: Ball, source: str) -> Bound:
        if not math.isfinite(value):
            raise Refusal(f"{quantity} overflows on {ball}")
        return Bound(quantity, Interval(value), "upper", ball, Evidence.PROVED, source)
