"""Are the numbers in the pictures those of the run, of the theorems, and of numpy?"""

import importlib
import math

import numpy as np
import pytest

import nlsolve

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (after the backend)

START = [0.7, 0.5, 0.6]
DISPLAYS = (
    nlsolve.ConvergenceDisplay, nlsolve.DistanceDisplay, nlsolve.LandscapeDisplay,
    nlsolve.ManifoldDisplay, nlsolve.SpectrumDisplay,
)  # fmt: skip


def F(x):
    return np.array([x @ x - 1, x[0] - x[1]])


def jac(x):
    return np.array([2 * x, [1.0, -1.0, 0.0]])


def no_root(w):
    return np.array([w @ w + 1.0, w[0] - w[1]])


@pytest.fixture(scope="module")
def newton():
    return nlsolve.solve(
        F, 0.0, START, jac=jac, method="gauss-newton", certify={"lipschitz": 2.0}, store_path=True
    )


@pytest.fixture(scope="module")
def descent():
    return nlsolve.solve(F, 0.0, START, jac=jac, method="gd", step=0.05, certify={"lipschitz": 2.0})


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def drawn(line):
    return np.asarray(line.get_ydata(), dtype=float)


def legend(display):
    return " ".join(text.get_text() for text in display.ax_.get_legend().get_texts())


def test_convergence_draws_the_history(newton):
    display = nlsolve.ConvergenceDisplay.from_result(newton)
    np.testing.assert_array_equal(drawn(display.line_), newton.history.residual_norm)
    assert drawn(display.tolerance_)[0] == 1e-10
    assert display.certified_.get_xdata()[0] == newton.certified_from
    assert display.ax_.get_yscale() == "log"
    assert "ASSUMED" in legend(display)
    assert "root" in display.ax_.get_title(loc="left")


def test_the_loss_is_half_the_square(newton):
    display = nlsolve.ConvergenceDisplay.from_result(newton, quantity="loss")
    np.testing.assert_allclose(drawn(display.line_), newton.history.residual_norm**2 / 2)
    assert drawn(display.tolerance_)[0] == pytest.approx(5e-21)
    with pytest.raises(ValueError, match="quantity must be"):
        nlsolve.ConvergenceDisplay.from_result(newton, quantity="losses")


def test_the_envelope_of_newton_is_the_recursion_of_its_theorem(newton):
    promised = newton.start_certificate
    of = {(b.quantity, b.side): float(b.value) for b in promised.ingredients}
    rho, sigma, beta = of["rho0", "upper"], of["sigma0", "lower"], of["beta", "upper"]
    expected = []
    for _ in range(len(newton.history)):
        expected.append(rho * of["A_inverse", "upper"])
        d = rho / sigma
        rho, sigma = beta * d * d / 2, sigma - beta * d
    display = nlsolve.ConvergenceDisplay.from_result(newton)
    np.testing.assert_allclose(drawn(display.envelope_), expected, rtol=1e-7)


def test_the_envelope_of_descent_falls_by_its_rate(descent):
    promised = descent.start_certificate
    r0 = np.linalg.norm(F(np.array(START)))
    expected = r0 * promised.rate ** (np.arange(len(descent.history)) / 2)
    display = nlsolve.ConvergenceDisplay.from_result(descent)
    np.testing.assert_allclose(drawn(display.envelope_), expected, rtol=1e-6)


def test_a_residual_of_zero_is_marked_at_the_foot():
    sol = nlsolve.solve(lambda w: [w[0] + w[1] - 2.0], 0.0, [1.0, 1.0])
    display = nlsolve.ConvergenceDisplay.from_result(sol)
    assert display.zeros_.get_xdata().tolist() == [0.0]
    assert "0 exactly" in legend(display)


def test_distance_draws_history_and_certificate(newton):
    display = nlsolve.DistanceDisplay.from_result(newton)
    np.testing.assert_array_equal(drawn(display.line_), newton.history.distance)
    np.testing.assert_array_equal(drawn(display.path_), newton.history.path_length)
    assert drawn(display.radius_)[0] == newton.start_certificate.radius
    assert drawn(display.nearest_)[0] == newton.start_certificate.distance[0]


def test_spectra_are_those_of_numpy(newton):
    display = nlsolve.SpectrumDisplay.from_result(newton)
    for line, w in ((display.start_, np.array(START)), (display.end_, newton.w)):
        expected = np.linalg.eigvalsh(jac(w) @ jac(w).T)[::-1]
        np.testing.assert_allclose(drawn(line), expected, rtol=1e-12)
    np.testing.assert_array_equal(drawn(display.line_), newton.history.lambda_min)
    assert drawn(display.mu_)[0] == newton.start_certificate.mu


def test_descent_shows_the_pl_ratio_instead(descent):
    display = nlsolve.SpectrumDisplay.from_result(descent)
    np.testing.assert_array_equal(drawn(display.line_), descent.history.pl_ratio)
    assert "PL ratio" in legend(display)


@pytest.mark.parametrize("condition", ["kernel", "ratio"])
def test_the_region_is_where_numpy_finds_the_condition(newton, condition):
    mu = 1.9  # in the middle of the eigenvalues met
    display = nlsolve.LandscapeDisplay.from_result(newton, mu=mu, condition=condition, resolution=9)
    plane, held = display.landscape.plane, []
    for b in display.landscape.b:
        for a in display.landscape.a:
            w = np.array(START) + a * plane.p + b * plane.q
            r, K = F(w), jac(w) @ jac(w).T
            held.append(r @ K @ r / (r @ r) if condition == "ratio" else np.linalg.eigvalsh(K)[0])
    expected = np.array(held).reshape(9, 9) >= mu
    assert 0 < expected.sum() < 81
    np.testing.assert_array_equal(display.holds, expected)
    np.testing.assert_array_equal(~np.ma.getmaskarray(display.region_.get_array()), expected)


def test_the_plane_holds_start_solution_and_path(newton):
    landscape = nlsolve.LandscapeDisplay.from_result(newton, resolution=5).landscape
    plane, walked = landscape.plane, newton.w - START
    np.testing.assert_allclose(plane.distance * plane.p, walked, atol=1e-15)
    np.testing.assert_allclose(
        [plane.p @ plane.p, plane.q @ plane.q, plane.p @ plane.q], [1, 1, 0], atol=1e-14
    )
    np.testing.assert_allclose(landscape.path[:, 0], (newton.path - START) @ plane.p, atol=1e-15)
    w = START + landscape.a[1] * plane.p + landscape.b[3] * plane.q
    assert landscape.loss[3, 1] == pytest.approx(F(w) @ F(w) / 2, rel=1e-12)


def test_the_ball_is_the_certified_one(newton):
    display = nlsolve.LandscapeDisplay.from_result(newton, resolution=5)
    assert display.ball_.radius == newton.start_certificate.radius
    assert display.mu == newton.start_certificate.mu


def test_landscapes_refuse_what_they_cannot_draw(newton):
    with pytest.raises(ValueError, match="direction must be a vector of 3"):
        nlsolve.LandscapeDisplay.from_result(newton, direction=[1.0, 0.0])
    with pytest.raises(ValueError, match="condition must be one of"):
        nlsolve.LandscapeDisplay.from_result(newton, condition="pl")
    with pytest.raises(ValueError, match="two unknowns"):
        nlsolve.LandscapeDisplay.from_result(nlsolve.solve(lambda w: w**3 - 2, 0.0, 1.0))


def test_curves_and_surfaces_are_made_of_roots(newton):
    curve = nlsolve.ManifoldDisplay.from_result(newton)
    points = np.array(curve.solutions_.get_data_3d()).T
    assert np.abs([F(w) for w in points]).max() < 1e-9
    assert np.ptp(curve.patch.place) == pytest.approx(3 * np.linalg.norm(newton.w - START))
    sol = nlsolve.solve(lambda w: [w @ w - 1.0], 0.0, START)
    surface = nlsolve.ManifoldDisplay.from_result(sol, length=0.5)
    lengths = np.linalg.norm(surface.patch.points, axis=1)
    np.testing.assert_allclose(lengths, 1.0, atol=1e-9)
    away = np.arccos(np.clip(surface.patch.points @ surface.patch.solution, -1.0, 1.0))
    arcs = np.linalg.norm(surface.patch.place, axis=1)
    np.testing.assert_allclose(away, arcs, atol=1e-6)  # great circles


def test_manifolds_refuse_what_they_cannot_draw(newton):
    failed = nlsolve.solve(no_root, 0.0, [1.0, 0.5], max_iter=5)
    with pytest.raises(ValueError, match="no root"):
        nlsolve.ManifoldDisplay.from_result(failed)
    isolated = nlsolve.solve(lambda w: w**2 - 2.0, 0.0, [1.0, 1.5])
    with pytest.raises(ValueError, match="dimension 0"):
        nlsolve.ManifoldDisplay.from_result(isolated)
    with pytest.raises(ValueError, match="unknowns must be"):
        nlsolve.ManifoldDisplay.from_result(newton, unknowns=(0, 7))
    with pytest.raises(ValueError, match="three dimensions"):
        nlsolve.ManifoldDisplay.from_result(newton, ax=pyplot.figure().add_subplot())


def test_four_in_one_figure_that_nobody_showed(newton):
    found = newton.plot()
    for name in ("convergence", "distance", "spectrum", "landscape"):
        assert getattr(found, name).figure_ is found.figure_
    assert newton.message in found.figure_.get_suptitle().replace("\n", " ")


def test_runs_without_certificate_or_root_say_so():
    failed = nlsolve.solve(no_root, 0.0, [1.0, 0.5], max_iter=5)
    found = failed.plot()
    assert "note: no bound is certified" in legend(found.convergence).replace("\n", " ")
    assert found.distance.radius_ is None
    assert found.convergence.envelope_ is None
    assert nlsolve.solve(lambda w: w**3 - 2.0, 0.0, 1.0).plot().landscape is None


def test_a_display_is_drawn_again_on_axes_given(newton):
    display = nlsolve.DistanceDisplay.from_result(newton)
    other = pyplot.figure().add_subplot()
    assert display.plot(other).ax_ is other
    assert math.isfinite(display.radius)


@pytest.mark.parametrize("display", DISPLAYS)
def test_without_matplotlib_the_error_names_the_extra(display, newton, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ImportError, match=r"nlsolve\[plot\]"):
        display.from_result(newton)
