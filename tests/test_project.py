"""pyproject.toml says what the other files say: what is needed, and the version."""

import json
import re

from processes import ROOT

import startup

PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def lines(name):
    """Of a list of requirements, without comments."""
    text = re.sub(r"#.*", "", (ROOT / name).read_text("utf-8"))
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_uv_installs_what_pip_installs():
    needed = json.loads(re.search(r"^dependencies = (\[.*?\])", PROJECT, re.MULTILINE)[1])
    assert needed == lines("requirements.txt")
    oldest = dict(re.findall(r"(\w+)>=([\d.]+)", " ".join(needed)))
    assert tuple(map(int, oldest["tensorflow"].split("."))) == startup.OLDEST_TENSORFLOW
    tried = dict(re.findall(r"\b(\w+)==([\d.]+)", (ROOT / ".ci" / "run").read_text("utf-8")))
    assert tried.keys() == oldest.keys()
    assert all(tried[name].startswith(oldest[name]) for name in oldest)


def test_pages_name_the_same_pythons():
    oldest, beyond = re.search(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', PROJECT, re.MULTILINE).groups()
    for page in "README.md", "INSTALL.txt", "docs/reference.md", "README.zh.md", "docs/zh/reference.md":
        named = re.search(r"3\.(\d\d) (?:to|到) 3\.(\d\d)", (ROOT / page).read_text("utf-8"))
        assert named.groups() == (oldest, str(int(beyond) - 1)), page


def test_the_newest_entry_of_the_changelog_is_this_version():
    version = re.search(r'^version = "(.+?)"', PROJECT, re.MULTILINE)[1]
    told = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert told[0] == version
    assert told == sorted(told, key=lambda name: [int(part) for part in name.split(".")], reverse=True)


def test_the_libraries_of_qt_are_the_same_for_users_and_for_tests():
    installed, told = ((ROOT / name).read_text("utf-8") for name in (".ci/run", "INSTALL.txt"))
    libraries = set(re.findall(r"\blib[\w-]+\d\b", told))
    assert libraries and libraries == set(re.findall(r"\blib[\w-]+\d\b", installed))
