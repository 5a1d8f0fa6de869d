"""What does the pattern of a system say, whatever its numbers are?

Equations and the unknowns that occur in them are a bipartite graph. The largest number of equations
that can each be matched with an unknown of its own is the structural rank; no choice of numbers
gives J a higher one. Where equations are left over, the part that can be reached from them along
alternating paths is that part of the Dulmage-Mendelsohn decomposition in which there are more
equations than unknowns, however many further unknowns the system may have.

Source: A. L. Dulmage, N. S. Mendelsohn, "Coverings of bipartite graphs", Canad. J. Math. 10, 1958.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching


class Structure(NamedTuple):
    """Structural rank, and the over-determined part: its equations and all their unknowns."""

    rank: int
    equations: tuple[int, ...]
    unknowns: tuple[int, ...]


def structure(pattern: Any) -> Structure:
    """Return what a pattern, (n, m) of bool, says.

    Examples
    --------
    >>> structure([[True, False, False], [True, False, False], [True, True, True]])
    Structure(rank=2, equations=(0, 1), unknowns=(0,))
    """
    occurs = np.asarray(pattern, dtype=bool)
    of_equation = np.asarray(maximum_bipartite_matching(csr_array(occurs), perm_type="column"))
    of_unknown = np.full(occurs.shape[1], -1)
    matched = np.flatnonzero(of_equation >= 0)
    of_unknown[of_equation[matched]] = matched
    equations = of_equation < 0
    while True:
        unknowns = occurs[equations].any(axis=0)
        reached = equations.copy()
        reached[of_unknown[unknowns]] = True  # all are matched: no path is augmenting
        if (reached == equations).all():
            break
        equations = reached
    return Structure(
        matched.size,
        tuple(np.flatnonzero(equations).tolist()),
        tuple(np.flatnonzero(unknowns).tolist()),
    )
