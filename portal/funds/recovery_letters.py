"""Who writes to whoever has to pay back: each programme does, of its own kinds of cases.

    register_writer(KIND, Writer())

Where no programme writes, the office does by hand, and says under which number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from portal.accounts.access import NotNow
from portal.funds.models import Payable, PlanChange, Recovery
from portal.funds.money import yuan


@dataclass(frozen=True)
class SetOff:
    """A benefit that a recovery is set off from, before it is: `off` is the part that is not paid out, in fen."""

    recovery: Recovery
    benefit: Payable
    off: int

    @property
    def off_sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.off)

    @property
    def paid_sum(self) -> Decimal:
        """What of the benefit is paid all the same, in yuan; nothing where all of it is set off."""
        return yuan(self.benefit.amount - self.off)


class Writer(Protocol):
    """Writes letters about recoveries of a kind of case; each tells its number. Raises NotNow where it cannot yet."""

    def decided(self, recovery: Recovery, *, by: Any, on: date) -> str: ...

    def replanned(self, change: PlanChange, *, by: Any, on: date) -> str: ...

    def set_off(self, set_off: SetOff, *, by: Any, on: date) -> str: ...

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


def tell_set_off(set_off: SetOff, *, by_hand: str, by: Any, on: date) -> str:
    """Write what is set off and what is paid all the same, or take the number of what the office wrote, which may be none."""
    writer = _WRITERS.get(set_off.recovery.payable.case.kind)
    return writer.set_off(set_off, by=by, on=on) if writer else by_hand.strip()
