"""What a person can do against a decision: the text that every adverse letter carries."""
from __future__ import annotations

from dataclasses import dataclass

# 行政复议法（2023年修订）第二十条: sixty days from knowing of the decision.
RECONSIDERATION_DAYS = 60
# 行政诉讼法（2017年修正）第四十六条: six months from knowing, or having to know, of the decision.
LITIGATION_MONTHS = 6


@dataclass(frozen=True)
class Remedy:
    """To whom one turns, and within which time. The times are the statutory ones unless another law says so."""

    reconsideration_by: str
    court: str
    reconsideration_days: int = RECONSIDERATION_DAYS
    litigation_months: int = LITIGATION_MONTHS

    def text(self) -> str:
        return (
            f"如不服本决定，可以自收到本决定书之日起{self.reconsideration_days}日内向{self.reconsideration_by}申请行政复议，"
            f"或者自收到本决定书之日起{self.litigation_months}个月内依法向{self.court}提起行政诉讼。"
        )
