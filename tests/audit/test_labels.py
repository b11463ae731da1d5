"""Every code that is written into the audit has its Chinese name on the audit page."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from portal.window.office.audit_labels import label_of
from portal.workforce.record_kinds import KINDS
from tests.installed import python_files


def codes() -> Iterator[str]:
    """The codes that stand in calls of audit.record and record_many, both of an either-or included."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and node.args
                and getattr(node.func, "attr", "") in {"record", "record_many"}
            ):
                first = node.args[0]
                parts = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                yield from (p.value for p in parts if isinstance(p, ast.Constant) and "." in str(p.value))


def test_every_code_has_a_name() -> None:
    found = set(codes())
    assert {"account.create", "honour.change", "case.open"} <= found
    assert sorted(code for code in found if label_of(code) == code) == []


def test_changes_of_records_are_called_by_the_record() -> None:
    for kind, row in KINDS.items():
        assert label_of(f"{kind}.add") == f"新增{row.title}"


def test_moves_of_cases_are_called_as_in_their_workflow() -> None:
    assert label_of("case.confirm").startswith("办件：")
    assert label_of("no.such") == "no.such"
