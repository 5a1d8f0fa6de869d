"""How is a trap tried: for every method, with every kind of J and of constants?"""

import itertools
import math
import re

import numpy as np
import pytest

import nlsolve

METHODS = (None, "gauss-newton", "gd", "sgd")


CURVED = r"needs h = |needs a probability of leaving"


SINGULAR = "singular"


every_method = pytest.mark.parametrize("method", METHODS)


def certificates(F, jac, y, w, method, known=None, **words):
    """Certificates with exact and with differenced J, with sampled and with true constants."""
    for derivative, constants in itertools.product((jac, None, "3-point"), {None, known}):
        yield nlsolve.certify(F, y, w, jac=derivative, lipschitz=constants, method=method, **words)


def assert_refused(F, jac, y, w, method, reason, known=None, **words):
    for certificate in certificates(F, jac, y, w, method, known, **words):
        shown = f"{w}: {certificate!r}"
        assert not certificate.holds, shown
        assert certificate.claim == "", shown
        assert certificate.distance[1] == math.inf, shown
        assert re.search(reason, certificate.reason), f"{w}: {certificate.reason}"
        assert repr(certificate).startswith(f"not certified, because {certificate.reason}")
        with pytest.raises(ValueError, match="nothing is certified"):
            certificate.steps_to(1e-3)


def gentle(x):
    return np.array([x[0] + 0.1 * x[1] ** 2, x[1] - x[2]])


def gentle_jacobian(x):
    return np.array([[1.0, 0.2 * x[1], 0.0], [0.0, 1.0, -1.0]])


GOOD = {"jac": gentle_jacobian, "w": [0.0, 0.1, 0.0]}
