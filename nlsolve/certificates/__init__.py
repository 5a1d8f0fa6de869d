"""Why does a method get there? Bounds, the theorems that combine them, and the record of both."""

from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.evidence import Ball, Bound, Evidence

__all__ = ["Ball", "Bound", "Certificate", "Evidence"]
