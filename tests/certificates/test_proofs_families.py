"""Are solutions of the families everybody scales up proved, and in seconds?

Formulas are written from their sources, as text; roots are found from random starts.
"""

import math
import time

import numpy as np
import pytest

import nlsolve
from tests.certificates.proving import NEAR, assert_proved, proof, start


def katsura(n):
    """Katsura, Fukuda, Inawashiro, Fujiki, Gennert, Cell Biophysics 11 (1987) 309-319."""

    def u(k):
        return f"u{abs(k)}" if abs(k) <= n else "0"

    sums = [" + ".join(f"{u(k)}*{u(i - k)}" for k in range(-n, n + 1)) for i in range(n)]
    total = " + ".join(u(k) for k in range(-n, n + 1))
    return "; ".join([f"{one} = u{i}" for i, one in enumerate(sums)] + [f"{total} = 1"])


def noon(n):
    """V. Noonburg, SIAM J. Appl. Math. 49 (1989) 1779-1792."""
    others = [" + ".join(f"x{j}**2" for j in range(n) if j != i) for i in range(n)]
    return "; ".join(f"x{i}*({others[i]}) - 1.1*x{i} + 1 = 0" for i in range(n))


def cyclic(n):
    """G. Bjork, R. Froberg, J. Symbolic Comput. 12 (1991) 329-336."""

    def product(first, count):
        return "*".join(f"z{(first + k) % n}" for k in range(count))

    sums = [" + ".join(product(i, count) for i in range(n)) for count in range(1, n)]
    return "; ".join([*(f"{one} = 0" for one in sums), f"{product(0, n)} = 1"])


def economics(n):
    """A. Morgan, Solving polynomial systems using continuation (1987)."""
    sums = [
        " + ".join([f"x{k}"] + [f"x{i}*x{i + k}" for i in range(1, n - k)]) for k in range(1, n)
    ]
    equations = [f"({one})*x{n} = {k}" for k, one in enumerate(sums, 1)]
    return "; ".join([*equations, " + ".join(f"x{i}" for i in range(1, n)) + " = -1"])


def chandrasekhar(w, albedo):
    """H = 1 + c/2 H(mu) int_0^1 mu/(mu + nu) H(nu) dnu, by the midpoint rule in w.size nodes.

    S. Chandrasekhar, Radiative Transfer (1960).
    """
    mu = (np.arange(w.size) + 0.5) / w.size
    return w - 1.0 - 0.5 * albedo / w.size * w * ((mu[:, None] / (mu[:, None] + mu)) @ w)


FAMILIES = {f"katsura-{n}": katsura(n) for n in range(2, 11)} | {
    "noon-5": noon(5), "cyclic-5": cyclic(5), "cyclic-6": cyclic(6), "cyclic-7": cyclic(7),
    "economics-8": economics(8),
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_roots_from_random_starts(name):
    system, found = nlsolve.parse(FAMILIES[name]), 0
    for seed in range(4):
        solution = nlsolve.solve(system, 0.0, start(system, seed))
        if solution.success:
            assert_proved(system, solution.w)
            found += 1
    assert found >= 2


def test_a_proof_of_katsura_10_takes_less_than_a_second():
    system = nlsolve.parse(katsura(10))
    w = nlsolve.solve(system, 0.0, start(system, 1)).w
    clock = time.process_time()
    assert proof(system, w).holds
    assert time.process_time() - clock < 1.0


def test_a_curve_of_roots_is_not_proved():
    """cyclic-4: z0 = -z2 = t, z1 = -z3 = -+1/t."""
    system = nlsolve.parse(cyclic(4))
    for seed in range(4):
        solution = nlsolve.solve(system, 0.0, start(system, seed))
        assert solution.success
        assert not proof(system, solution.w).holds
    for t in (1.0, 2.0, -0.5):
        w = np.array([t, 1.0 / t, -t, -1.0 / t])
        assert not system(w).any()
        assert not proof(system, w).holds


def test_a_hundred_dense_equations_take_seconds():
    """Radiative transfer, with the mean of H known: 2/c (1 - sqrt(1 - c)).

    For mu/(mu + nu) + nu/(nu + mu) = 1, so that 1 - a + c a^2/4 = 0 for the mean a; and the mean of
    a vector d is at most |d| / sqrt(n).
    """
    n, albedo = 100, 0.9
    system = nlsolve.trace(chandrasekhar, n, args=(albedo,))
    solution = nlsolve.solve(system, 0.0, np.ones(n))
    assert solution.success
    clock = time.process_time()
    certificate = proof(system, solution.w)
    assert time.process_time() - clock < 10.0
    assert certificate.holds, certificate.reason
    assert certificate.distance[1] < NEAR
    mean = 2.0 / albedo * (1.0 - np.sqrt(1.0 - albedo))
    away = abs(math.fsum(solution.w) / n - mean)
    assert away <= certificate.distance[1] / np.sqrt(n) + 1e-15
