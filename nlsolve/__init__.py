"""nlsolve: nonlinear systems F(w) = y with at least as many unknowns as equations."""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "solve": "nlsolve.api",
    "resume": "nlsolve.resumed",
    "jit_solver": "nlsolve.many.jit_solver",
    "multistart": "nlsolve.batch",
    "solve_many": "nlsolve.many.solve_many",
    "ManyResult": "nlsolve.many.result",
    "MultistartResult": "nlsolve.explore.found",
    "certify": "nlsolve.points",
    "tangent_kernel": "nlsolve.points",
    "diagnose": "nlsolve.points",
    "manifold": "nlsolve.explore.manifold",
    "Manifold": "nlsolve.explore.manifold",
    "System": "nlsolve.systems",
    "parse": "nlsolve.systems.parse",
    "from_sympy": "nlsolve.systems.symbolic",
    "trace": "nlsolve.systems.trace",
    "from_jax": "nlsolve.interop",
    "from_torch": "nlsolve.interop",
    "from_casadi": "nlsolve.interop",
    "FormulaSystem": "nlsolve.systems.formulas",
    "verify": "nlsolve.certificates.verify",
    "SolveResult": "nlsolve.result",
    "SolveError": "nlsolve.result",
    "Status": "nlsolve.result",
    "Certificate": "nlsolve.certificates",
    "Evidence": "nlsolve.certificates",
    "Diagnosis": "nlsolve.explore",
    "ConvergenceDisplay": "nlsolve.display.plots.convergence",
    "DistanceDisplay": "nlsolve.display.plots.distance",
    "LandscapeDisplay": "nlsolve.display.plots.landscape",
    "ManifoldDisplay": "nlsolve.display.plots.manifold",
    "SpectrumDisplay": "nlsolve.display.plots.spectrum",
    "EvaluationError": "nlsolve.systems.errors",
    "JacobianWarning": "nlsolve.systems.errors",
    "BlockKaczmarz": "nlsolve.methods",
    "Dogleg": "nlsolve.methods",
    "GaussNewton": "nlsolve.methods",
    "LevenbergMarquardt": "nlsolve.methods",
    "GradientDescent": "nlsolve.methods",
    "StochasticGradient": "nlsolve.methods",
}

_ROOMS = ("distributed", "interop", "networks")  # modules of their own

__all__ = [*_HOME, *_ROOMS, "__version__"]

if TYPE_CHECKING:
    from nlsolve import distributed as distributed
    from nlsolve import interop as interop
    from nlsolve import networks as networks
    from nlsolve.api import solve as solve
    from nlsolve.batch import multistart as multistart
    from nlsolve.certificates import Certificate as Certificate
    from nlsolve.certificates import Evidence as Evidence
    from nlsolve.certificates.verify import verify as verify
    from nlsolve.display.plots.convergence import ConvergenceDisplay as ConvergenceDisplay
    from nlsolve.display.plots.distance import DistanceDisplay as DistanceDisplay
    from nlsolve.display.plots.landscape import LandscapeDisplay as LandscapeDisplay
    from nlsolve.display.plots.manifold import ManifoldDisplay as ManifoldDisplay
    from nlsolve.display.plots.spectrum import SpectrumDisplay as SpectrumDisplay
    from nlsolve.explore import Diagnosis as Diagnosis
    from nlsolve.explore.found import MultistartResult as MultistartResult
    from nlsolve.explore.manifold import Manifold as Manifold
    from nlsolve.explore.manifold import manifold as manifold
    from nlsolve.interop import from_casadi as from_casadi
    from nlsolve.interop import from_jax as from_jax
    from nlsolve.interop import from_torch as from_torch
    from nlsolve.many.jit_solver import jit_solver as jit_solver
    from nlsolve.many.result import ManyResult as ManyResult
    from nlsolve.many.solve_many import solve_many as solve_many
    from nlsolve.methods import BlockKaczmarz as BlockKaczmarz
    from nlsolve.methods import Dogleg as Dogleg
    from nlsolve.methods import GaussNewton as GaussNewton
    from nlsolve.methods import GradientDescent as GradientDescent
    from nlsolve.methods import LevenbergMarquardt as LevenbergMarquardt
    from nlsolve.methods import StochasticGradient as StochasticGradient
    from nlsolve.points import certify as certify
    from nlsolve.points import diagnose as diagnose
    from nlsolve.points import tangent_kernel as tangent_kernel
    from nlsolve.result import SolveError as SolveError
    from nlsolve.result import SolveResult as SolveResult
    from nlsolve.result import Status as Status
    from nlsolve.resumed import resume as resume
    from nlsolve.systems import System as System
    from nlsolve.systems.errors import EvaluationError as EvaluationError
    from nlsolve.systems.errors import JacobianWarning as JacobianWarning
    from nlsolve.systems.formulas import FormulaSystem as FormulaSystem
    from nlsolve.systems.parse import parse as parse
    from nlsolve.systems.symbolic import from_sympy as from_sympy
    from nlsolve.systems.trace import trace as trace


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"nlsolve.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'nlsolve' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME, *_ROOMS])
