"""How long does a fresh process wait: for `import nlsolve`, and for the first jitted solve?

Each figure is the median over fresh processes, the two sides in turn. Imports are timed inside the
process, without the interpreter's own start; the first solve is timed from before the imports. Its
other side does what nobody can avoid who uses numba and scipy.optimize: imports both, calls one
trivial cached kernel, and compiles the same F and J. numba keeps its files in a folder of this run,
so the first solve of all is the cold one. All times are on the wall.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from benchmarks.table import table, verdict
from benchmarks.timing import Times, ratio

ROOT = Path(__file__).resolve().parents[1]

IMPORT = """
import time
start = time.perf_counter()
{statement}
print(time.perf_counter() - start)
"""

SYSTEM = """
import numpy as np
from numba import njit

@njit
def F(x):
    return np.array([x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - 1.0, x[0] - x[1]])

@njit
def jac(x):
    return np.array([[2.0 * x[0], 2.0 * x[1], 2.0 * x[2]], [1.0, -1.0, 0.0]])

w0 = np.array([2.0, 0.5, 1.0])
"""

SOLVE = SYSTEM + "import nlsolve\nassert nlsolve.solve(F, 0.0, w0, jac=jac).lane == 'compiled'"
UNAVOIDABLE = SYSTEM + "import scipy.optimize, trivial\ntrivial.double(w0)\nF(w0)\njac(w0)"
TRIVIAL = "from numba import njit\n\n@njit(cache=True)\ndef double(x):\n    return 2.0 * x[0]\n"


def seconds(statement: str, environment: Mapping[str, str]) -> float:
    """Return the seconds that statements take in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT.format(statement=statement)],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


def in_turn(sides: Mapping[str, str], rounds: int, environment: Mapping[str, str]) -> Times:
    """Return the seconds of each side, all sides in turn, after one round that is not counted."""
    times: Times = {name: [] for name in sides}
    for k in range(rounds + 1):
        for name in list(sides)[:: 1 if k % 2 == 0 else -1]:
            times[name].append(seconds(sides[name], environment))
    return {name: taken[1:] for name, taken in times.items()}


def imports(rounds: int) -> Iterator[str]:
    """Yield the comparison of imports."""
    sides = {
        "import numpy": "import numpy",
        "import nlsolve": "import nlsolve",
        "import scipy.optimize": "import scipy.optimize",
        "from nlsolve import solve": "from nlsolve import solve",
    }
    times = in_turn(sides, rounds, {})
    share = {name: ratio(times, name, "import numpy") for name in sides}
    rows = [[name, f"{1e3 * median(times[name]):.1f}", f"{share[name]:.3f}"] for name in sides]
    yield table(["statement", "[ms]", "ratio to import numpy"], rows)
    ours = share["import nlsolve"]
    yield (
        f"\nTarget: import nlsolve at most 1.3 times import numpy, here {ours:.3f} "
        f"({verdict(ours <= 1.3)}).\n"
    )


def first_solves(rounds: int) -> Iterator[str]:
    """Yield the comparison of first solves, in a cache folder that starts empty."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "trivial.py").write_text(TRIVIAL)
        environment = {
            "NUMBA_CACHE_DIR": f"{folder}/numba",
            "NLSOLVE_CACHE_DIR": f"{folder}/nlsolve",
            "PYTHONPATH": os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]),
        }
        cold = seconds(SOLVE, environment)
        sides = {"first solve, warm cache": SOLVE, "what nobody can avoid": UNAVOIDABLE}
        times = in_turn(sides, rounds, environment)
    difference = median(a - b for a, b in zip(*times.values(), strict=True))
    rows = [[name, f"{median(taken):.2f}"] for name, taken in times.items()]
    rows += [["difference", f"{difference:.2f}"], ["ratio", f"{ratio(times, *sides):.2f}"]]
    rows += [["first solve, cold cache (once an installation)", f"{cold:.2f}"]]
    yield table(["fresh process", "[s]"], rows)


def report(quick: bool) -> Iterator[str]:
    """Yield both comparisons; the quick run leaves out the second, which compiles for long."""
    yield "### Imports\n"
    yield from imports(1 if quick else 9)
    if not quick:
        yield "### The first jitted solve\n"
        yield from first_solves(7)
