"""Does the gate refuse tests that a missing package would skip?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING_FILES = {
    "file": "import pytest\npytest.importorskip('no_such_package')\n",
    "test": "import pytest\ndef test_it():\n    pytest.importorskip('no_such_package')\n",
    "mark": "import pytest\n@pytest.mark.skip(reason='absent')\ndef test_it():\n    pass\n",
    "torch": "import pytest\ndef test_it():\n    pytest.skip(\"could not import 'torch': no\")\n",
    "xfail": "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False\n",
}
PASSING_TEST = "\ndef test_passes():\n    pass\n"


def run_pytest(folder, gate):
    environment = {**os.environ, "NLSOLVE_CI": gate, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("kind", "gate_fails"),
    [("file", True), ("test", True), ("mark", True), ("torch", False), ("xfail", False)],
)
def test_skips_fail_in_the_gate_only(tmp_path, kind, gate_fails):
    (tmp_path / "conftest.py").write_text(Path(__file__).with_name("conftest.py").read_text())
    (tmp_path / "test_skipping.py").write_text(SKIPPING_FILES[kind])
    (tmp_path / "test_passing.py").write_text(PASSING_TEST)
    outside, inside = run_pytest(tmp_path, "0"), run_pytest(tmp_path, "1")
    assert outside.returncode == 0, outside.stdout
    assert (inside.returncode != 0) == gate_fails, inside.stdout
    assert ("which the gate does not allow" in inside.stdout) == gate_fails
