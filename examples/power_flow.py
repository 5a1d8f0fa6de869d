"""
The load of a power network rises by a tenth: which generators take it?
=======================================================================

Classical power flow keeps the voltage of every generator and the active power of all but one, the
slack, which takes the rise and all losses: as many equations as unknowns. Here the set points are
free, so that unknowns outnumber equations; of all operating points the nearest to the one before
is sought, which shares the rise.

Equations. With bus voltages V = e + if, the admittance matrix Y = G + iB and I = Y V = a + ib,
active and reactive power leave each bus into the lines as

::

    P = e a + f b,   Q = f a - e b,   a = G e - B f,   b = B e + G f,

and equal what generators deliver there less the load. All is per unit of 100 MVA; unknowns are e, f
(the slack's f is 0) and the P and Q of generators. The small network is given by dense matrices:
its equations can then be traced, and that an exact solution is near is proved. For the large one
a constant is given.

Data: IEEE test cases of 14 and 118 buses as PYPOWER has them. Branch model: R. D. Zimmerman, C. E.
Murillo-Sanchez, R. J. Thomas, IEEE Trans. Power Systems 26 (2011) 12-19.
"""

import time
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from pypower.case14 import case14
from pypower.case118 import case118
from scipy import sparse

import nlsolve

RISE = 1.1


class Network(NamedTuple):
    """N buses and k generators, one a bus, per unit; matrices all dense or all sparse."""

    G: Any
    B: Any
    at_bus: Any  # (N, k), 1 where a generator is
    at: Any  # the bus of each generator, (k,)
    load: Any  # complex, (N,)
    slack: int
    published: Any  # complex voltages, (N,)
    dispatch: Any  # complex power of generators, (k,)
    set_points: Any  # voltages of generators, (k,)


def admittance(case):
    """Y of the bus voltages, sparse (N, N): lines with half their charging at either end, taps."""
    bus, branch = case["bus"], case["branch"][case["branch"][:, 10] == 1]
    ends = branch[:, :2].astype(int).T - 1
    series = 1.0 / (branch[:, 2] + 1j * branch[:, 3])
    own = series + 0.5j * branch[:, 4]
    tap = np.where(branch[:, 8] == 0, 1.0, branch[:, 8]) * np.exp(1j * np.deg2rad(branch[:, 9]))
    entries = [own / abs(tap) ** 2, -series / tap.conj(), -series / tap, own]
    rows, columns = ends[[0, 0, 1, 1]], ends[[0, 1, 0, 1]]
    size = len(bus)
    lines = sparse.coo_array(
        (np.concatenate(entries), (rows.ravel(), columns.ravel())), shape=(size, size)
    )
    shunts = (bus[:, 4] + 1j * bus[:, 5]) / case["baseMVA"]
    return (lines + sparse.diags_array(shunts)).tocsr()


def network_of(case, dense=False):
    bus, generators, base = case["bus"], case["gen"], case["baseMVA"]
    Y = admittance(case)
    at = generators[:, 0].astype(int) - 1
    at_bus = sparse.csr_array((np.ones(at.size), (at, np.arange(at.size))), (len(bus), at.size))
    matrices = [one.toarray() if dense else one for one in (Y.real, Y.imag, at_bus)]
    return Network(
        *matrices,
        at=at,
        load=(bus[:, 2] + 1j * bus[:, 3]) / base,
        slack=int(np.flatnonzero(bus[:, 1] == 3)[0]),
        published=bus[:, 7] * np.exp(1j * np.deg2rad(bus[:, 8] - bus[bus[:, 1] == 3, 8])),
        dispatch=(generators[:, 1] + 1j * generators[:, 2]) / base,
        set_points=generators[:, 5],
    )


def unknowns(network, voltages, power):
    """w = (e, f without the slack's, P, Q)."""
    f = np.delete(voltages.imag, network.slack)
    return np.concatenate([voltages.real, f, power.real, power.imag])


def split(w, network):
    size, slack = network.load.size, network.slack
    e, others, power = w[:size], w[size : 2 * size - 1], w[2 * size - 1 :]
    f = np.concatenate([others[:slack], [0.0], others[slack:]])
    count = network.dispatch.size
    return e, f, power[:count], power[count:]


def balance(w, network):
    """Power into the lines less what generators deliver, (2N,): to equal minus the load."""
    e, f, P, Q = split(w, network)
    G, B, at_bus = network[:3]
    a, b = G @ e - B @ f, B @ e + G @ f
    return np.concatenate([e * a + f * b - at_bus @ P, f * a - e * b - at_bus @ Q])


def jacobian(w, network):
    e, f, _, _ = split(w, network)
    G, B, at_bus = (sparse.csr_array(one) for one in network[:3])
    E, F, a, b = (sparse.diags_array(one) for one in (e, f, G @ e - B @ f, B @ e + G @ f))
    by_f = np.delete(np.arange(e.size), network.slack)
    return sparse.block_array(
        [
            [a + E @ G + F @ B, (b - E @ B + F @ G)[:, by_f], -at_bus, None],
            [F @ G - E @ B - b, (a - F @ B - E @ G)[:, by_f], None, -at_bus],
        ],
        format="csr",
    )


def set_points(w, network):
    """What classical power flow keeps: squared voltages of generators, P of all but the slack."""
    e, f, P, _ = split(w, network)
    others = network.at != network.slack
    return np.concatenate([e[network.at] ** 2 + f[network.at] ** 2, P[others]])


def set_points_jacobian(w, network):
    e, f, P, _ = split(w, network)
    by_f = np.delete(np.arange(e.size), network.slack)
    E, F = (sparse.diags_array(2.0 * one).tocsr()[network.at] for one in (e, f))
    others = sparse.eye_array(P.size, format="csr")[network.at != network.slack]
    none = sparse.csr_array((P.size, P.size))
    return sparse.block_array([[E, F[:, by_f], None, none], [None, None, others, None]])


def classical(w, network):
    return np.concatenate([balance(w, network), set_points(w, network)])


def classical_jacobian(w, network):
    return sparse.vstack([jacobian(w, network), set_points_jacobian(w, network)], format="csr")


def to_equal(network):
    return -np.concatenate([network.load.real, network.load.imag])


def power_flow(network, w0, kept):
    """Classical power flow from w0, with the set points `kept`."""
    y = np.concatenate([to_equal(network), kept])
    sol = nlsolve.solve(classical, y, w0, jac=classical_jacobian, args=(network,))
    return sol.raise_if_failed()


def nearest_flow(network, w0, constants=False):
    """The operating point nearest to w0, all set points free; constants for its certificates."""
    sol = nlsolve.solve(
        balance, to_equal(network), w0,
        jac=jacobian, args=(network,), method="gauss-newton", select="nearest", certify=constants,
    )  # fmt: skip
    return sol.raise_if_failed()


def before_and_after(network, constants=False):
    """The network at its published set points; then the higher load, classical and free."""
    w0 = unknowns(network, network.published, network.dispatch)
    kept = np.concatenate(
        [network.set_points**2, network.dispatch.real[network.at != network.slack]]
    )
    before = power_flow(network, w0, kept)
    risen = network._replace(load=RISE * network.load)
    free = nearest_flow(risen, before.w, constants)
    return before, power_flow(risen, before.w, kept), free


# %%
# How fast the Jacobian changes
# -----------------------------
# In complex numbers the power at the buses is V * conj(Y V), quadratic in V. Its second derivative
# in two directions U and W is U * conj(Y W) + W * conj(Y U). Twice the spectral norm of Y bounds
# its length for U and W of length one: a Lipschitz constant of the Jacobian, everywhere.


def lipschitz(network):
    Y = network.G + 1j * network.B
    return 2.0 * np.linalg.norm(Y.toarray() if sparse.issparse(Y) else Y, 2)


# %%
# Who takes the rise
# ------------------


def more_power(sol, start, network):
    """What each generator delivers more than before, in MW."""
    return 100.0 * (split(sol.w, network)[2] - split(start.w, network)[2])


def row(name, sol, start, network):
    """A line of the table, in MW and per unit."""
    e, f, _, _ = split(sol.w, network)
    more, slack = more_power(sol, start, network), network.at == network.slack
    voltage = np.hypot(e, f)
    print(
        f"{name:>10}: slack {more[slack][0]:+6.1f} MW, others up to {more[~slack].max():4.1f} MW, "
        f"sum {more.sum():5.1f} MW, voltages {voltage.min():.3f} to {voltage.max():.3f}, "
        f"moved {np.linalg.norm(sol.w - start.w):.3f}"
    )


def report(name, network, constants=False):
    begin = time.perf_counter()
    before, fixed, free = before_and_after(network, constants)
    seconds = time.perf_counter() - begin
    demand = 100.0 * network.load.real.sum()
    print(f"{name}: {free.fun.size} equations, {free.w.size} unknowns, {seconds:.2f} s")
    print(f"    demand rises from {demand:.0f} MW by {(RISE - 1.0) * demand:.1f} MW")
    for label, sol in (("classical", fixed), ("free", free)):
        row(label, sol, before, network)
    print(f"    {free.certificate.evidence}: {free.certificate.claim}\n")
    return [more_power(sol, before, network) for sol in (fixed, free)], free


small, large = network_of(case14(), dense=True), network_of(case118())
rises = {
    "IEEE 14 buses": report("IEEE 14 buses", small),
    "IEEE 118 buses": report("IEEE 118 buses", large, {"lipschitz": lipschitz(large)}),
}

# %%
# In classical power flow the slack's bar is far beyond the top.

figure, axes = plt.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained", width_ratios=[1, 2.4])
for axis, (name, ((fixed, shared), _)) in zip(axes, rises.items(), strict=True):
    place = np.arange(fixed.size)
    axis.bar(place - 0.2, fixed, 0.4, color="#D55E00", label="classical")
    axis.bar(place + 0.2, shared, 0.4, color="#0072B2", label="set points free")
    top = 1.6 * shared.max()
    axis.text(fixed.argmax() + 0.6, 0.93 * top, f"to {fixed.max():.0f} MW", color="#D55E00")
    axis.set(title=name, xlabel="generator", ylim=(0.0, top))
axes[0].set_ylabel("more power [MW]")
axes[1].legend(loc="upper left")
plt.show()
