"""Which 23 square systems does everybody try first?

J. Burkardt's TEST_NONLIN, in its order, with its standard starts and the sizes it is run at in
SciML's NonlinearProblemLibrary (n = 10 where the size is free, n = 2 for Watson and Chebyquad).
Three misprints of one or the other are not followed. Watson is the true gradient, as in MINPACK.
Chebyquad starts from the symmetric points. Chandrasekhar has the nodes of the midpoint rule.
"""

import numpy as np

from tests.zoo import any_size as free
from tests.zoo import fixed_size as fixed
from tests.zoo.problem import Problem, entry

MGH = "More, Garbow, Hillstrom, ACM TOMS 7 (1981) 17-41; TEST_NONLIN"
FRALEY = "C. Fraley, Report SOL 88-17, Stanford (1988); TEST_NONLIN"
BURKARDT = "J. Burkardt, TEST_NONLIN"
CHANDRASEKHAR = "S. Chandrasekhar, Radiative Transfer (1960); TEST_NONLIN"

PARABOLA = tuple(k * (k - 11.0) / 121.0 for k in range(1, 11))
# 1e4 w1 w2 = 1 and exp(-w1) + exp(-w2) = 1.0001, solved to 25 digits.
POWELL_ROOT = (1.098159329699817456e-05, 9.106146739866524011)

chebyquad, chebyquad_jac = free.chebyquad(1.0, 0.0)
square_root_2, square_root_2_jac = fixed.matrix_square_root(2)
square_root_3, square_root_3_jac = fixed.matrix_square_root(3)

STANDARD: list[Problem] = [
    entry(
        "generalized Rosenbrock",
        free.generalized_rosenbrock,
        free.generalized_rosenbrock_jac,
        [-1.2] + [1.0] * 9,
        BURKARDT,
        [1.0] * 10,
    ),
    entry(
        "Powell singular",
        fixed.powell_singular,
        fixed.powell_singular_jac,
        [3.0, -1.0, 0.0, 1.0],
        MGH,
        [0.0] * 4,
        singular=True,
    ),
    entry(
        "Powell badly scaled",
        fixed.powell_badly_scaled,
        fixed.powell_badly_scaled_jac,
        [0.0, 1.0],
        MGH,
        POWELL_ROOT,
    ),
    entry(
        "Wood gradient",
        fixed.wood_gradient,
        fixed.wood_gradient_jac,
        [-3.0, -1.0, -3.0, -1.0],
        MGH,
        [1.0] * 4,
    ),
    entry(
        "helical valley",
        fixed.helical_valley,
        fixed.helical_valley_jac,
        [-1.0, 0.0, 0.0],
        MGH,
        [1.0, 0.0, 0.0],
    ),
    entry("Watson gradient", free.watson_gradient, free.watson_gradient_jac, [0.0, 0.0], MGH),
    entry(
        "Chebyquad",
        chebyquad,
        chebyquad_jac,
        [-1.0 / 3.0, 1.0 / 3.0],
        MGH,
        [-np.sqrt(1.0 / 3.0), np.sqrt(1.0 / 3.0)],
    ),
    entry(
        "Brown almost linear",
        free.brown_almost_linear,
        free.brown_almost_linear_jac,
        [0.5] * 10,
        MGH,
        [1.0] * 10,
    ),
    entry(
        "discrete boundary value",
        free.discrete_boundary_value,
        free.discrete_boundary_value_jac,
        PARABOLA,
        MGH,
    ),
    entry(
        "discrete integral equation",
        free.discrete_integral,
        free.discrete_integral_jac,
        PARABOLA,
        MGH,
    ),
    entry("trigonometric", free.trigonometric, free.trigonometric_jac, [0.1] * 10, MGH, [0.0] * 10),
    entry(
        "variably dimensioned gradient",
        free.variably_dimensioned_gradient,
        free.variably_dimensioned_gradient_jac,
        [1.0 - k / 10.0 for k in range(1, 11)],
        MGH,
        [1.0] * 10,
    ),
    entry(
        "Broyden tridiagonal",
        free.broyden_tridiagonal,
        free.broyden_tridiagonal_jac,
        [-1.0] * 10,
        MGH,
    ),
    entry("Broyden banded", free.broyden_banded, free.broyden_banded_jac, [-1.0] * 10, MGH),
    entry(
        "Hammarling 2x2 matrix square root",
        square_root_2,
        square_root_2_jac,
        np.eye(2),
        FRALEY,
        [[0.01, 50.0], [0.0, 0.01]],
    ),
    entry(
        "Hammarling 3x3 matrix square root",
        square_root_3,
        square_root_3_jac,
        np.eye(3),
        FRALEY,
        [[0.01, 50.0, 0.0], [0.0, 0.01, 0.0], [0.0, 0.0, 0.01]],
    ),
    entry(
        "Dennis and Schnabel 2x2",
        fixed.dennis_schnabel,
        fixed.dennis_schnabel_jac,
        [1.0, 5.0],
        "J. Dennis, R. Schnabel, Numerical Methods (1996); TEST_NONLIN",
        [0.0, 3.0],
    ),
    entry(
        "sample problem 18",
        fixed.sample_18,
        fixed.sample_18_jac,
        [2.0, 2.0],
        BURKARDT,
        [0.0, 0.0],
        singular=True,
    ),
    entry(
        "sample problem 19",
        fixed.sample_19,
        fixed.sample_19_jac,
        [3.0, 3.0],
        BURKARDT,
        [0.0, 0.0],
        singular=True,
    ),
    entry("scalar x (x - 5)^2", fixed.double_root, fixed.double_root_jac, [1.0], BURKARDT, [0.0]),
    entry(
        "Freudenstein-Roth",
        fixed.freudenstein_roth,
        fixed.freudenstein_roth_jac,
        [0.5, -2.0],
        MGH,
        [5.0, 4.0],
    ),
    entry(
        "Boggs",
        fixed.boggs,
        fixed.boggs_jac,
        [1.0, 0.0],
        "P. Boggs, SIAM J. Numer. Anal. 8 (1971) 767-785; TEST_NONLIN",
        [0.0, 1.0],
    ),
    entry("Chandrasekhar", free.chandrasekhar, free.chandrasekhar_jac, [1.0] * 10, CHANDRASEKHAR),
]
