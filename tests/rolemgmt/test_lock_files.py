"""What is installed is locked by hash, and no committed file says where it is fetched from (STACK, section 8)."""

import re
import tomllib
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
# Words in the options by which pip is told of a place.
OF_PLACES = {"index", "links", "host"}


@pytest.mark.parametrize("name", [*LOCKS, "pyproject.toml", "Makefile", ".ci/run"])
def test_no_index_is_named(name):
    text = (BASE_DIR / name).read_text("utf-8").replace("sqlite:///", "")
    assert "://" not in text
    options = re.findall(r"--([a-z][a-z-]*)", text)
    assert [option for option in options if OF_PLACES & set(option.split("-"))] == []


def pins(name: str) -> dict[str, str]:
    text = (BASE_DIR / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ \\;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_a_hash(name):
    text = (BASE_DIR / name).read_text("utf-8")
    blocks = [block for block in re.split(r"\n(?=[a-zA-Z])", text) if block.strip()]
    assert len(blocks) > 10
    for block in blocks:
        assert "==" in block.splitlines()[0], block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_development_lock_contains_the_runtime_lock():
    runtime, development = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: development.get(name) for name in runtime} == runtime


def test_every_named_dependency_is_locked():
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]
    for name, wanted in (
        (LOCKS[0], project["dependencies"]),
        (LOCKS[1], project["optional-dependencies"]["dev"]),
    ):
        locked = pins(name)
        for requirement in wanted:
            assert re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() in locked, requirement
