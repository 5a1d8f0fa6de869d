"""Which theorems are there? The registry: one entry a theorem, in the order they are tried."""

from nlsolve.certificates.theorems import (
    conditioning,
    emptiness,
    existence,
    existence_delta,
    gauss_newton,
    gradient_descent,
    liu_zhu_belkin_gd,
    liu_zhu_belkin_kernel,
    liu_zhu_belkin_sgd,
    pl_star_eps,
    right_inverse,
    stochastic_gradient,
)
from nlsolve.certificates.theorems.base import Conclusion, Theorem

__all__ = ["REGISTRY", "Conclusion", "Theorem"]

REGISTRY: dict[str, Theorem] = {
    theorem.name: theorem
    for theorem in (
        existence.THEOREM,
        existence_delta.THEOREM,
        right_inverse.THEOREM,
        gauss_newton.THEOREM,
        gradient_descent.THEOREM,
        liu_zhu_belkin_gd.THEOREM,
        stochastic_gradient.THEOREM,
        liu_zhu_belkin_sgd.THEOREM,
        conditioning.THEOREM,
        conditioning.THEOREM_DELTA,
        liu_zhu_belkin_kernel.THEOREM,
        pl_star_eps.THEOREM,
        emptiness.THEOREM,
    )
}
