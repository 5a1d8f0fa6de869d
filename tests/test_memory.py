"""Does a million unknowns, known by products only, cost memory beyond what the user holds?"""

import json
import subprocess
import sys

import pytest

pytest.importorskip("resource")  # not on Windows

VECTOR = 8 * 1_000_000  # bytes; J itself would take a thousand of them

# F(w) = A w + sin(A w)/10 = 1, 1000 equations in 1,000,000 unknowns, as J v and J^T u. A is sparse,
# in overlapping bands that reach every unknown. A small solve comes first: code is not counted.
# ru_maxrss is in kilobytes on Linux and in bytes on macOS.
SCRIPT = """
import json, resource, sys
import numpy as np
from scipy import sparse
import nlsolve

def peak():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else 1024 * used

def solve(A):
    return nlsolve.solve(
        lambda w: A @ w + 0.1 * np.sin(A @ w), 1.0, np.zeros(A.shape[1]), method=sys.argv[1],
        jvp=lambda w, v: (1.0 + 0.1 * np.cos(A @ w)) * (A @ v),
        vjp=lambda w, u: A.T @ ((1.0 + 0.1 * np.cos(A @ w)) * u),
    )

def bands(n, m, width, rng):
    first = np.arange(n) * (m - width) // (n - 1)
    columns = (first[:, None] + np.arange(width)).ravel()
    values = rng.uniform(0.5, 1.5, n * width) / np.sqrt(width)
    return sparse.csr_array((values, columns, np.arange(n + 1) * width), shape=(n, m))

rng = np.random.default_rng(0)
solve(bands(100, 10_000, 200, rng))
A = bands(1_000, 1_000_000, 1_500, rng)
before = peak()
sol = solve(A)
grown = peak() - before
r = A @ sol.w + 0.1 * np.sin(A @ sol.w) - 1.0
print(json.dumps([grown, sol.w.size, float(np.linalg.norm(r)), bool(sol.success)]))
"""


@pytest.mark.parametrize("method", ["auto", "gd"])
def test_a_million_unknowns_take_a_few_vectors(method):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, method],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    grown, unknowns, residual, success = json.loads(done.stdout)
    assert success
    assert unknowns == 1_000_000
    assert residual < 1e-8
    assert grown < 25 * VECTOR  # 200 MB; 1 GiB is what is promised
