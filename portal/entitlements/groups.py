"""The order in which answers are read: what one has, what is open, the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.entitlements.wording import ELIGIBLE, ExplainedAnswer


@dataclass(frozen=True)
class AnswerGroup:
    """Answers that are read together. `code` is entitled, may_apply, encouraged, undetermined, ineligible."""

    code: str
    title: str
    lead: str
    tone: str
    answers: list[ExplainedAnswer]


_GROUPS = (
    ("entitled", "应当落实的待遇", "条件都符合，有关单位和部门应当落实。", "good"),
    ("may_apply", "可以申请的待遇", "条件都符合，申请后由有关单位或部门审核、评审决定。", "good"),
    ("encouraged", "政策鼓励落实的待遇", "这是政策的鼓励，不是权利：由用人单位或当地决定是否落实。", "info"),
    ("undetermined", "还差信息，暂不能判定的", "补充下面的信息就能判断。", "warn"),
    ("ineligible", "目前不符合的", "每一项都写明差在哪里、怎样可以改变。", "plain"),
)


def group_answers(answers: Iterable[ExplainedAnswer]) -> list[AnswerGroup]:
    """In the order in which people want to know: what one has, what is open, the rest; no empty group."""
    answers_of: dict[str, list[ExplainedAnswer]] = {code: [] for code, *_ in _GROUPS}
    for answer in answers:
        code = answer.force if answer.outcome == ELIGIBLE else answer.outcome
        answers_of[code].append(answer)
    return [
        AnswerGroup(code, title, lead, tone, answers_of[code])
        for code, title, lead, tone in _GROUPS
        if answers_of[code]
    ]
