"""Which systems have constants known in closed form, to try certificates at the edge of theirs?

A system is F(w) = A x + Q g(P x), x = w - origin, with g componentwise, Q with orthonormal columns
and P with orthonormal rows. A is chosen so that J(w0) has prescribed singular values. Then

    J(u) - J(v) = Q diag(g'(P u) - g'(P v)) P,    |J(u) - J(v)|_2 = max_i |g_i'(P u) - g_i'(P v)|,

so the Lipschitz constant of J on a ball is the supremum of max_i |g_i''| over it: exact, approached
along a row of P. (Exact in real arithmetic: Q and P are orthonormal to a few units of rounding.)
The curvature is set to reach h = beta rho0 / sigma0^2 for the ball of radius 2 rho0 / sigma0, which
contains every ball of the existence theorem. Only the tanh network has a curvature of its own;
there rho0 is set.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tests.zoo.problem import Function

Lipschitz = Callable[[np.ndarray, float], float]  # of (centre, radius)

EDGES = (0.2499, 0.2501, 0.4999, 0.49999999, 0.5000001, 0.6, 3.0)
MOST_EQUATIONS, MOST_UNKNOWNS = 50, 200
TANH_CURVATURE = np.nextafter(4.0 / (3.0 * np.sqrt(3.0)), np.inf)  # max |tanh''|, rounded up


class Known(NamedTuple):
    """A system F(w) = y started at w0, its exact Jacobian and a Lipschitz constant of that."""

    name: str
    F: Function
    jac: Function
    y: np.ndarray
    w0: np.ndarray
    n: int
    m: int
    lipschitz: Lipschitz  # spectral norm, on the closed ball: the supremum if tight, else a bound
    h: float  # beta rho0 / sigma0^2 aimed at, beta that of the ball of radius 2 rho0 / sigma0
    tight: bool  # whether lipschitz is attained on that ball
    roots: tuple[np.ndarray, ...] = ()  # the nearest, then the next branch's, if in closed form


class Start(NamedTuple):
    """Where a system starts: J(w0) = U diag(s) V and F(w0) - y = residual."""

    w0: np.ndarray
    U: np.ndarray
    s: np.ndarray
    V: np.ndarray
    residual: np.ndarray

    @property
    def rho0(self) -> float:
        return float(np.linalg.norm(self.residual))

    @property
    def radius(self) -> float:
        return 2.0 * self.rho0 / float(self.s[-1])

    def beta(self, h: float) -> float:
        return h * float(self.s[-1]) ** 2 / self.rho0


class Curve(NamedTuple):
    """Q g(P x), its g and g', where x = w - origin."""

    Q: np.ndarray
    P: np.ndarray
    g: Function
    slope: Function
    origin: np.ndarray | float = 0.0


def orthonormal_rows(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((columns, rows)))[0].T


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def unit_residual(rng: np.random.Generator, U: np.ndarray) -> np.ndarray:
    """Random, or the direction Gauss-Newton has to go farthest to remove."""
    if rng.random() < 0.5:
        return rng.choice([-1.0, 1.0]) * U[:, -1]
    direction = rng.standard_normal(len(U))
    return direction / np.linalg.norm(direction)


def random_start(rng: np.random.Generator, n: int, m: int, condition: float) -> Start:
    """Singular values log-spaced; |w0| within the radius, which keeps F(w0) - y accurate."""
    U, V = orthonormal_rows(rng, n, n), orthonormal_rows(rng, n, m)
    s = log_uniform(rng, 0.1, 10.0) * np.geomspace(1.0, 1.0 / condition, n)
    start = Start(np.zeros(m), U, s, V, log_uniform(rng, 0.1, 10.0) * unit_residual(rng, U))
    w0 = rng.standard_normal(m)
    return start._replace(w0=w0 * (log_uniform(rng, 0.01, 1.0) * start.radius / np.linalg.norm(w0)))


def curved_system(
    name: str,
    start: Start,
    curve: Curve,
    lipschitz: Lipschitz,
    h: float,
    tight: bool = True,
    roots: tuple[np.ndarray, ...] = (),
) -> Known:
    """The system with this curve whose linear part makes J(w0) the prescribed one."""
    Q, P, g, slope, origin = curve

    def curved_part(w):
        return (Q * slope(P @ (w - origin))) @ P

    A = (start.U * start.s) @ start.V - curved_part(start.w0)

    def F(w):
        return A @ (w - origin) + Q @ g(P @ (w - origin))

    def jac(w):
        return A + curved_part(w)

    n, m = A.shape
    y = F(start.w0) - start.residual
    label = f"{name} {n}x{m} cond={start.s[0] / start.s[-1]:.3g} h={h:.9g}"
    return Known(label, F, jac, y, start.w0, n, m, lipschitz, h, tight, roots)


def quadratic_system(name: str, start: Start, curve: Curve, c: float, h: float) -> Known:
    return curved_system(name, start, curve, lambda centre, radius: c, h)


def parabola(c: np.ndarray) -> tuple[Function, Function]:
    """g(t) = c t^2 / 2 and its derivative."""
    return (lambda t: 0.5 * c * t**2), (lambda t: c * t)


def quadratic(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """D^2 F [u, v] = Q diag(+-c) (P u * P v), of norm c everywhere; P is unrelated to J(w0)."""
    start = random_start(rng, n, m, condition)
    c = start.beta(h)
    g, slope = parabola(c * rng.choice([-1.0, 1.0], n))
    curve = Curve(orthonormal_rows(rng, n, n), orthonormal_rows(rng, n, m), g, slope)
    return quadratic_system("quadratic", start, curve, c, h)


def square_quadratic(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """As quadratic, with m = n: one quadric per equation, up to 2^n roots. m is not used."""
    known = quadratic(rng, n, n, condition, h)
    return known._replace(name=f"square_{known.name}")


def block_quadratic(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """Curved in the first n to 2 n unknowns only, linear in all others; m is at least 4 n."""
    m = max(m, 4 * n)
    start = random_start(rng, n, m, condition)
    c = start.beta(h)
    P = np.zeros((n, m))
    block = int(rng.integers(n, 2 * n + 1))
    P[:, :block] = orthonormal_rows(rng, n, block)
    curve = Curve(orthonormal_rows(rng, n, n), P, *parabola(np.full(n, c)))
    return quadratic_system("block", start, curve, c, h)


def branches(start: Start, c: np.ndarray) -> tuple[np.ndarray, ...]:
    """Roots of q_i + s_i x_i + c_i x_i^2 / 2 = 0, where q = U^T residual, x = V (w - w0).

    The smaller root of every equation, then the exchange of one for its larger root that costs
    least; c_i = 0 has no larger root. With m > n other roots share the second one's branch,
    none of them nearer.
    """
    q = start.U.T @ start.residual
    discriminant = start.s**2 - 2.0 * c * q
    if np.any(discriminant < 0.0):
        return ()
    larger = start.s + np.sqrt(discriminant)
    near = -2.0 * q / larger
    far = np.full_like(near, np.inf)
    np.divide(-larger, c, out=far, where=c != 0.0)
    i = int(np.argmin(far**2 - near**2))
    second = np.where(np.arange(len(near)) == i, far, near)
    return start.w0 + start.V.T @ near, start.w0 + start.V.T @ second


def separable_system(name: str, start: Start, c: np.ndarray, h: float) -> Known:
    """Equations that decouple in the singular vectors of J(w0), with curvatures c."""
    k = np.flatnonzero(c)
    curve = Curve(start.U[:, k], start.V[k], *parabola(c[k]), origin=start.w0)
    known = quadratic_system(name, start, curve, float(np.max(c)), h)
    return known._replace(roots=branches(start, c))


def worst_case(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """One equation rho0 - sigma0 t + beta t^2 / 2 = 0 in one coordinate t, the others linear.

    All residual is in it, so the existence radius is attained, every bound of Gauss-Newton's
    scalar recursion too, and for h > 1/2 there is no root. For m = n the second root lies on the
    boundary of the ball of uniqueness.
    """
    start = random_start(rng, n, m, condition)
    start = start._replace(residual=start.rho0 * start.U[:, -1])
    c = np.zeros(n)
    c[-1] = start.beta(h)
    return separable_system("worst", start, c, h)


def separable(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """Every equation quadratic in its own coordinate; all 2^n branches are known. m = n."""
    start = random_start(rng, n, n, condition)
    c = start.beta(h) * rng.uniform(0.0, 1.0, n)
    c[-1] = start.beta(h)
    return separable_system("separable", start, c, h)


def trigonometric(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """g = (c / omega^2) sin(omega t + phase): c bounds |g''|, attained where the sine is +-1."""
    start = random_start(rng, n, m, condition)
    c = start.beta(h)
    omega = log_uniform(rng, 0.1, 10.0) / start.radius
    phase = rng.uniform(0.0, 2.0 * np.pi, n)
    P = orthonormal_rows(rng, n, m)
    curve = Curve(
        orthonormal_rows(rng, n, n),
        P,
        lambda t: c / omega**2 * np.sin(omega * t + phase),
        lambda t: c / omega * np.cos(omega * t + phase),
    )
    from_peak = np.abs((omega * (P @ start.w0) + phase) % np.pi - 0.5 * np.pi)
    tight = bool(np.min(from_peak) <= omega * start.radius)
    return curved_system("trigonometric", start, curve, lambda centre, radius: c, h, tight)


def cubic(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """g = c t^3 / 6, |g''| = c |t|: its supremum, at the ball's boundary, depends on the ball."""
    start = random_start(rng, n, m, condition)
    P = orthonormal_rows(rng, n, m)

    def reach(centre, radius):
        return float(np.max(np.abs(P @ centre))) + radius

    c = start.beta(h) / reach(start.w0, start.radius)
    curve = Curve(
        orthonormal_rows(rng, n, n), P, lambda t: c / 6.0 * t**3, lambda t: 0.5 * c * t**2
    )
    return curved_system("cubic", start, curve, lambda centre, radius: c * reach(centre, radius), h)


def tanh_network(rng: np.random.Generator, n: int, m: int, condition: float, h: float) -> Known:
    """f_j = sum_i v_i tanh(u_i . x_j) / sqrt(H), u trained, n samples x_j in d dimensions, H d ~ m.

    D^2 f_j [a, b] = sum_i v_i tanh''(u_i . x_j) (a_i . x_j) (b_i . x_j) / sqrt(H) gives
    beta <= max|v| max|tanh''| |X|_2 max|x_j| / sqrt(H). J(w0) is what it is: condition is not used.
    Less its value at w0, since rho0 may be tiny: F(w0) = 0 loses no digit of it.
    """
    d = int(np.ceil(np.sqrt(m)))
    H = max(m // d, -(-n // d))
    X = rng.standard_normal((n, d))
    X *= rng.uniform(0.5, 1.0, (n, 1)) / np.linalg.norm(X, axis=1, keepdims=True)
    v = rng.choice([-1.0, 1.0], H) * rng.uniform(0.5, 1.0, H) / np.sqrt(H)
    w0 = rng.standard_normal(H * d) * log_uniform(rng, 0.3, 3.0)
    values = np.tanh(X @ w0.reshape(H, d).T)

    def F(w):
        return (np.tanh(X @ w.reshape(H, d).T) - values) @ v

    def jac(w):
        decay = np.exp(-2.0 * np.abs(X @ w.reshape(H, d).T))
        slope = v * 4.0 * decay / (1.0 + decay) ** 2  # 1 - tanh^2 would cancel
        return (slope[:, :, None] * X[:, None, :]).reshape(n, H * d)

    row = np.max(np.linalg.norm(X, axis=1))
    beta = float(np.max(np.abs(v)) * TANH_CURVATURE * np.linalg.norm(X, 2) * row)
    U, s, _ = np.linalg.svd(jac(w0), full_matrices=False)
    y = -h * s[-1] ** 2 / beta * unit_residual(rng, U)
    label = f"tanh {n}x{H * d} cond={s[0] / s[-1]:.3g} h={h:.9g}"
    return Known(label, F, jac, y, w0, n, H * d, lambda centre, radius: beta, h, tight=False)


PARABOLAS = (quadratic, square_quadratic, block_quadratic, separable, worst_case)
FAMILIES = (*PARABOLAS, trigonometric, cubic, tanh_network)


def known_system(index: int, seed: int) -> Known:
    """One of known_systems by itself: sizes, condition and h depend on index and seed only."""
    rng = np.random.default_rng([seed, index])
    n = int(np.exp(rng.uniform(0.0, np.log(MOST_EQUATIONS + 1))))
    m = n if rng.random() < 0.2 else int(rng.integers(n, MOST_UNKNOWNS + 1))
    condition = log_uniform(rng, 1.0, 1e6) if n > 1 else 1.0
    h = float(rng.choice(EDGES)) if rng.random() < 0.5 else log_uniform(rng, 1e-6, 0.45)
    return FAMILIES[index % len(FAMILIES)](rng, n, m, condition, h)


def known_systems(count: int, seed: int) -> Iterator[Known]:
    """Return `count` systems, cycling through the families."""
    return (known_system(index, seed) for index in range(count))
