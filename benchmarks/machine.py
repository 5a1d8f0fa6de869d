"""On what was it measured?"""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def description() -> str:
    """Return one paragraph: processor, system, versions and the date."""
    import nlsolve

    limits = [f"{name}={os.environ[name]}" for name in THREADS if name in os.environ]
    versions = [f"{name} {version(name)}" for name in ("numpy", "scipy", "numba")]
    parts = [
        f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        *versions,
        f"nlsolve {nlsolve.__version__}",
        f"BLAS threads: {', '.join(limits) or 'as the libraries choose'}",
        f"{date.today()}",
    ]
    return "Machine: " + "; ".join(parts) + "."


def processor() -> str:
    """Return the processor's name as the system gives it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
