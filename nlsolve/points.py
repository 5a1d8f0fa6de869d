"""What can be asked of a system at a point? `certify`, `tangent_kernel` and `diagnose`."""

from collections.abc import Callable, Mapping
from typing import Any

from nlsolve import arguments, methods
from nlsolve.certificates.asked import Asked, certify_at
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.coverage import WORDS
from nlsolve.explore.diagnose import diagnose_at
from nlsolve.explore.diagnosis import Diagnosis
from nlsolve.kernel import TangentKernel
from nlsolve.kernel_unformed import UnformedKernel
from nlsolve.systems import as_system
from nlsolve.systems.jacobians import KernelOperator, as_array


def certify(
    F: Any,
    y: Any = 0.0,
    w: Any = None,
    *,
    method: Any = "gauss-newton",
    claim: str | None = None,
    theorem: str = "best",
    jac: Any = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    args: tuple[Any, ...] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    check_jac: Any = None,
    lipschitz: Any = None,
    hessian_bound: Any = None,
    radius: float | None = None,
    precondition: bool = True,
    bounds: Any = None,
    loss: float | None = None,
    evidence: str | None = None,
    box: Any = None,
    max_boxes: int = 4096,
    max_time: float = 30.0,
    **options: Any,
) -> Certificate:
    """Say whether a method will converge from w, how fast and how far away, and why.

    Parameters
    ----------
    F, y
        The system, as for `solve`.
    w : float or (m,) array_like
        The point: a start to be judged, or an end whose distance to a solution is wanted. For a
        `box` it may be left out.
    method : {'gauss-newton', 'gd', 'sgd', None} or options object, optional
        Whose convergence is claimed; None claims the existence of a solution near w.
    claim : {'convergence', 'existence', 'conditioning', 'pl-star-eps', 'empty'}, optional
        'conditioning' (or 'pl-star') says with which mu PL* holds on the ball of the given
        `radius`; 'pl-star-eps' how low gradient descent brings the loss of an over-determined
        system; 'empty' that no solution lies in the closed ball of the given `radius`, or in a
        `box`, whatever the method. By default convergence, or existence where method is None.
    theorem : str, optional
        One theorem by name, or 'best'. See docs/reference/certificates.md for the list.
    jac, jvp, vjp, args, kwargs, check_jac
        Derivatives and arguments of F, as for `solve`.
    lipschitz : float or callable, optional
        Lipschitz constant of the Jacobian in the spectral norm, a number or a function of (centre,
        radius). Without it, and without `hessian_bound`, it is estimated from samples.
    hessian_bound : float, (n,) array_like or callable, optional
        Bound of the spectral norms of the Hessians of the single equations.
    radius : float, optional
        Ball about w within which all must happen, and for which numbers given hold (by default
        they are taken to hold everywhere).
    precondition : bool, optional
        Whether the equations may be multiplied by a matrix that makes J well conditioned. This
        changes neither solutions nor Gauss-Newton steps; gd and sgd are never preconditioned.
    bounds : pair, optional
        (low, high), as in `scipy.optimize.least_squares`: a ball that leaves the box is refused.
    loss : float, optional
        For 'pl-star-eps': the loss to be reached; by default the lowest one.
    evidence : {'proved', 'estimated'}, optional
        'proved' accepts nothing less; 'estimated' does not try to prove. By default a system known
        as formulas (`nlsolve.parse`, `nlsolve.from_sympy`, `nlsolve.trace`) is proved where
        possible, and so is a function whose code can be traced and which is not large; else
        numbers are estimated, and the certificate says why there is no proof.
    box : pair of float or (m,) array_like, or mapping, optional
        (lo, hi), finite: the closed box that is to be 'empty'; or such a pair of numbers for every
        unknown, by name.
    max_boxes : int, optional
        For 'empty', where there are formulas: how many parts of the region are examined at most.
    max_time : float, optional
        And for how many seconds.
    **options
        What describes the method: ``damping``, ``step``, ``batch``, ``momentum``, ``sampling``.
        Damped steps, momentum and reshuffled epochs are refused, no theorem covers them.

    Returns
    -------
    Certificate
        ``holds``, ``claim``, ``reason``, ``evidence``, ``distance``, ``steps_to(tol)`` and more.
        Where a region is not found empty, `reason` says "not empty", a solution having been proved
        to lie in it, or "undecided".

    Raises
    ------
    TypeError, ValueError
        For bad arguments, naming the argument, what was expected and what came.
    EvaluationError
        If F or a derivative cannot be evaluated at w.

    References
    ----------
    C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, 2020. B. Polyak, A. Tremba, "New versions of Newton
    method: step-size choice, convergence domain and under-determined equations", 2020.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> def F(x):
    ...     return np.array([x @ x - 1.0])
    >>> certificate = nlsolve.certify(F, 0.0, [1.0, 0.1], jac=lambda x: 2.0 * x[None, :],
    ...                               lipschitz=2.0)
    >>> certificate.holds, certificate.evidence.word
    (True, 'assumed')
    >>> certificate.steps_to(1e-12)
    3
    >>> spheres = nlsolve.parse("x**2 + y**2 = 1; x**2 + y**2 = (1 + 1e-13)**2")
    >>> nlsolve.certify(spheres, claim="empty", box=(-2.0, 2.0)).claim
    'no exact solution lies in the box -2.0 <= x <= 2.0, -2.0 <= y <= 2.0'
    """
    name, words = methods.described(method, options, WORDS)
    keywords = {
        "jac": jac, "jvp": jvp, "vjp": vjp, "args": args, "kwargs": kwargs, "check_jac": check_jac,
    }  # fmt: skip
    asked = Asked(
        claim, theorem, lipschitz, hessian_bound, radius, precondition, bounds, loss, evidence,
        box, max_boxes, max_time,
    )  # fmt: skip
    if asked.empty:
        from nlsolve.certificates.emptiness import certify_empty  # loads intervals

        system = as_system(F, keywords)
        centre = None if w is None else arguments.point(w, "w", system)
        if isinstance(box, Mapping):
            asked = asked._replace(box=arguments.sides(box, system))
        return certify_empty(system, y, centre, asked)
    problem, r, J, w = arguments.evaluated(F, y, w, keywords)
    return certify_at(problem, (w, r, J), name, words, asked)


def tangent_kernel(
    F: Any,
    w: Any,
    *,
    jac: Any = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    args: tuple[Any, ...] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    check_jac: Any = None,
) -> TangentKernel:
    """Return the tangent kernel K = J J^T of F at w: its spectrum, rank and null space.

    Parameters
    ----------
    F
        The function, as for `solve`.
    w : float or (m,) array_like
        The point.
    jac, jvp, vjp, args, kwargs, check_jac
        Derivatives and arguments of F, as for `solve`.

    Returns
    -------
    TangentKernel
        With ``matrix``, ``eigenvalues``, ``singular_values``, ``sigma_min``, ``sigma_max``,
        ``condition``, ``rank`` and ``null_space()``, each computed when first read. Of networks
        and of systems in blocks J is not formed for it, unless ``null_space()`` or ``jacobian`` is
        asked for; singular values below about 1e-8 of the largest then cannot be told from 0, as
        ``error`` says.

    Raises
    ------
    TypeError, ValueError, EvaluationError
        As `solve`.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> kernel = nlsolve.tangent_kernel(lambda x: [x @ x - 1.0, x[0] - x[1]], [1.0, 1.0, 0.0])
    >>> kernel.rank
    2
    """
    keywords = {
        "jac": jac, "jvp": jvp, "vjp": vjp, "args": args, "kwargs": kwargs, "check_jac": check_jac,
    }  # fmt: skip
    problem, _, J, _ = arguments.evaluated(F, 0.0, w, keywords)
    if isinstance(J.jacobian, KernelOperator) and problem.n <= problem.m:
        return UnformedKernel(J.jacobian, problem.rank_tolerance)
    return TangentKernel(as_array(J.jacobian), problem.rank_tolerance)


def diagnose(
    F: Any,
    y: Any = 0.0,
    w: Any = None,
    *,
    jac: Any = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    args: tuple[Any, ...] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    check_jac: Any = None,
) -> Diagnosis:
    """Say what is the matter with a system: which equations repeat or contradict others, and more.

    Ranks and relations do not depend on the units of equations and unknowns. They are looked for at
    w and at a few points around it, at which F and J are evaluated (3, or n / m + 1 where there are
    more equations than unknowns). See docs/how-to/diagnose.md.

    Parameters
    ----------
    F, y
        The system, as for `solve`.
    w : float or (m,) array_like
        The point: a start, or where a run ended. Best a point at which each unknown has about the
        size it has in a solution.
    jac, jvp, vjp, args, kwargs, check_jac
        Derivatives and arguments of F, as for `solve`.

    Returns
    -------
    Diagnosis
        With ``redundant``, ``inconsistent``, ``functional``, ``singular``, ``free``, ``movable``,
        ``rank``, ``badly_scaled_rows``, ``suggestions`` and more; its repr says all in words.

    Raises
    ------
    TypeError, ValueError
        For bad arguments, naming the argument, what was expected and what came.
    EvaluationError
        If F or J cannot be evaluated at w, or is not finite there.

    Examples
    --------
    >>> import nlsolve
    >>> system = nlsolve.parse("x + y = 1; x*z = 2; x + y + x*z = 4")
    >>> diagnosis = nlsolve.diagnose(system, 0.0, [0.5, 1.0, 2.0])
    >>> diagnosis.inconsistent
    (Relation(equation=2, others=(0, 1), coefficients=(1.0, 1.0), gap=-1.0),)
    >>> diagnosis.rank, diagnosis.degrees_of_freedom
    (2, 1)
    """
    keywords = {
        "jac": jac, "jvp": jvp, "vjp": vjp, "args": args, "kwargs": kwargs, "check_jac": check_jac,
    }  # fmt: skip
    problem, r, J, _ = arguments.evaluated(F, y, w, keywords)
    return diagnose_at(problem, r, J)
