"""What is in the file of a run?

A file of numpy (.npz) without pickled objects: arrays as they are, and `about`, a text in JSON, for
all else. Numbers of a state are arrays too, so that every bit comes back.
"""

import json
import os
import zipfile
from typing import Any, NamedTuple

import numpy as np

from nlsolve import methods
from nlsolve.saved import Log, SavedRun
from nlsolve.systems.base import FloatArray

FORMAT, VERSION = "nlsolve checkpoint", 1
GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
PLAIN = ("origin", "best", "memory", "row")  # arrays of a SavedRun
LOGGED = ("table", "counts", "began")  # of its log


class Stored(NamedTuple):
    """A kept run with its right-hand side and the settings of the call that made it."""

    run: SavedRun
    y: FloatArray
    settings: dict[str, Any]


def arrays_of(saved: SavedRun, y: FloatArray, settings: dict[str, Any]) -> dict[str, Any]:
    """Return a run with its log as arrays."""
    log, state = saved.log, saved.state
    assert log is not None
    vectors = methods.REGISTRY[log.names[-1]].vectors
    scalars = [name for name in state._fields[3:] if name not in vectors]
    ends = list(saved.ends.items())
    arrays = {f"state_{name}": getattr(state, name) for name in ("w", "r", *vectors)}
    arrays |= {name: getattr(saved, name) for name in PLAIN}
    arrays |= {name: getattr(log, name) for name in LOGGED}
    arrays["numbers"] = np.array([float(getattr(state, name)) for name in scalars])
    arrays["ends"] = np.array([w for _, (w, _) in ends])
    arrays |= {"y": y, "scale": np.asarray(saved.scale)}
    if log.path is not None:
        arrays["path"] = log.path
    about = {
        "format": FORMAT,
        "version": VERSION,
        "method": saved.method,
        "stage": saved.stage,
        "used": saved.used,
        "code": saved.code,
        "scalars": scalars,
        "ends": [(name, list(options), code) for (name, options), (_, code) in ends],
        "generator": saved.generator.bit_generator.state,
        "log": {name: getattr(log, name) for name in Log._fields if name not in (*LOGGED, "path")},
        "settings": settings,
    }
    return arrays | {"about": np.array(json.dumps(about, default=_plain))}


def _plain(value: Any) -> Any:
    """Return arrays and numbers of numpy as JSON knows them."""
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    return value.item()


def _restored(entry: dict[str, Any]) -> Any:
    if entry.keys() == {"array", "dtype"}:
        return np.array(entry["array"], dtype=entry["dtype"])
    return entry


def read(path: Any) -> Stored:
    """Return what a file holds.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it is no checkpoint, is damaged, or is of another version.
    """
    arrays = _arrays(path)
    about = _about(path, arrays)
    try:
        return _run(about, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ValueError(f"{os.fspath(path)} is a damaged checkpoint: {error!r}") from error


def _arrays(path: Any) -> dict[str, Any]:
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as held:
                return dict(held)
        except (ValueError, EOFError, KeyError, AttributeError, TypeError, zipfile.BadZipFile) as e:
            raise ValueError(f"{os.fspath(path)} is not a checkpoint of nlsolve: {e}") from e


def _about(path: Any, arrays: dict[str, Any]) -> dict[str, Any]:
    try:
        about = json.loads(str(arrays["about"]), object_hook=_restored)
        known = about["format"] == FORMAT
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"{os.fspath(path)} is not a checkpoint of nlsolve")
    if about.get("version") != VERSION:
        raise ValueError(
            f"{os.fspath(path)} is a checkpoint of version {about.get('version')!r}, this nlsolve "
            f"reads version {VERSION}: go on with the nlsolve that wrote it"
        )
    return about  # type: ignore[no-any-return]


def _run(about: dict[str, Any], arrays: dict[str, Any]) -> Stored:
    kept = {name: about[name] for name in ("method", "stage", "used", "code")}
    kept |= {name: arrays[name] for name in PLAIN}
    log = Log(path=arrays.get("path"), **{n: arrays[n] for n in LOGGED}, **about["log"])
    scale = arrays["scale"]
    saved = SavedRun(
        state=_state(log.names[-1], about["scalars"], arrays),
        ends=_ends(about["ends"], arrays["ends"]),
        generator=_generator(about["generator"]),
        scale=scale if scale.ndim else float(scale),
        log=log,
        **kept,
    )
    return Stored(saved, arrays["y"], about["settings"])


def _state(method: str, scalars: list[str], arrays: dict[str, Any]) -> Any:
    entry = methods.REGISTRY[method]
    numbers = dict(zip(scalars, arrays["numbers"].tolist(), strict=True))
    vectors = {name: arrays[f"state_{name}"] for name in ("w", "r", *entry.vectors)}
    return entry.state(J=None, **numbers, **vectors)


def _ends(listed: list[Any], points: FloatArray) -> dict[Any, tuple[FloatArray, int]]:
    options = [(name, methods.REGISTRY[name].options(*values)) for name, values, _ in listed]
    codes = [code for *_, code in listed]
    return dict(zip(options, zip(points, codes, strict=True), strict=True))


def _generator(state: dict[str, Any]) -> np.random.Generator:
    if state["bit_generator"] not in GENERATORS:
        raise ValueError(f"unknown generator {state['bit_generator']!r}")
    bits = getattr(np.random, state["bit_generator"])()
    bits.state = state
    return np.random.Generator(bits)
