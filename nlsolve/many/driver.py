"""How are whole solves (whole.py) compiled once per installation, whatever the system?"""

from functools import cache
from itertools import count
from typing import Any

from nlsolve.drivers import run_of
from nlsolve.many import whole

_ROWS = """{mark}
from numba import carray, cfunc, types
from nlsolve.compiled import LANE, problem_of, recipe_of
from nlsolve.iterate import make_iterate
from nlsolve.many.whole import FINDINGS, make_rows, make_whole
from {module} import METHOD, make_start, make_step

iterate = LANE.jit(make_iterate(LANE, LANE.jit(make_step(LANE))))
whole = LANE.jit(make_whole(LANE, LANE.jit(make_start(LANE)), iterate))
rows = LANE.jit(make_rows(LANE, whole, problem_of))
Options = METHOD.options
floats, integers = types.CPointer(types.float64), types.CPointer(types.int64)


@cfunc(
    types.int64(integers, floats, floats, integers, floats, integers, floats),
    cache={cached},
    error_model="numpy",
)
def run(words, numbers, Y, blocks, points, found, lengths):
    count, n, m, width = words[3], words[4], words[5], words[6]
    return rows(
        recipe_of(words, numbers), Options({options}), numbers[3], words[9], words[10], words[11],
        carray(Y, (count, n)), carray(blocks, (count, width)), carray(points, (count, 3, m)),
        carray(found, (count, FINDINGS)), carray(lengths, (count, 2)),
    )
"""


@cache
def rows_driver(module: str, kinds: tuple[type, ...]) -> Any:
    """Return the compiled whole solves (whole.py), one after the other, as a C function of

        (words, numbers, Y, blocks, points, found, lengths) -> 0.

    `words` holds F, J, least_norm, the number of systems, n, m, the length of a block, kind, both,
    max_iter, max_nfev, place (whole.py), then the options that are integers; `numbers` holds
    rank_tolerance, floor, step, tol, then the other options. `kinds` are their types, int or float.

    It is a C function so that code that calls it need not be linked with it, which takes seconds,
    and so that other threads may run meanwhile.
    """
    words, numbers = count(12), count(4)
    read = [f"words[{next(words)}]" if k is int else f"numbers[{next(numbers)}]" for k in kinds]
    text = _ROWS.replace("{options}", "".join(f"{o}, " for o in read))
    return run_of("run_rows", text, module, (__name__, whole.__name__))
