"""What does a verb hand back? An exit code, a JSON document and lines for people.

| code | meaning |
|---|---|
| 0 | yes: a root was found, the claim is certified, the file is verified, no defect, done |
| 1 | no: the question was understood, and the answer is negative |
| 2 | bad input: words, files, formulas or functions that cannot be understood or evaluated |
| 3 | an error inside nlsolve |
| 130 | interrupted; what had been computed is printed |
| 141 | whoever reads the output has gone |
"""

from typing import Any, NamedTuple

YES, NO, BAD_INPUT, FAILED = range(4)
INTERRUPTED, BROKEN_PIPE = 130, 141


class WrongInput(ValueError):
    """Raised where what was asked cannot be understood or done, by what it says."""


class Answer(NamedTuple):
    """What a verb found.

    Attributes
    ----------
    code : int
        Exit code of the process.
    document : dict
        For ``--json``; see documents.py for how numbers become JSON.
    text : str
        For people; its first line is the verdict.
    notes : tuple of str
        For standard error, a line each.
    """

    code: int
    document: dict[str, Any]
    text: str
    notes: tuple[str, ...] = ()
