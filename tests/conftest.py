"""Is a test that was skipped really allowed to be? And what several files of tests need.

The gate installs every package the tests use (torch excepted, for its size), so there a skipped
test is a test that silently stopped testing. With NLSOLVE_CI=1 each skip is a failure.
"""

import os
import signal

import pytest

ALLOWED_REASONS = ("could not import 'torch",)


def forbid_skip(report):
    """Turn the report of a skipped test, or of a skipped file, into a failure."""
    expected_failure = hasattr(report, "wasxfail")
    if os.environ.get("NLSOLVE_CI") != "1" or not report.skipped or expected_failure:
        return report
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED_REASONS):
        report.outcome = "failed"
        report.longrepr = f"skipped, which the gate does not allow: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return forbid_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return forbid_skip((yield))


@pytest.fixture
def listening():
    """Python hears SIGINT, also where whoever started it had it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
