"""What is remembered of functions: whether derivatives were right, with which arguments."""

import pickle

import numba
import numpy as np

import nlsolve
from nlsolve.systems.functions import functions_of


@numba.njit
def scaled(w, c):
    return c * w


def test_a_comparison_counts_for_the_very_same_arguments_only():
    functions = functions_of((("F", scaled),))
    c, other = np.ones(3), np.ones(3)
    functions.mark_checked((c, 2.0))
    assert functions.checked_with((c, 2.0))
    assert not functions.checked_with((other, 2.0))
    assert not functions.checked_with((c,))
    assert functions_of((("F", scaled),)) is functions


def test_arguments_that_are_gone_are_not_taken_for_new_ones():
    functions = functions_of((("F", scaled),))
    for _ in range(50):  # a new array often has the address of the last
        c = np.ones(3)
        assert not functions.checked_with((c,))
        functions.mark_checked((c,))
        del c


def test_jacobians_are_compared_again_with_new_arguments():
    J = numba.njit(lambda w, c: np.diag(c))
    counts = set()
    for k in range(20):
        c = np.full(3, 1.0 + k)
        counts.add(nlsolve.solve(scaled, np.zeros(3), np.ones(3), jac=J, args=(c,)).nfev)
        del c
    assert len(counts) == 1


def test_a_system_that_was_checked_can_be_sent():
    system = nlsolve.System(np.sin, jac=np.diag, check_jac=False)
    system.mark_checked()
    assert pickle.loads(pickle.dumps(system)).functions.roles == system.functions.roles
