"""Which systems have more unknowns than equations? All of the zoo's, collected by theme."""

from tests.zoo.problem import Problem
from tests.zoo.wide_degenerate import WIDE_DEGENERATE
from tests.zoo.wide_discretised import WIDE_DISCRETISED
from tests.zoo.wide_equations import WIDE_EQUATIONS
from tests.zoo.wide_geometry import WIDE_GEOMETRY
from tests.zoo.wide_matrices import WIDE_MATRICES
from tests.zoo.wide_mechanisms import WIDE_MECHANISMS
from tests.zoo.wide_models import WIDE_MODELS

WIDE: list[Problem] = [
    *WIDE_GEOMETRY,
    *WIDE_MECHANISMS,
    *WIDE_EQUATIONS,
    *WIDE_MATRICES,
    *WIDE_DEGENERATE,
    *WIDE_MODELS,
    *WIDE_DISCRETISED,
]
