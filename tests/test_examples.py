"""Do the examples run as a user would run them, and are their systems what they say?

Each system is written here a second time, in another form or by another package.
"""

import pathlib
import runpy
import subprocess
import sys

import numpy as np
import pytest
from pypower.bustypes import bustypes
from pypower.case14 import case14
from pypower.case118 import case118
from pypower.makeSbus import makeSbus
from pypower.makeYbus import makeYbus
from pypower.newtonpf import newtonpf
from pypower.ppoption import ppoption
from scipy.linalg import null_space
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from nlsolve import demo

EXAMPLES = sorted((pathlib.Path(__file__).parent.parent / "examples").glob("*.py"))


def example(name):
    """The names an example defines, its main() not run."""
    return runpy.run_path(str(EXAMPLES[0].with_name(name + ".py")))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_example_runs(path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_are_examples():
    assert EXAMPLES


def brusselator_everywhere(w):
    """The equations at all points (2, 32, 32), by shifts of the arrays instead of matrices."""
    u, v = w.reshape(2, 32, 32)
    x, y = np.meshgrid(np.linspace(0, 1, 32), np.linspace(0, 1, 32), indexing="ij")

    def spread(c):
        around = sum(np.roll(c, shift, axis) for shift in (1, -1) for axis in (0, 1))
        return 10 * 31**2 * (around - 4 * c)

    source = np.where(np.hypot(x - 0.3, y - 0.6) <= 0.1, 5.0, 0.0)
    return np.array([spread(u) + 1 + u**2 * v - 4.4 * u + source, spread(v) + 3.4 * u - u**2 * v])


def test_brusselator_on_a_third_of_the_grid_takes_at_most_four_iterations():
    sol = example("brusselator")["steady_state"]()
    r = brusselator_everywhere(sol.w).reshape(2, -1)[:, ::3]
    assert sol.w.size == 2048
    assert r.size == 684
    assert sol.nit <= 4
    assert np.linalg.norm(r) < 1e-9


def pypower_voltages(case, rise):
    """Complex bus voltages of classical power flow, the slack's angle 0, by PYPOWER."""
    bus, generators = case["bus"].copy(), case["gen"].copy()
    bus[:, 2:4] *= rise
    bus[:, 0] -= 1  # PYPOWER counts from 0 inside
    generators[:, 0] -= 1
    branch = case["branch"].copy()
    branch[:, :2] -= 1
    Y = makeYbus(case["baseMVA"], bus, branch)[0]
    S = makeSbus(case["baseMVA"], bus, generators)
    start = np.exp(1j * np.deg2rad(bus[:, 8]))
    start[generators[:, 0].astype(int)] *= generators[:, 5]
    types = bustypes(bus, generators)
    V, converged, _ = newtonpf(Y, S, start, *types, ppoption(VERBOSE=0, PF_TOL=1e-12))
    assert converged
    return V * np.exp(-1j * np.angle(V[types[0]]))


@pytest.mark.parametrize("case", [case14, case118], ids=lambda case: case.__name__)
def test_power_flow_with_free_set_points_moves_less_than_the_classical_one(case):
    flow = example("power_flow")
    network = flow["network_of"](case())
    before, fixed, free = flow["before_and_after"](network)
    for sol, rise in ((before, 1.0), (fixed, flow["RISE"])):
        e, f, _, _ = flow["split"](sol.w, network)
        np.testing.assert_allclose(e + 1j * f, pypower_voltages(case(), rise), atol=1e-8)
    distances = [np.linalg.norm(sol.w - before.w) for sol in (fixed, free)]
    assert distances[1] < 0.5 * distances[0]


def test_power_leaves_the_generators_and_reaches_the_loads():
    flow = example("power_flow")
    case = case118()
    network = flow["network_of"](case)
    free = flow["before_and_after"](network)[2]
    e, f, P, Q = flow["split"](free.w, network)
    V = e + 1j * f
    for table in ("bus", "branch", "gen"):
        case[table][:, : 2 if table == "branch" else 1] -= 1
    leaving = V * np.conj(makeYbus(case["baseMVA"], case["bus"], case["branch"])[0] @ V)
    leaving[network.at] -= P + 1j * Q
    np.testing.assert_allclose(leaving, -flow["RISE"] * network.load, atol=1e-9)


def test_an_eased_arm_is_stationary_along_its_curve():
    arm = example("arm_within_limits")
    target = demo.random_targets(5, 1)[0]
    some, sol = arm["eased"](target, demo.READY)
    np.testing.assert_allclose(demo.pose(sol.w), target, atol=1e-9)
    steps = 1e-6 * np.eye(7)
    rates = [(demo.pose(sol.w + d) - demo.pose(sol.w - d)).ravel() / 2e-6 for d in steps]
    along = null_space(np.transpose(rates), rcond=1e-7)
    slopes = [(arm["strain"](sol.w + d) - arm["strain"](sol.w - d)) / 2e-6 for d in steps]
    assert along.shape == (7, 1)
    assert abs(slopes @ along[:, 0]) < 1e-6
    assert arm["strain"](sol.w) < 0.9 * arm["strain"](some)


def test_rotation_averaging_finds_what_least_squares_over_all_orientations_finds():
    slam = example("rotation_averaging")
    graph = slam["graph"](np.random.default_rng(3))
    ends = [*((k, k + 1) for k in range(59)), *map(tuple, graph.loops)]
    i, j = np.transpose(ends)

    def apart(v):
        R = Rotation.from_rotvec(np.vstack([np.zeros(3), v.reshape(59, 3)]))
        return (R[j] * R[i].inv() * Rotation.from_matrix(graph.measured).inv()).as_rotvec().ravel()

    start = Rotation.from_matrix(slam["composed"](graph.measured[:59])[1:]).as_rotvec()
    best = least_squares(apart, start.ravel(), xtol=1e-12, ftol=1e-15, gtol=1e-12)
    c = slam["average"](graph).w
    np.testing.assert_allclose(c, best.fun, atol=1e-6)


def test_a_network_reproduces_its_record_and_carries_its_derivatives():
    network = example("state_space_network")
    inputs, outputs, sol = network["identify"](np.random.default_rng(0))

    def run(w):
        A, b, d, C, c = np.split(w, [320, 360, 400, 720])
        s, found = np.zeros(8), []
        for u in inputs:
            hidden = np.tanh(A.reshape(40, 8) @ s + b * u + d)
            s = np.linspace(0.1, 0.9, 8) * s + C.reshape(8, 40) @ hidden
            found.append(s @ c)
        return np.array(found)

    np.testing.assert_allclose(run(sol.w), outputs, atol=1e-9)
    J = network["simulate"](sol.w, inputs)[1]
    for k in range(0, 728, 13):
        shifted = sol.w + 1e-30j * (np.arange(728) == k)
        np.testing.assert_allclose(J[:, k], run(shifted).imag / 1e-30, atol=1e-11)
