"""Was a certificate to be written to a file, and was it?"""

from typing import Any, NamedTuple

from nlsolve.cli.answer import BAD_INPUT, NO, YES


class Kept(NamedTuple):
    """What became of a certificate's file.

    Attributes
    ----------
    code : int
        Exit code: YES where there is nothing to complain of.
    path : str or None
        The file that was written.
    notes : tuple of str
        Why none was.
    """

    code: int = YES
    path: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """For people, below the numbers of a certificate."""
        return f"\n{'written':>16}: {self.path}" if self.path else ""


NOT_ASKED = Kept()


def kept(certificate: Any, path: str | None) -> Kept:
    """Write a certificate that holds to `path`, if one is given."""
    if path is None:
        return NOT_ASKED
    if not certificate.holds:
        return Kept(NO, notes=(f"{path} not written: no certificate",))
    try:
        certificate.save(path)
    except ValueError as error:
        return Kept(NO, notes=(f"{path} not written: {error}",))
    except OSError as error:
        return Kept(BAD_INPUT, notes=(f"{path} not written: {error.strerror}",))
    return Kept(YES, path)
