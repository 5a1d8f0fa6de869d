"""What do several files of this folder need around their tests?"""

import mpmath
import pytest

from tests.systems.functions import LANES


@pytest.fixture
def fifty_digits():
    with mpmath.workdps(50):
        yield


@pytest.fixture(params=LANES)
def lane(request):
    return request.param
