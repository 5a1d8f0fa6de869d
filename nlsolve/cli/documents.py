"""What does `--json` say of a result, a certificate, a kernel and a diagnosis?

The keys are promised: they may be added to, and not renamed. Numbers that are not finite are null.
"""

from typing import Any


def of_result(result: Any, unknowns: dict[str, float] | None) -> dict[str, Any]:
    """Return a result but for its certificate."""
    return {
        "success": bool(result.success),
        "status": result.status.name.lower(),
        "message": result.message,
        "unknowns": unknowns,
        "w": result.w,
        "residual": result.fun,
        "residual_norm": result.residual_norm,
        "method": result.method,
        "stages": list(result.stages),
        "iterations": int(result.nit),
        "evaluations": int(result.nfev),
        "jacobians": int(result.njev),
    }


def of_certificate(certificate: Any) -> dict[str, Any]:
    """Return a certificate: its verdict, its numbers and what it rests on."""
    c = certificate
    return {
        "holds": bool(c.holds),
        "evidence": c.evidence.word,
        "claim": c.claim,
        "reason": c.reason,
        "theorem": c.theorem,
        "method": c.method,
        "distance": list(c.distance),
        "unique_within": c.unique_within,
        "radius": c.radius,
        "h": c.h,
        "mu": c.mu,
        "beta": c.beta,
        "residual_norm": c.residual_norm,
        "sigma_min": c.sigma_min,
        "sigma_max": c.sigma_max,
        "step": c.step,
        "rate": c.rate,
        "probability": c.probability,
        "loss": c.loss,
        "ingredients": [str(bound) for bound in c.ingredients],
        "assumptions": list(c.assumptions),
    }


def of_kernel(kernel: Any) -> dict[str, Any]:
    """Return a tangent kernel: rank, condition and spectrum."""
    return {
        "n": kernel.n,
        "m": kernel.m,
        "rank": kernel.rank,
        "condition": kernel.condition,
        "sigma_min": kernel.sigma_min,
        "sigma_max": kernel.sigma_max,
        "lambda_min": kernel.lambda_min,
        "lambda_max": kernel.lambda_max,
        "singular_values": kernel.singular_values,
        "eigenvalues": kernel.eigenvalues,
        "error": kernel.error,
    }


def of_diagnosis(diagnosis: Any) -> dict[str, Any]:
    """Return a diagnosis: its findings in words, and its numbers."""
    d = diagnosis
    return {
        "sound": bool(d.sound),
        "findings": [
            {"kind": one.kind, "defect": one.defect, "text": one.text, "advice": one.advice}
            for one in d.findings
        ],
        "n": d.n,
        "m": d.m,
        "rank": d.rank,
        "generic_rank": d.generic_rank,
        "structural_rank": d.structural_rank,
        "degrees_of_freedom": d.degrees_of_freedom,
        "redundant": [list(one.equations) for one in d.redundant],
        "inconsistent": [list(one.equations) for one in d.inconsistent],
        "functional": [list(one.equations) for one in d.functional],
        "singular": [list(one.equations) for one in d.singular],
        "flat": list(d.flat),
        "free": list(d.free),
        "movable": list(d.movable),
        "condition": d.condition,
        "residual_norm": d.residual_norm,
        "root": bool(d.root),
        "stationary": bool(d.stationary),
    }
