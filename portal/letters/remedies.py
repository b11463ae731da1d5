"""What a person can do against a decision: the text that every adverse letter carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils import timezone

from portal.policy.law import law_on
from portal.policy.models import Parameter

# 行政复议法第二十条 counts from knowing of the decision, 行政诉讼法第四十六条 from knowing, or having to
# know, of it.
RECONSIDERATION_DAYS = "office.reconsideration-days"
LITIGATION_MONTHS = "office.litigation-months"
# To whom one turns, by the place of the office that decided.
RECONSIDERATION_BODIES = "office.reconsideration-bodies"
LITIGATION_COURTS = "office.litigation-courts"
FIGURES = frozenset({RECONSIDERATION_DAYS, LITIGATION_MONTHS, RECONSIDERATION_BODIES, LITIGATION_COURTS})
_SINCE = "自收到本决定书之日起"


class Remedies(Protocol):
    """Tells, of a decision of a day (today by default), what can be done about it."""

    def text(self, on: date | None = None) -> str: ...


class NoFigure(LookupError):
    """A body, a time or a court has no value on the day: the letter waits for it. `figures` names which, `place` of which
    place's office.
    """

    def __init__(self, figures: Sequence[str], place: str = "") -> None:
        super().__init__("、".join(figures))
        self.figures = list(figures)
        self.place = place


@dataclass(frozen=True)
class RemedyOf:
    """Body, time and court are all figures of the law, of the place whose office decides (`place` is its code).

    `decision` is what one turns against, `since` from when the times count, where that is not this decision.
    """

    place: str
    since: str = _SINCE
    decision: str = "本决定"

    def text(self, on: date | None = None) -> str:
        """The text for a decision of `on` (today by default). Raises NoFigure."""
        if missing := missing_figures(self.place, on):
            raise NoFigure(missing, self.place)
        law = law_on(on or timezone.localdate())
        days, months = law.value(RECONSIDERATION_DAYS), law.value(LITIGATION_MONTHS)
        body = law.value(RECONSIDERATION_BODIES)[self.place]
        court = law.value(LITIGATION_COURTS)[self.place]
        return (
            f"如不服{self.decision}，可以{self.since}{days}日内向{body}申请行政复议，"
            f"或者{self.since}{months}个月内依法向{court}提起行政诉讼。"
        )

    def told_before(self) -> str:
        """For whoever is about to decide today: the text, or that the letter will wait and for what."""
        missing = missing_figures(self.place)
        return words_of_waiting(missing) if missing else self.text()


def words_of_waiting(missing: Sequence[str], called: str = "决定书") -> str:
    """What is said of a letter that waits for these figures."""
    return f"{called}暂缓出具，缺少：{'、'.join(missing)}。参数录入并复核后自动出具。"


def missing_figures(place: str, on: date | None = None) -> list[str]:
    """What a letter of the place's office has to name and no figure says on the day, by the figures' labels."""
    law = law_on(on or timezone.localdate())
    missing = [code for code in (RECONSIDERATION_DAYS, LITIGATION_MONTHS) if law.value(code) is None]
    for code in (RECONSIDERATION_BODIES, LITIGATION_COURTS):
        if not (law.value(code) or {}).get(place):
            missing.append(code)
    if not missing:
        return []
    labels = dict(Parameter.objects.filter(code__in=missing).values_list("code", "label"))
    return [labels.get(code, code) for code in missing]
