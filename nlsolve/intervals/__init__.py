"""Which numbers can a real result be? Intervals rounded outward; everything proved rests on them.

`interval` is the type and its arithmetic, `rounding` and `exact` its doubles, `sets` what intervals
have in common, `functions` elementary functions (`points`: of one double, by arb; `tables`: of
millions), `matrices` and `definite` products, norms and eigenvalues.
"""

from nlsolve.intervals.definite import (
    centred,
    singular_value_upper,
    symmetric_eigenvalue_lower,
    symmetric_eigenvalue_upper,
)
from nlsolve.intervals.functions import FUNCTIONS
from nlsolve.intervals.interval import Interval, magnitude, midpoint, mignitude
from nlsolve.intervals.matrices import (
    matmul,
    norm_lower,
    norm_upper,
    perron_upper,
    spectral_upper,
    total,
)
from nlsolve.intervals.rounding import EnclosureError, check_arithmetic
from nlsolve.intervals.sets import contains, enclosed, hull, intersection, radius, stacked

__all__ = [
    "FUNCTIONS",
    "EnclosureError",
    "Interval",
    "centred",
    "check_arithmetic",
    "contains",
    "enclosed",
    "hull",
    "intersection",
    "magnitude",
    "matmul",
    "midpoint",
    "mignitude",
    "norm_lower",
    "norm_upper",
    "perron_upper",
    "radius",
    "singular_value_upper",
    "spectral_upper",
    "stacked",
    "symmetric_eigenvalue_lower",
    "symmetric_eigenvalue_upper",
    "total",
]
