"""Which names does nlsolve export, and what does importing it cost?"""

import importlib
import json
import statistics
import subprocess
import sys

import pytest

import nlsolve

NAMES = {
    "BlockKaczmarz",
    "Certificate",
    "ConvergenceDisplay",
    "Diagnosis",
    "DistanceDisplay",
    "Dogleg",
    "Evidence",
    "EvaluationError",
    "FormulaSystem",
    "GaussNewton",
    "GradientDescent",
    "JacobianWarning",
    "LandscapeDisplay",
    "LevenbergMarquardt",
    "Manifold",
    "ManifoldDisplay",
    "ManyResult",
    "MultistartResult",
    "SolveError",
    "SolveResult",
    "SpectrumDisplay",
    "Status",
    "StochasticGradient",
    "System",
    "__version__",
    "certify",
    "diagnose",
    "distributed",
    "from_casadi",
    "from_jax",
    "from_sympy",
    "from_torch",
    "interop",
    "jit_solver",
    "manifold",
    "multistart",
    "networks",
    "parse",
    "resume",
    "solve",
    "solve_many",
    "tangent_kernel",
    "trace",
    "verify",
}


def test_exported_names_are_pinned():
    assert set(nlsolve.__all__) == NAMES
    for name in NAMES:
        assert getattr(nlsolve, name) is not None
    assert set(dir(nlsolve)) >= NAMES


def test_every_public_name_is_documented():
    for name in NAMES - {"__version__"}:
        assert getattr(nlsolve, name).__doc__, name


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="slove"):
        nlsolve.slove  # noqa: B018


def test_version_is_that_of_the_metadata():
    assert importlib.metadata.version("nlsolve") == nlsolve.__version__


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_import_loads_nothing():
    code = "import sys, json; before = set(sys.modules); import nlsolve; "
    loaded = json.loads(run(code + "print(json.dumps(sorted(set(sys.modules) - before)))"))
    assert not {"numpy", "scipy", "numba", "sympy", "tqdm", "matplotlib"} & set(loaded)


def test_plain_functions_do_not_load_numba():
    code = (
        "import sys, nlsolve; r = nlsolve.solve(lambda w: [w[0] - w[1]], 0.0, [1.0, 2.0]); "
        "print(r.success, 'numba' in sys.modules)"
    )
    assert run(code).split() == ["True", "False"]


def test_import_time_is_at_most_1_3_times_that_of_numpy():
    clock = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    ratios = [
        float(run(clock.format("nlsolve"))) / float(run(clock.format("numpy"))) for _ in range(5)
    ]
    assert statistics.median(ratios) <= 1.3
