"""Is what a certificate file claims true? Checked again, from the equations on.

Nothing of what makes certificates is used but the parser. In arb at 128 bits, with another
evaluation and differentiation of the equations and with the theorems written anew:

1. the file is read strictly (checking/stated.py); what cannot be read is no certificate;
2. each constant it lists is compared with what is true of the equations at the point, or over the
   box about the ball (checking/constants.py);
3. every number it claims must follow from those constants by the theorem (checking/theorems.py),
   and its words must be those of the numbers (checking/words.py).
"""

from typing import Any, NamedTuple

import flint
import numpy as np

from nlsolve.certificates.checking.claims import NotProved, need
from nlsolve.certificates.checking.constants import Facts, check_constants
from nlsolve.certificates.checking.exclusion import check_exclusion
from nlsolve.certificates.checking.formulas import TooLarge
from nlsolve.certificates.checking.ranges import BITS, Undefined
from nlsolve.certificates.checking.same import same_formulas
from nlsolve.certificates.checking.stated import Stated, StatedExclusion, Unreadable, stated
from nlsolve.certificates.checking.theorems import check_theorem
from nlsolve.certificates.checking.words import words
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.parse import read
from nlsolve.systems.tape import Tape

LONGEST_TEXT = 8_000_000  # characters of equations

PROVED, NOT_PROVED, UNREADABLE = range(3)


class Verdict(NamedTuple):
    """What came of checking a certificate file; true if it is proved.

    Attributes
    ----------
    proved : bool
    reason : str
        Why not; empty where it is proved.
    claim : str
        What is proved, in words made from the numbers that were checked; empty where nothing is.
    exit_code : int
        0 proved, 1 not proved, 2 not a certificate file.
    """

    proved: bool
    reason: str
    claim: str
    exit_code: int

    def __bool__(self) -> bool:
        return self.proved

    def __str__(self) -> str:
        if self.proved:
            return f"proved: {self.claim}"
        return f"{('', 'not proved', 'unreadable')[self.exit_code]}: {self.reason}"


def verify(file: Any, *, system: Any = None, y: Any = 0.0) -> Verdict:
    """Check a certificate file again, with other arithmetic than what made it.

    Parameters
    ----------
    file : path or mapping
        A file that `Certificate.save` wrote, or what is in one.
    system : FormulaSystem, optional
        What the file must speak of; else the equations are taken as they are in the file.
    y : float or (n,) array_like, optional
        Its right-hand side.

    Returns
    -------
    Verdict
        ``proved``, ``reason``, ``claim`` and ``exit_code``. Whatever the file is, there is a
        verdict and no exception.

    Raises
    ------
    TypeError
        If `system` is not known as formulas.

    Examples
    --------
    >>> import tempfile, pathlib, nlsolve
    >>> from nlsolve.certificates.verify import verify
    >>> circle = nlsolve.parse("x**2 + y**2 = 4; x = y")
    >>> certificate = nlsolve.certify(circle, 0.0, [1.4142, 1.4142], method=None)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "c.json"
    >>> certificate.save(path)
    >>> verify(path, system=circle).proved
    True
    """
    if system is not None and getattr(system, "tape", None) is None:
        raise TypeError("system is not known as formulas: it must come from parse or the like")
    try:
        found = stated(file)
        tape = _tape(found)
        with flint.ctx.workprec(BITS):
            _check(found, tape, system, y)
    except NotProved as refusal:
        return Verdict(False, str(refusal), "", NOT_PROVED)
    except Undefined as refusal:
        return Verdict(False, f"no enclosure: {refusal}", "", NOT_PROVED)
    except (Unreadable, TooLarge) as error:
        return Verdict(False, str(error), "", UNREADABLE)
    except Exception as error:  # whatever a hostile file may still bring about
        return Verdict(False, f"{type(error).__name__}: {error}"[:300], "", UNREADABLE)
    return Verdict(True, "", words(found), PROVED)


def _tape(file: Stated | StatedExclusion) -> Tape:
    """Return the equations of a file."""
    names = tuple(file.parameters)
    try:
        tape = read(file.equations, unknowns=file.unknowns, parameters=names, longest=LONGEST_TEXT)
    except FormulaError as error:
        raise Unreadable(f"equations: {str(error).splitlines()[0]}") from error
    if tape.n != len(file.y):
        raise Unreadable(f"{tape.n} equations, but y has {len(file.y)} entries")
    return tape


def _check(file: Stated | StatedExclusion, tape: Tape, system: Any, y: Any) -> None:
    need(file.evidence == "proved", f"the evidence is {file.evidence!r:.40}")
    if system is not None:
        _check_system(file, tape, system, y)
    if isinstance(file, Stated):
        check_theorem(file)
    need(file.claim == words(file), f"the words are not those of the numbers: {words(file)}")
    if isinstance(file, Stated):
        check_constants(Facts(file, tape))
    else:
        check_exclusion(file, tape)


def _check_system(file: Stated | StatedExclusion, tape: Tape, system: Any, y: Any) -> None:
    """Refuse a file about another system."""
    need(file.unknowns == tuple(system.tape.unknowns), "the file is about other unknowns")
    need(tape.n == system.tape.n, "the file is about another number of equations")
    given = dict(zip(system.tape.parameters, system.parameters, strict=True))
    need(file.parameters == given, "the file is about other parameters, or values of them")
    need(same_formulas(tape, system.tape), "the file is about other equations")
    goal = np.broadcast_to(np.asarray(y, dtype=np.float64), (tape.n,))
    need(np.array_equal(goal, file.y), "the file is about another right-hand side y")
