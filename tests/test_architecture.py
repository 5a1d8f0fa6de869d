"""Does every import follow its arrow, and does every function keep to the house's sizes?

The arrows are those of docs/development/architecture.md; what is not listed may not be imported.
"""

import ast
import pathlib

import pytest

import nlsolve

ROOT = pathlib.Path(nlsolve.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# room -> rooms of nlsolve it may import
ARROWS = {
    "__init__": set(),
    "__main__": {"cli"},
    "api": {
        "arguments",
        "at_root",
        "certificates",
        "checkpoint",
        "continuation",
        "display",
        "explore",
        "kernel_step",
        "loop",
        "methods",
        "outcome",
        "result",
        "saved",
        "systems",
    },
    "at_root": {"certificates", "explore", "loop", "methods", "outcome", "result"},
    "checkpoint": {"continuation", "loop", "methods", "stored", "systems"},
    "stored": {"methods", "saved", "systems"},
    "resumed": {"api", "result", "stored", "systems"},
    "continuation": {"iterate", "lanes", "loop", "methods", "saved", "systems"},
    "batch": {"api", "arguments", "display", "explore", "result", "systems"},
    "points": {
        "arguments",
        "certificates",
        "explore",
        "kernel",
        "kernel_unformed",
        "methods",
        "systems",
    },
    "arguments": {"certificates", "methods", "saved", "systems"},
    "kernel": {"display", "linalg"},
    "kernel_step": {"linalg", "systems"},
    "kernel_unformed": {"kernel", "linalg", "systems"},
    "certificates": {
        "certificates",
        "display",
        "intervals",
        "kernel",
        "linalg",
        "networks",
        "systems",
    },
    "intervals": set(),
    "interop": {"api", "explore", "systems"},
    "distributed": {
        "",
        "certificates",
        "distributed",
        "intervals",
        "kernel",
        "lanes",
        "linalg",
        "networks",
        "systems",
    },
    "cli": {"", "cache", "demo", "processors"},
    "demo": {""},
    "explore": {"arguments", "certificates", "display", "linalg", "result", "systems"},
    "result": {"certificates", "display", "explore"},
    "outcome": {"continuation", "iterate", "loop", "methods", "result", "systems"},
    "loop": {"draws", "iterate", "journey", "lanes", "methods", "systems"},
    "journey": {"iterate", "lanes", "systems"},
    "draws": {"methods"},
    "saved": {"iterate", "systems"},
    "lanes": {"compiled", "drivers", "iterate", "linalg", "methods", "systems"},
    "iterate": {"methods"},
    "drivers": {
        "cache",
        "cfunctions",
        "compiled",
        "dense",
        "iterate",
        "methods",
        "systems",
        "wrapped",
    },
    "many": {
        "api",
        "arguments",
        "cfunctions",
        "compiled",
        "dense",
        "display",
        "drivers",
        "iterate",
        "lanes",
        "loop",
        "methods",
        "points",
        "processors",
        "result",
        "systems",
    },
    "compiled": {"cfunctions", "dense", "methods", "systems", "wrapped"},
    "wrapped": {"cfunctions"},
    "cache": set(),
    "processors": set(),
    "cfunctions": set(),
    "dense": set(),
    "linalg": {"systems"},
    "networks": {"systems"},
    "systems": {"display", "systems"},
    "methods": {"methods"},
    "display": {"certificates", "display", "explore"},
}

# what only some files and folders may import
OUTSIDE = {
    "numba": (
        "cfunctions.py",
        "compiled.py",
        "dense.py",
        "drivers.py",
        "many/jit_solver.py",
        "systems/operations.py",
        "wrapped.py",
    ),
    "llvmlite": ("cfunctions.py", "wrapped.py"),
    "sympy": ("systems/symbolic.py",),
    "flint": ("intervals/points.py", "certificates/verify.py", "certificates/checking/"),
    "matplotlib": ("display/",),
    "dask": ("distributed/",),
    "distributed": ("distributed/",),
    "jax": ("interop/jax_",),
    "torch": ("interop/torch_",),
    "casadi": ("interop/casadi_",),
    "tqdm": ("display/",),
}

# folder or file of certificates -> modules of nlsolve it may import; of their parts too
WITHIN = {
    "certificates/arithmetic.py": (),
    "certificates/evidence.py": ("certificates.arithmetic",),
    "certificates/interval_arithmetic.py": (
        "certificates.arithmetic",
        "certificates.evidence",
        "intervals",
    ),
    "certificates/theorems/": (
        "certificates.arithmetic",
        "certificates.evidence",
        "certificates.theorems",
    ),
    "certificates/constants/": (
        "certificates.arithmetic",
        "certificates.constants",
        "certificates.evidence",
        "intervals",
        "kernel",
        "linalg",
        "networks",
        "systems",
    ),
    # what checks a proof shares nothing with what made it but the reader of formulas
    "certificates/checking/": ("certificates.checking", "systems.language", "systems.tape"),
    "certificates/verify.py": (
        "certificates.checking",
        "systems.errors",
        "systems.parse",
        "systems.tape",
    ),
}


def room(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def inside(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


def ours(name: str) -> bool:
    return name.split(".")[0] == "nlsolve"


def lies_in(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def imported(path: pathlib.Path) -> set[str]:
    """Return the dotted names a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def rooms_of(name: str) -> str | None:
    """Return the room of nlsolve a dotted name lies in, None for other packages."""
    parts = name.split(".")
    if parts[0] != "nlsolve":
        return None
    known = len(parts) > 1 and ((ROOT / parts[1]).is_dir() or (ROOT / f"{parts[1]}.py").exists())
    return parts[1] if known else ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrows(path):
    allowed = ARROWS[room(path)]
    if path == ROOT / "__init__.py":
        return  # type-checking imports only; test_import_loads_nothing covers the rest
    taken = {rooms_of(name) for name in imported(path)} - {None, room(path)}
    assert taken <= allowed


@pytest.mark.parametrize("package", sorted(OUTSIDE))
def test_heavy_packages_are_imported_where_they_belong(package):
    users = {inside(p) for p in FILES for name in imported(p) if name.split(".")[0] == package}
    assert {user for user in users if not user.startswith(OUTSIDE[package])} == set()


@pytest.mark.parametrize("place", WITHIN)
def test_imports_within_certificates_follow_their_arrows(place):
    users = [p for p in FILES if inside(p).startswith(place)]
    assert users
    taken = {name.removeprefix("nlsolve.") for p in users for name in imported(p) if ours(name)}
    assert {name for name in taken if not lies_in(name, WITHIN[place])} == set()


def functions(path: pathlib.Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_are_short(path):
    assert [f.name for f in functions(path) if code_lines(f) > 40] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_say_which_question_they_answer(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no module docstring"


def test_no_room_is_forgotten():
    assert {room(path) for path in FILES} == set(ARROWS)
