"""Which problem does a Python file say? Its names F, y, w0, and those of `SYSTEM` and of
`problems.SETTINGS`; all else in it is its own business. The file is run."""

import sys
from pathlib import Path
from types import ModuleType

import nlsolve
from nlsolve.cli.answer import WrongInput
from nlsolve.cli.problems import SETTINGS, Problem

SYSTEM = (  # what nlsolve.System knows beside F
    "jac", "jvp", "vjp", "rows", "jac_sparsity", "args", "kwargs", "vectorized", "workers",
    "check_jac",
)  # fmt: skip


def read_python(path: str) -> Problem:
    """Run a file and return the problem it says.

    Raises
    ------
    WrongInput
        If it has no F.
    OSError, Exception
        If it cannot be read; whatever it raises.
    """
    names = vars(_ran(path))
    if "F" not in names:
        raise WrongInput("no F: the file must define F(w), and may define y, w0, jac, ...")
    further = {name: names[name] for name in SYSTEM if name in names}
    if further and isinstance(names["F"], nlsolve.System):
        raise WrongInput(f"F is a System already; give {', '.join(further)} to System(...) instead")
    F = nlsolve.System(names["F"], **further) if further else names["F"]
    settings = {name: names[name] for name in SETTINGS if name in names}
    return Problem(F, names.get("y", 0.0), names.get("w0"), settings)


def _ran(path: str) -> ModuleType:
    """Run a file as `python FILE` would, but for its name, which is not __main__."""
    file = Path(path).resolve()
    module = ModuleType("nlsolve_problem")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # pickle looks for its functions there
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    try:
        exec(compile(Path(path).read_bytes(), str(file), "exec"), module.__dict__)
    except SystemExit as error:
        raise WrongInput("the file ended itself") from error
    return module
