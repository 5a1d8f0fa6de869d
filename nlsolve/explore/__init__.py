"""What can be learned of a system beside its roots? Its defects, so far."""

from nlsolve.explore.diagnosis import Diagnosis, Relation

__all__ = ["Diagnosis", "Relation"]
