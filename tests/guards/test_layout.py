"""Code and templates are laid out so that a person can read them aloud: the limits, held."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.guards import layout


@cache
def files() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in layout.production_files()]


def places(path: Path, lines: list[int]) -> list[str]:
    return [f"{path.relative_to(layout.ROOT)}:{line}" for line in lines]


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = [
        f"{path.relative_to(layout.ROOT)}:{function.lineno} {function.name}: {layout.length_of(function)} lines"
        for path, tree in files()
        for function in layout.functions_of(tree)
        if layout.length_of(function) > layout.LONGEST_FUNCTION
    ]
    assert not too_long


def test_a_context_gives_each_key_its_line() -> None:
    crowded = [place for path, tree in files() for place in places(path, layout.crowded_contexts(tree))]
    assert not crowded


def test_formatting_is_switched_off_for_tables_of_data_only() -> None:
    misused = []
    for path, tree in files():
        source = path.read_text(encoding="utf-8")
        misused += places(path, layout.misused_switches(source, tree))
    assert not misused


def test_template_lines_fit_a_screen() -> None:
    too_wide = []
    for path in layout.template_files():
        lines = path.read_text(encoding="utf-8").splitlines()
        wide = [number for number, line in enumerate(lines, 1) if len(line) > layout.LONGEST_TEMPLATE_LINE]
        too_wide += places(path, wide)
    assert not too_wide
    assert layout.nine_tenths(layout.template_widths()) <= layout.NINE_TENTHS_OF_TEMPLATE_LINES


@pytest.mark.parametrize(
    ("source", "crowded"),
    [
        ("context = {'a': 1, 'b': 2}", [1]),
        ("context = {\n'a': 1,\n'b': 2,\n}", []),
        ("context = {\n'a': 1, 'b': 2,\n'c': 3,\n} | more", [2]),
        ("render(request, 'x.html', {'a': 1, 'b': 2})", [1]),
        ("render(request, 'x.html', {'a': 1})", []),
        ("row = {'a': 1, 'b': 2}", []),
    ],
)
def test_the_guard_sees_a_crowded_context(source: str, crowded: list[int]) -> None:
    assert layout.crowded_contexts(ast.parse(source)) == crowded


def test_the_guard_sees_a_switch_outside_a_table() -> None:
    source = "TABLE = [\n1,\n]  # fmt: skip\n\ndef act():\n    call(1,\n2)  # fmt: skip\n"
    assert layout.misused_switches(source, ast.parse(source)) == [7]


def test_measures_count_what_a_reader_meets() -> None:
    source = (
        '"""About."""\n# why\n\ndef double(values):\n    """Twice."""\n    return [2 * v for v in values]\n'
    )
    tree = ast.parse(source)
    assert layout.code_lines(source, tree) == {4, 6}
