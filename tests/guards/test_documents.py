"""What the pages for readers name exists: files, functions in them, names of the code; and the picture is
drawn anew.
"""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from tests.guards import layers

ROOT = layers.ROOT
ARCHITECTURE = ROOT / "docs" / "ARCHITECTURE.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Our folders; what begins otherwise is an address, a setting, or the data folder of a portal.
OURS = ("portal/", "talent_registry/", "templates/", "tests/", "bench/", "docs/", "deploy/")
FILE = re.compile(rf"`((?:{'|'.join(OURS)})[^`\s<]*)`")
CODE = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def files_named(text: str) -> list[str]:
    return [path.rstrip("/") for path in FILE.findall(text)]


def names_in(path: Path) -> set[str]:
    """What a module defines at any depth, and the functions of the SQL that it holds."""
    source = path.read_text(encoding="utf-8")
    names = set(re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)", source))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def steps() -> list[str]:
    """The numbered steps of the walk, each with its continuation lines."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    walk = text.partition("## One fact")[2].partition("\n## ")[0]
    return re.split(r"\n(?=\d+\. )", walk)[1:]


def glossary() -> list[str]:
    text = ARCHITECTURE.read_text(encoding="utf-8").partition("## The words")[2]
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_links_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [path for path in files_named(text) if not list(ROOT.glob(path))]
    missing += [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("number", range(1, 1 + len(steps())))
def test_each_step_of_the_walk_names_what_its_files_define(number: int) -> None:
    step = steps()[number - 1]
    files = [ROOT / path for path in files_named(step) if path.endswith(".py")]
    defined = {name for file in files for name in names_in(file)}
    # A step may go on with what the one before it led to.
    for earlier in files_named("".join(steps()[: number - 1])):
        if earlier.endswith(".py"):
            defined |= names_in(ROOT / earlier)
    assert set(CODE.findall(step)) - defined == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_said_to_be_in_a_file_are_there(page: Path) -> None:
    """`name` in `path.py`, wherever it is written so."""
    text = page.read_text(encoding="utf-8")
    said = re.findall(r"`([A-Za-z_]\w*)`\s+in\s+`([\w/]+\.py)`", text)
    assert [(name, path) for name, path in said if name not in names_in(ROOT / path)] == []


@pytest.mark.parametrize("name", glossary())
def test_a_name_of_the_glossary_exists(name: str) -> None:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return
    raise AssertionError(f"no module of {name}")


def test_the_picture_of_the_layers_is_the_one_that_is_held() -> None:
    said = layers.PICTURE.read_text(encoding="utf-8")
    assert said == layers.drawing(), "draw it again: python -m tests.guards.layers"


def test_the_table_beside_it_names_every_layer() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|", ARCHITECTURE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert rows == [name for row in layers.layers() for name in row]
