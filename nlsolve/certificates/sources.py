"""Where do the numbers of a certificate come from, at a point and on balls about it?

Decided here by what is known of the system, and nowhere else: formulas and networks are enclosed;
of the rest J is an array, and the user or samples say how it changes.
"""

from typing import Any

from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.constants.sampled import Sampled
from nlsolve.certificates.constants.supplied import Source, Supplied
from nlsolve.certificates.evidence import FloatArray


def is_network(problem: Any, asked: Any) -> bool:
    """Return whether constants are to be those of a network, whose J is never an array."""
    from nlsolve.networks.network import Network

    network = isinstance(problem.system, Network)
    return network and not asked.constants_given and asked.evidence != "estimated"


def without_array(problem: Any, asked: Any) -> bool:
    """Return whether constants are known without J as an array."""
    return problem.system.constants_at is not None or is_network(problem, asked)


def enclosed_at(
    problem: Any, at: tuple[FloatArray, FloatArray, Any], asked: Any
) -> tuple[Any, Any]:
    """Return a point and a source that prove, of formulas or of a network.

    Raises
    ------
    EnclosureError, Refusal
        Where nothing can be proved.
    """
    if is_network(problem, asked):
        from nlsolve.certificates.constants.network import NetworkBounds
        from nlsolve.certificates.constants.network_point import NetworkPoint

        network_point = NetworkPoint(problem, *at)
        return network_point, NetworkBounds(network_point)
    from nlsolve.certificates.constants.enclosed import Enclosed, EnclosedPoint

    point = EnclosedPoint(problem, *at)
    return point, Enclosed(point)


def on_the_way(problem: Any, at: tuple[FloatArray, FloatArray, Any], asked: Any) -> tuple[Any, Any]:
    """Return a point and a source that are cheap enough to be asked about every iterate."""
    if problem.system.constants_at is not None:
        return problem.system.constants_at(problem, at, asked)  # type: ignore[no-any-return]
    if is_network(problem, asked):
        return enclosed_at(problem, at, asked)
    point = point_of(problem, *at)
    return point, source_of(point, asked)


def point_of(
    problem: Any, w: FloatArray, r: FloatArray, J: FloatArray, formulas: Any = None
) -> Point:
    """Return the point as evaluated in doubles, whose errors are known where there are formulas."""
    if formulas is None and problem.system.tape is None:
        return Point(problem, w, r, J)
    from nlsolve.certificates.constants.enclosed import EvaluatedPoint

    return EvaluatedPoint(problem, w, r, J, formulas or problem.system)


def source_of(point: Point, asked: Any) -> Source:
    """Return where the constants on balls come from: the user, else samples."""
    if asked.lipschitz is None and asked.hessian_bound is None:
        return Sampled(point)
    return Supplied(point, asked.lipschitz, asked.hessian_bound, asked.radius)
