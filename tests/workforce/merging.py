"""Two who merge people and units in the tests, and what they say."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.workforce.actions import confirm_pointer, propose_pointer, propose_undoing

ON = date(2026, 11, 25)
REASON = "同一人先用旧证件号码建档，已核对居民身份证。"


def proposed(cast: Any, source: Any, target: Any = None, *, kind: str = "person", on: date = ON) -> Any:
    """A clerk has proposed it; nobody has confirmed it."""
    return propose_pointer(
        kind, source.pk, target.pk if target else None, reason=REASON, by=cast("clerk"), on=on
    )


def merged(cast: Any, source: Any, target: Any = None, *, kind: str = "person", on: date = ON) -> Any:
    """The first record was merged into the second, or voided, by two people."""
    pointer = proposed(cast, source, target, kind=kind, on=on)
    return confirm_pointer(kind, pointer.pk, by=cast("reviewer"), on=on)


def undone(cast: Any, pointer: Any, *, kind: str = "person", on: date = ON) -> Any:
    """The merge was undone by two people."""
    undoing = propose_undoing(kind, pointer.pk, reason="经核实不是同一人。", by=cast("clerk"), on=on)
    return confirm_pointer(kind, undoing.pk, by=cast("reviewer"), on=on)
