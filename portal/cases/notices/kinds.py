"""The kinds of public notices: what an upheld objection to one may lead to, and who must not decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from portal.cases.models import Objection, PublicNotice
from portal.regions.calendar import Deadline


class OnUpheld(Protocol):
    """What the programme does when an objection is upheld; in the same transaction, so an exception undoes
    the decision.
    """

    def __call__(self, objection: Objection, *, by: Any, on: date, reason: str, remedy: str) -> Any: ...


@dataclass(frozen=True)
class Remedy:
    """What may follow when an objection is upheld; `consequence` is the line shown beside the choice."""

    code: str
    label: str
    consequence: str


def case_is_closed(notice: PublicNotice) -> bool:
    return notice.case is not None and notice.case.closed_at is not None


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice, as its programme registered it."""

    kind: str
    remedies: tuple[Remedy, ...]
    barred: Callable[[PublicNotice], set[int]]
    on_upheld: OnUpheld
    # Whether everything it announces is decided: then it lasts no longer.
    settled: Callable[[PublicNotice], bool] = case_is_closed
    # The day until which a notice lasts, so that whoever the list of today names anew stands in public for the whole
    # window; None when it names nobody anew.
    whole_window: Callable[[PublicNotice, date], Deadline | None] | None = None

    def label_of(self, remedy: str) -> str:
        """What a remedy is called; an unknown code stands for itself."""
        labels = {known.code: known.label for known in self.remedies}
        return labels.get(remedy, remedy)


_KINDS: dict[str, NoticeKind] = {}


def register_notice_kind(
    kind: str,
    *,
    remedies: Iterable[tuple[str, str, str]],
    barred: Callable[[PublicNotice], set[int]],
    on_upheld: OnUpheld,
    settled: Callable[[PublicNotice], bool] = case_is_closed,
    whole_window: Callable[[PublicNotice, date], Deadline | None] | None = None,
) -> None:
    """Make a kind of notice known: its remedies (code, label, consequence), the ids of users who must not
    decide objections to one, what an upheld objection does, whether all that one announces is decided, and until
    when one lasts for whoever is newly listed. Called once for each kind when the application starts.
    """
    known = tuple(Remedy(*remedy) for remedy in remedies)
    _KINDS[kind] = NoticeKind(kind, known, barred, on_upheld, settled, whole_window)


def notice_kind(kind: str) -> NoticeKind:
    """LookupError for a kind that no programme has registered."""
    return _KINDS[kind]
