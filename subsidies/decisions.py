"""What the law says about a claim: stated when it is handed in, verified when it is decided, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any

from portal.accounts.access import NotNow
from portal.entitlements.wording import determination_conditions
from portal.formats import yuan
from portal.policy.determine import explain_determination
from portal.policy.models import Determination, Outcome
from portal.policy.subjects import decide_subjects, determine_subjects, foresee_subject, foresee_subjects
from subsidies.models import Claim
from subsidies.schemes import SCHEMES, Scheme

NO_CERTIFICATE = "这本证书在{day}尚未核发，或者尚未核验，不能据此认定。"
NO_TRAINING = "这次培训在{day}尚未结业，或者结业登记尚未确认、已作废，不能据此认定。"


def day_of(claim: Claim) -> date:
    """The day of the first hand-in, whose law decides; of a draft nothing is decided yet."""
    if claim.handed_in_on is None:
        raise ValueError(f"claim {claim.pk} was not handed in")
    return claim.handed_in_on


def determine(claims: Iterable[Claim], *, verified: bool) -> dict[int, Determination]:
    """Decide about what claims rest on, each under the law of its day, by claim; claims of one day, scheme and kind of
    subject in one statement. Not among them: drafts, and claims by a certificate or training that does not count on
    its day.
    """
    return _of_each(determine_subjects, claims, verified)


def decide(claims: Iterable[Claim], *, verified: bool) -> dict[int, Determination]:
    """The same, to be kept (portal.policy.determine.keep) where something comes to rest on it."""
    return _of_each(decide_subjects, claims, verified)


def look_at(claims: Iterable[Claim], *, verified: bool) -> dict[int, Determination]:
    """The same, only looked at: nothing is written."""
    return _of_each(foresee_subjects, claims, verified)


def _of_each(
    find: Callable[..., Mapping[tuple[int, str], Determination]], claims: Iterable[Claim], verified: bool
) -> dict[int, Determination]:
    asked: dict[tuple[str, str, date], dict[int, int]] = {}
    for claim in claims:
        if claim.handed_in_on is None:
            continue
        kind = claim.subject_kind
        benefit = SCHEMES[claim.case.kind].benefits[kind]
        asked.setdefault((kind, benefit, day_of(claim)), {})[claim.subject_id] = claim.pk
    determined = {}
    for (kind, benefit, on), by_subject in asked.items():
        decided = find(kind, by_subject, on=on, benefits=[benefit], verified=verified)
        for (number, _), determination in decided.items():
            determined[by_subject[number]] = determination
    return determined


def not_there(claim: Claim, on: date) -> NotNow:
    """What the claim rests on does not count on a day."""
    words = NO_CERTIFICATE if claim.training_id is None else NO_TRAINING
    return NotNow(words.format(day=on.isoformat()))


def refusal_of(
    determination: Determination | None, claim: Claim, *, only_ineligible: bool = False
) -> NotNow | None:
    """Why a claim cannot be taken further by a determination: what is not met, or not known; None when it can."""
    if determination is None:
        return not_there(claim, day_of(claim))
    if refusal := _unmet(determination):
        return refusal
    if determination.outcome == Outcome.UNDETERMINED and not only_ineligible:
        unknown = conditions_text(determination, holds=None)
        return NotNow(f"条件尚不能认定，须先登记并核验以下信息：{unknown}")
    return None


def require_not_ineligible(determination: Determination) -> None:
    """NotNow with each unmet condition, its clause and what to do, when the claim cannot be right."""
    if refusal := _unmet(determination):
        raise refusal


def _unmet(determination: Determination) -> NotNow | None:
    if determination.outcome != Outcome.INELIGIBLE:
        return None
    return NotNow(f"不符合条件。未符合的条件：{conditions_text(determination, holds=False)}")


def conditions_text(determination: Determination, *, holds: bool | None) -> str:
    """The conditions that came out so (None: unknown), each with its clause and what to do about it."""
    sentences = []
    for condition in determination_conditions(determination):
        if condition["holds"] is not holds:
            continue
        remedy = condition["remedy"] or "请核对登记的信息。"
        sentences.append(f"{condition['label']}（{condition['clause']}），{remedy}".rstrip("。"))
    return f"{'；'.join(sentences)}。"


def what_changed(before: Determination | None, now: Determination) -> list[str]:
    """In words, what came out otherwise than before; nothing when the claim stands as it did."""
    if before is None or before.digest == now.digest:
        return []
    changes = []
    if before.outcome != now.outcome:
        changes.append(f"结论由“{before.get_outcome_display()}”变为“{now.get_outcome_display()}”")
    if before.amount != now.amount:
        changes.append(f"金额由{_yuan(before.amount)}变为{_yuan(now.amount)}")
    held = {row["code"]: row["holds"] for row in before.conditions}
    words = {row["code"]: row["label"] for row in explain_determination(now)["conditions"]}
    for row in now.conditions:
        if held.get(row["code"]) != row["holds"]:
            changes.append(f"“{words[row['code']]}”由{_held(held.get(row['code']))}变为{_held(row['holds'])}")
    return changes or ["所依据的信息有更新，结论和金额不变"]


def _yuan(amount: Any) -> str:
    return yuan(amount) or "无标准"


def _held(holds: bool | None) -> str:
    return {True: "符合", False: "不符合", None: "不能确定"}[holds]


def foresee(kind: str, number: int, scheme: Scheme, *, on: date, verified: bool) -> Determination | None:
    """What would be determined of a subject on a day; None when it does not count. Nothing is kept."""
    return foresee_subject(kind, number, on=on, benefit=scheme.benefits[kind], verified=verified)


def foresee_many(
    kind: str, numbers: Collection[int], scheme: Scheme, *, on: date, verified: bool
) -> dict[int, Determination]:
    """The same of many subjects of a kind in one statement; those that do not count are not among them."""
    benefits = [scheme.benefits[kind]]
    foreseen = foresee_subjects(kind, numbers, on=on, benefits=benefits, verified=verified)
    return {number: determination for (number, _), determination in foreseen.items()}
