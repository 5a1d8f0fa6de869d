"""Which fits have parameters that were certified to eleven figures?

The 27 nonlinear regressions of the NIST Statistical Reference Datasets, as overdetermined systems
F(w) = y: n observations, m < n parameters. nist_strd.json holds their observations, their two
starts, the certified parameters and the certified residual sum of squares |F(w) - y|^2.

The parameters of one fit differ by up to eight orders of magnitude. whitened takes that away, and
with it the conditioning of the Jacobian at one point: if J(w_c) = Q R, then in v, with
w = w_c + T v and T = R^(-1), the Jacobian at v = 0 is Q.

Source: NIST/ITL, Statistical Reference Datasets, Nonlinear Regression (public domain),
https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from tests.zoo import nist_models as models
from tests.zoo.problem import Function


class Regression(NamedTuple):
    """The system F(w) = y of a fit, its exact Jacobian, two starts and the certified answer."""

    name: str
    F: Function
    jac: Function
    y: np.ndarray
    start1: tuple[float, ...]
    start2: tuple[float, ...]
    certified: tuple[float, ...]
    rss: float  # |F(certified) - y|^2


MODELS = {
    "Bennett5": models.shifted_power,
    "BoxBOD": models.exponential_rise,
    "Chwirut1": models.damped_reciprocal,
    "Chwirut2": models.damped_reciprocal,
    "DanWood": models.power_law,
    "ENSO": models.three_cycles,
    "Eckerle4": models.peak,
    "Gauss1": models.two_peaks,
    "Gauss2": models.two_peaks,
    "Gauss3": models.two_peaks,
    "Hahn1": partial(models.polynomial_ratio, 3),
    "Kirby2": partial(models.polynomial_ratio, 2),
    "Lanczos1": partial(models.exponential_sum, 3),
    "Lanczos2": partial(models.exponential_sum, 3),
    "Lanczos3": partial(models.exponential_sum, 3),
    "MGH09": models.kowalik_osborne,
    "MGH10": models.meyer,
    "MGH17": models.osborne,
    "Misra1a": models.exponential_rise,
    "Misra1b": partial(models.algebraic_rise, 2.0),
    "Misra1c": partial(models.algebraic_rise, 0.5),
    "Misra1d": partial(models.algebraic_rise, 1.0),
    "Nelson": models.nelson,
    "Rat42": models.logistic,
    "Rat43": models.richards,
    "Roszman1": models.quantum_defect,
    "Thurber": partial(models.polynomial_ratio, 3),
}


def regression(name: str, entry: dict) -> Regression:
    y, *abscissas = np.array(entry["data"]).T.copy()
    if name == "Nelson":
        y = np.log(y)
    F, jac = MODELS[name](*abscissas)
    starts = tuple(entry["start1"]), tuple(entry["start2"])
    return Regression(name, F, jac, y, *starts, tuple(entry["certified"]), entry["rss"])


def read_regressions() -> list[Regression]:
    text = Path(__file__).with_name("nist_strd.json").read_text(encoding="utf-8")
    return [regression(name, entry) for name, entry in json.loads(text).items()]


REGRESSIONS: list[Regression] = read_regressions()


def whitened(
    problem: Regression, w: Sequence[float] | np.ndarray
) -> tuple[Function, Function, np.ndarray]:
    """F and jac as functions of v, where w + T v are the parameters, and T.

    jac_v(0) = J(w) T has orthonormal columns; J(w) must have full rank.
    """
    centre = np.array(w, dtype=float)
    R = np.linalg.qr(problem.jac(centre), mode="r")
    T = solve_triangular(R, np.eye(centre.size))

    def F_v(v: np.ndarray) -> np.ndarray:
        return problem.F(centre + T @ v)

    def jac_v(v: np.ndarray) -> np.ndarray:
        return problem.jac(centre + T @ v) @ T

    return F_v, jac_v, T
