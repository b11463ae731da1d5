"""Who writes to whoever has to pay back: each programme does, of its own kinds of cases.

    register_writer(KIND, Writer())

Where no programme writes, the office does by hand, and says under which number.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

from portal.accounts.access import NotNow
from portal.funds.models import PlanChange, Recovery


class Writer(Protocol):
    """Writes letters about recoveries of a kind of case; each tells its number. Raises NotNow where it cannot yet."""

    def decided(self, recovery: Recovery, *, by: Any, on: date) -> str: ...

    def replanned(self, change: PlanChange, *, by: Any, on: date) -> str: ...

    def reminded(self, recovery: Recovery, *, rest: int, pay_by: date, by: Any, on: date) -> str: ...


_WRITERS: dict[str, Writer] = {}


def register_writer(kind: str, writer: Writer) -> None:
    """A programme writes of its kind of case. ValueError where somebody else does already."""
    if _WRITERS.get(kind, writer) is not writer:
        raise ValueError(f"letters about recoveries of {kind} are written by somebody already")
    _WRITERS[kind] = writer


def writes_of(recovery: Recovery) -> bool:
    """Whether a programme writes the letters of it."""
    return recovery.payable.case.kind in _WRITERS


def _number(written: str, by_hand: str) -> str:
    number = written or by_hand.strip()
    if not number:
        raise NotNow("请填写文书的文号。")
    return number


def tell_decision(recovery: Recovery, *, by_hand: str, by: Any, on: date) -> str:
    """Write that it was decided, or take the number of what the office wrote. Raises NotNow without either."""
    writer = _WRITERS.get(recovery.payable.case.kind)
    return _number(writer.decided(recovery, by=by, on=on) if writer else "", by_hand)


def remind(recovery: Recovery, *, rest: int, pay_by: date, by_hand: str, by: Any, on: date) -> str:
    """Write the reminder over the rest (in fen), or take the number of the office's. Raises NotNow without either."""
    writer = _WRITERS.get(recovery.payable.case.kind)
    written = writer.reminded(recovery, rest=rest, pay_by=pay_by, by=by, on=on) if writer else ""
    return _number(written, by_hand)


def tell_change(change: PlanChange, *, by_hand: str, by: Any, on: date) -> str:
    """Write that its plan was changed, or take the number of what the office wrote. Raises NotNow without either."""
    writer = _WRITERS.get(change.recovery.payable.case.kind)
    return _number(writer.replanned(change, by=by, on=on) if writer else "", by_hand)
