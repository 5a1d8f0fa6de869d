"""What else can be learned of a system and of its solutions?"""

from nlsolve.explore.diagnosis import Diagnosis, Relation

__all__ = ["Diagnosis", "Relation"]
