"""A robot arm with a joint to spare reaches a pose in many ways: which keeps its joints at ease?

Six equations, a pose, in the seven joint angles of the Franka Emika Panda: solutions form curves.
Among them a local minimum of

    g(q) = sum_i ((q_i - middle_i) / half the range_i)^4

keeps joints away from their limits; at a limit a term is one. The way there leads along the curve,
so the flange stays where it is. A curve may leave the limits everywhere: then another start may
lead to another curve.

Sources: kinematics and limits as in nlsolve/demo.py; the preference is that of A. Liegeois, IEEE
Trans. Systems, Man and Cybernetics 7 (1977) 868-871, with fourth powers for squares.
"""

import time

import numpy as np

import nlsolve
from nlsolve import demo

MIDDLE = (demo.UPPER_LIMITS + demo.LOWER_LIMITS) / 2
HALF = (demo.UPPER_LIMITS - demo.LOWER_LIMITS) / 2


def strain(q):
    return np.sum(((q - MIDDLE) / HALF) ** 4)


def strain_gradient(q):
    return 4.0 * ((q - MIDDLE) / HALF) ** 3 / HALF


def reach(target, start, **preference):
    return nlsolve.solve(demo.residual, 0.0, start, jac=demo.jacobian, args=(target,), **preference)


def eased(target, start):
    """A solution from `start`, whole turns taken off, and one of less strain on its curve."""
    some = reach(target, start).raise_if_failed()
    easier = reach(target, demo.wrap(some.w), secondary=strain, secondary_jac=strain_gradient)
    return demo.wrap(some.w), easier.raise_if_failed()


def least_strained(target, starts):
    """The best of what is found from several starts, some of which may fail."""
    found = []
    for start in starts:
        try:
            found.append(eased(target, start)[1])
        except nlsolve.SolveError:
            continue
    return min(found, key=lambda sol: strain(sol.w))


def main():
    begin = time.perf_counter()
    targets = demo.random_targets(0, 20)
    draw = np.random.default_rng(1).uniform
    starts = [demo.READY, *(draw(demo.LOWER_LIMITS, demo.UPPER_LIMITS) for _ in range(5))]
    pairs = [eased(target, demo.READY) for target in targets]
    best = [least_strained(target, starts) for target in targets]
    for name, angles in {
        "any solution": [some for some, _ in pairs],
        "least strain on its curve": [sol.w for _, sol in pairs],
        "least strain of 6 starts": [sol.w for sol in best],
    }.items():
        inside, middle = (
            sum(map(demo.within_limits, angles)),
            np.median([strain(q) for q in angles]),
        )
        print(f"{name:>26}: {inside} of {len(targets)} within limits, median strain {middle:.2f}")
    print(f"{time.perf_counter() - begin:.1f} s; the first of the last kind:")
    print("joint angles [rad]", best[0].w.round(4))
    print(f"{best[0].certificate.evidence.word}: {best[0].certificate.claim}")


if __name__ == "__main__":
    main()
