"""What a person can do against a decision: the text that every adverse letter carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from portal.policy.law import law_on

# 行政复议法第二十条 counts from knowing of the decision, 行政诉讼法第四十六条 from knowing, or having to
# know, of it.
RECONSIDERATION_DAYS = "office.reconsideration-days"
LITIGATION_MONTHS = "office.litigation-months"


@dataclass(frozen=True)
class Remedy:
    """To whom one turns. Within which time is law: the figures in force on the day of the decision."""

    reconsideration_by: str
    court: str

    def text(self, on: date | None = None) -> str:
        """The text for a decision of `on` (today by default).

        A time that has no value then is not guessed.
        """
        law = law_on(on or timezone.localdate())
        for_reconsideration = _within(law.value(RECONSIDERATION_DAYS), "日")
        for_litigation = _within(law.value(LITIGATION_MONTHS), "个月")
        since = "自收到本决定书之日起"
        return (
            f"如不服本决定，可以{since}{for_reconsideration}向{self.reconsideration_by}申请行政复议，"
            f"或者{since}{for_litigation}依法向{self.court}提起行政诉讼。"
        )


def _within(figure: int | None, unit: str) -> str:
    if figure is None:
        return "在法律规定的期限内"
    return f"{figure}{unit}内"
