"""How is a point proved to be near a solution, and the proof compared with 60 digits?"""

import numpy as np

import nlsolve
from nlsolve.certificates.evidence import Evidence
from tests.certificates.high_precision import assert_true

NEAR = 1e-9


def proof(system, w):
    """The certificate of a solution of F(w) = 0 near w; nothing less than a proof holds."""
    return nlsolve.certify(system, 0.0, w, method=None, evidence="proved")


def assert_proved(system, w, within=NEAR):
    """A solution is proved to lie that near, and 60 digits find it there."""
    certificate = proof(system, w)
    assert certificate.holds, certificate.reason
    assert certificate.evidence is Evidence.PROVED
    assert certificate.distance[1] < within
    assert_true(certificate, system, [0.0] * certificate.n)
    return certificate


def start(system, seed):
    return np.random.default_rng(seed).standard_normal(len(system.unknowns))
