"""Do the examples run as a user would run them, and are their systems what they say?

Each system is written here a second time, in another form or by another package.
"""

import contextlib
import functools
import io
import os
import pathlib
import runpy
import subprocess
import sys
from unittest import mock

import numpy as np
import pytest
from matplotlib import pyplot
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

import nlsolve
from nlsolve import demo
from tests.zoo.nist import REGRESSIONS

EXAMPLES = sorted((pathlib.Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.fixture(scope="module")
def example():
    """Runs an example once and returns its names, what it printed under 'printed'."""
    pyplot.switch_backend("Agg")

    @functools.cache
    def run(name):
        pyplot.close("all")  # what other tests left open
        path = str(EXAMPLES[0].with_name(f"{name}.py"))
        with (
            contextlib.redirect_stdout(io.StringIO()) as printed,
            mock.patch.object(sys, "argv", [path]),
        ):
            names = runpy.run_path(path, run_name="__main__")
        names["figures"] = [pyplot.figure(k) for k in pyplot.get_fignums()]
        pyplot.close("all")
        return names | {"printed": printed.getvalue()}

    return run


# the evidence of the certificate each ends with
EVIDENCE = {
    "almost_enough_weights": "assumed",
    "arm_within_limits": "proved",
    "brusselator": "assumed",
    "burgers_by_network": "assumed",
    "circle_meets_surface": "proved",
    "conditioning_along_the_path": "proved",
    "density_from_rays": "proved",
    "digits": "proved",
    "essential_nonconvexity": "proved",
    "exponential_convergence": "proved",
    "fit_with_too_many_weights": "proved",
    "landscapes": "proved",
    "nist_regression": "proved",
    "power_flow": "proved",
    "rotation_averaging": "proved",
    "state_space_network": "estimated",
    "structural_equations": "proved",
    "transition_to_linearity": "proved",
    "width_for_convergence": "proved",
}


def test_every_example_is_listed():
    assert {path.stem for path in EXAMPLES} == set(EVIDENCE)


@pytest.mark.parametrize("name", sorted(EVIDENCE))
def test_an_example_draws_and_certifies(name, example):
    ran = example(name)
    assert f"{EVIDENCE[name]}: " in ran["printed"]
    (figure,) = ran["figures"]
    assert all(axes.has_data() for axes in figure.axes)


def test_an_example_runs_in_a_shell(tmp_path):
    path = EXAMPLES[0].with_name("circle_meets_surface.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        capture_output=True, text=True, check=False, env={**os.environ, "MPLBACKEND": "Agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "proved: an exact solution lies within" in done.stdout


def test_the_density_meets_its_rays_and_is_the_nearest(example):
    ran = example("density_from_rays")
    density = (ran["sol"].w ** 2).reshape(24, 24)
    coarse = ran["truth"].reshape(12, 2, 12, 2)
    np.testing.assert_allclose(density.reshape(12, 2, 24).sum((1, 2)), coarse.sum((1, 2, 3)))
    np.testing.assert_allclose(density.reshape(24, 12, 2).sum((0, 2)), coarse.sum((0, 1, 3)))
    assert ran["proof"].distance[1] < 1e-10
    assert ran["difference"] < 1e-8


def test_the_landscapes_mu_is_the_exact_one_and_the_saddle_no_root(example):
    ran = example("landscapes")
    assert ran["near_lasso"].mu == pytest.approx(ran["exact"], rel=1e-6)
    assert ran["near_lasso"].mu <= ran["exact"]
    assert ran["stuck"].status is nlsolve.Status.STATIONARY
    assert not ran["at_zero"].holds
    np.testing.assert_allclose(ran["least"].w, [1.0, 1.0], atol=1e-6)


def test_the_loadings_are_those_of_minres(example):
    ran = example("structural_equations")
    assert ran["difference"] < 1e-6
    w = ran["sol"].w
    implied = np.outer(w[:6], w[:6])[np.tril_indices(6)] + w[6:]
    np.testing.assert_allclose(implied, ran["S"], atol=1e-12)
    assert 0.9 < ran["ball"].mu <= 1.0 + np.linalg.eigvalsh(np.outer(w[:6], w[:6]))[-1]


def test_burgers_equation_is_met_at_its_points_and_the_error_is_small(example):
    ran = example("burgers_by_network")
    network, w = ran["network"], ran["sol"].w
    h = 1e-4
    x, t = (part[ran["inside"]][:, None] for part in (ran["x"], ran["t"]))
    u, left, right = (network(w, x + d, t) for d in (0.0, -h, h))
    u_t = (network(w, x, t + h) - network(w, x, t - h)) / (2.0 * h)
    left_over = u_t + u * (right - left) / (2.0 * h) - 0.1 * (right - 2.0 * u + left) / h**2
    assert np.abs(left_over).max() < 1e-4
    assert np.abs(ran["error"]).max() < 0.02
    assert ran["certificate"].distance[1] < 1e-8


def test_the_regression_is_the_published_one_and_the_promise_is_kept(example):
    ran = example("nist_regression")
    (published,) = (one for one in REGRESSIONS if one.name == "Misra1a")
    np.testing.assert_array_equal(ran["y"], published.y)
    np.testing.assert_allclose(ran["UNITS"] * ran["sol"].w, published.certified, rtol=1e-10)
    np.testing.assert_allclose(ran["noise"] @ ran["noise"], published.rss, rtol=1e-10)
    assert ran["certificate"].holds
    assert ran["losses"][ran["took"]] <= ran["certificate"].loss
    assert 0 < ran["took"] <= ran["promised"]


def brusselator_everywhere(w):
    """The equations at all points (2, 32, 32), by shifts of the arrays instead of matrices."""
    u, v = w.reshape(2, 32, 32)
    x, y = np.meshgrid(np.linspace(0, 1, 32), np.linspace(0, 1, 32), indexing="ij")

    def spread(c):
        around = sum(np.roll(c, shift, axis) for shift in (1, -1) for axis in (0, 1))
        return 10 * 31**2 * (around - 4 * c)

    source = np.where(np.hypot(x - 0.3, y - 0.6) <= 0.1, 5.0, 0.0)
    return np.array([spread(u) + 1 + u**2 * v - 4.4 * u + source, spread(v) + 3.4 * u - u**2 * v])


def test_brusselator_on_a_third_of_the_grid_takes_at_most_four_iterations(example):
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
def test_power_flow_with_free_set_points_moves_less_than_the_classical_one(case, example):
    flow = example("power_flow")
    network = flow["network_of"](case())
    before, fixed, free = flow["before_and_after"](network)
    for sol, rise in ((before, 1.0), (fixed, flow["RISE"])):
        e, f, _, _ = flow["split"](sol.w, network)
        np.testing.assert_allclose(e + 1j * f, pypower_voltages(case(), rise), atol=1e-8)
    distances = [np.linalg.norm(sol.w - before.w) for sol in (fixed, free)]
    assert distances[1] < 0.5 * distances[0]


def test_power_leaves_the_generators_and_reaches_the_loads(example):
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


def test_an_eased_arm_is_stationary_along_its_curve(example):
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


def test_rotation_averaging_finds_what_least_squares_over_all_orientations_finds(example):
    slam = example("rotation_averaging")
    graph = slam["graph"](np.random.default_rng(3))
    ends = [*((k, k + 1) for k in range(59)), *map(tuple, graph.loops)]
    i, j = np.transpose(ends)

    def apart(v):
        R = Rotation.from_rotvec(np.vstack([np.zeros(3), v.reshape(59, 3)]))
        turns = R[j] * R[i].inv() * Rotation.from_matrix(graph.measured).inv()
        q = turns.as_quat(canonical=True)
        return (2.0 * q[:, :3] / q[:, 3:]).ravel()  # 2 tan(angle/2) times the axis

    start = Rotation.from_matrix(slam["composed"](graph.measured[:59])[1:]).as_rotvec()
    best = least_squares(apart, start.ravel(), xtol=1e-12, ftol=1e-15, gtol=1e-12)
    c = slam["average"](graph).w
    np.testing.assert_allclose(c, best.fun, atol=1e-6)


def test_a_network_reproduces_its_record_and_carries_its_derivatives(example):
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


def test_the_loss_is_not_convex_next_to_a_solution_and_pl_star_holds_there(example):
    ran = example("essential_nonconvexity")
    assert ran["ball"].mu <= (np.sqrt(2.0) - 0.7) ** 2  # K = u^2 + v^2, least towards the origin
    assert ran["ball"].mu == pytest.approx((np.sqrt(2.0) - 0.7) ** 2, rel=1e-3)
    u, v = 1.0, 1.0 + 1e-6
    hessian = [[v**2, 2.0 * u * v - 1.0], [2.0 * u * v - 1.0, u**2]]
    assert np.linalg.eigvalsh(hessian)[0] < 0.0
    assert (ran["eigenvalues"] < 0.0).all()
    assert ran["slope"] == pytest.approx(1.0, abs=0.05)
    assert ran["proof"].holds
    assert ran["proof"].radius > ran["distances"][:3].max()


def test_second_derivatives_fall_with_the_width_only_where_the_output_is_linear(example):
    ran = example("transition_to_linearity")
    slopes = list(ran["slopes"].values())
    (below, above, _), (all_weights, *_), (nonlinear, *_), (bottleneck, *_) = slopes
    assert below == pytest.approx(-0.5, abs=0.1)
    assert above == pytest.approx(-0.5, abs=0.1)
    assert -0.6 < all_weights < -0.3
    assert min(nonlinear, bottleneck) > -0.2
    assert min(smallest for *_, smallest in slopes) > -0.1  # of lambda_min of K
    for below, above, smallest in ran["table"].values():
        assert (below <= above).all()
        assert smallest.min() > 1e-3
    assert ran["printed"].count("proved: PL* holds") == 4


def test_runs_keep_the_promised_rate_and_radius_and_too_few_weights_get_no_promise(example):
    ran = example("exponential_convergence")
    assert ran["descent"].holds
    assert ran["slowest"] <= ran["descent"].rate < 1.0
    assert ran["moved"] <= ran["descent"].radius
    assert ran["promise"].holds
    assert ran["per_step"] <= ran["promise"].rate < 1.0
    assert ran["farthest"] <= ran["promise"].radius
    assert ran["full"].success
    assert not ran["nothing"].holds
    assert "more equations (20) than unknowns (9)" in ran["nothing"].reason
    assert not ran["stuck"].success
    assert ran["losses"][-1] > 0.1
    assert ran["ratios"].min() < 1e-4 * ran["ratios"][0]


def test_h_falls_like_the_root_of_the_width_until_there_is_a_proof(example):
    ran = example("width_for_convergence")
    for promises in ran["found"].values():
        widths, h = ran["WIDTHS"][: len(promises)], np.array([one.h for one in promises])
        assert np.polyfit(np.log(widths), np.log(h), 1)[0] == pytest.approx(-0.5, abs=0.1)
        assert [one.holds for one in promises] == list(h < 0.5)
    assert ran["firsts"][-1] <= 1e4  # the published width, to a power of ten
    X, here = ran["unit"](ran["X"][ran["chosen"]]), ran["here"]
    beta = 4.0 / (3.0 * np.sqrt(3.0)) * np.linalg.norm(X, 2) / np.sqrt(ran["MANY"])
    assert here.beta == pytest.approx(beta, rel=1e-6)
    h = beta * np.linalg.norm(ran["y"]) / here.sigma_min**2
    assert ran["width"] == pytest.approx(ran["MANY"] * (2.0 * h) ** 2, rel=1e-5)
    assert ran["width"] > 1e6


def test_digits_are_met_by_a_network_written_out(example):
    ran = example("digits")
    a = ran["X"].T
    weights = list(ran["network"].unpack(ran["sol"].w).values())
    for k in range(0, len(weights), 2):
        W, b = weights[k : k + 2]
        z = W @ a / np.sqrt(len(a)) + b[:, None]
        a = np.tanh(z) if k < 4 else z
    assert np.linalg.norm(a[0, :1_000] - ran["y"][:1_000]) < 1e-6
    assert ran["sol"].nit <= 30
    assert ran["correct"] == np.mean((a[0, 1_000:] > 0) == (ran["digit"][1_000:] % 2 == 0)) > 0.95
