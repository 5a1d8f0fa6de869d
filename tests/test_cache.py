"""Is what the package wrote to disk found, counted and removed, and nothing else?"""

import pytest

from nlsolve import cache, drivers

ENTRY = f"{cache.MARK}\nrun = None\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A cache folder with one entry of 3 files and many strangers."""
    monkeypatch.setenv("NLSOLVE_CACHE_DIR", str(tmp_path / "cache"))
    one = tmp_path / "cache" / "0123456789abcdef"
    (one / "__pycache__").mkdir(parents=True)
    (one / "run_dogleg.py").write_text(ENTRY)
    (one / "__pycache__" / "run_dogleg.run-18.py311.nbi").write_bytes(b"12345")
    (one / "__pycache__" / "run_dogleg.run-18.py311.1.nbc").write_bytes(b"1234567890")
    return tmp_path / "cache"


def strangers(folder):
    """Write files that look like the package's, one word apart."""
    other = folder / "fedcba9876543210"
    paths = [
        folder / "run_dogleg.py",  # in no folder of a fingerprint
        folder / "0123456789abcde" / "run_dogleg.py",  # nor here: 15 digits
        other / "run_own.py",  # written by somebody else
        other / "__pycache__" / "run_own.run-18.py311.nbi",  # and compiled by them
        folder / "0123456789abcdef" / "notes.txt",
        folder / "0123456789abcdef" / "__pycache__" / "notes.nbi",
    ]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import this\n" if path.name == "run_own.py" else ENTRY)
    return paths


def test_without_a_folder_there_is_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("NLSOLVE_CACHE_DIR", str(tmp_path / "none"))
    assert cache.kept() == (tmp_path / "none", 0, 0)
    assert cache.clear() == (tmp_path / "none", 0, 0)
    assert not (tmp_path / "none").exists()


def test_what_was_written_is_counted_and_removed(folder):
    size = len(ENTRY) + 15
    assert cache.kept() == (folder, 3, size)
    assert cache.clear() == (folder, 3, size)
    assert list(folder.iterdir()) == []
    assert cache.clear() == (folder, 0, 0)


def test_what_the_driver_writes_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("NLSOLVE_CACHE_DIR", str(tmp_path))
    module, text = "nlsolve.methods.dogleg", drivers._TEMPLATE.replace("{rest}", "pass")
    path = drivers._entry_file("run", text, module)
    assert path.is_file()
    written = text.format(mark=cache.MARK, module=module, cached=True)
    assert cache.clear() == (tmp_path, 1, len(written))
    assert not path.parent.exists()


def test_what_writing_left_behind_is_removed_too(folder):
    (folder / "0123456789abcdef" / "tmpab12cd").write_text(ENTRY)
    (folder / "0123456789abcdef" / "tmpab12ce").write_text("something else")
    assert cache.clear().files == 4
    assert [path.name for path in folder.glob("*/*")] == ["tmpab12ce"]


def test_nothing_else_is_removed(folder):
    paths = strangers(folder)
    assert cache.kept().files == 3
    assert cache.clear().files == 3
    assert all(path.exists() for path in paths)


def test_links_are_not_followed(folder, tmp_path):
    outside = tmp_path / "outside"
    (folder / "0123456789abcdef").rename(outside)
    (folder / "0123456789abcdef").symlink_to(outside)
    assert cache.clear().files == 0
    assert len(list(outside.iterdir())) == 2


def test_the_folder_is_the_users_own_where_none_is_chosen(tmp_path, monkeypatch):
    monkeypatch.delenv("NLSOLVE_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "nlsolve"
