"""What the law says about a claim: stated when it is handed in, verified when it is decided, in words for people."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.accounts.access import NotNow
from portal.entitlements.wording import determination_conditions
from portal.formats import yuan
from portal.policy.determine import explain_determination
from portal.policy.models import Determination, Outcome
from portal.policy.subjects import determine_subjects, foresee_subject
from portal.workforce.models import SkillCredential
from portal.workforce.subjects import CERTIFICATE
from subsidies.models import Claim
from subsidies.schemes import SCHEMES, Scheme

_NO_CERTIFICATE = "这本证书在{day}尚未核发，或者尚未核验，不能据此认定。"


def determine(claim: Claim, *, on: date, verified: bool) -> Determination:
    """Decide about the certificate of a claim under the law of a day, and keep the evidence.

    NotNow when the certificate does not count on that day.
    """
    scheme = SCHEMES[claim.case.kind]
    decided = determine_subjects(
        CERTIFICATE, [claim.credential_id], on=on, benefits=[scheme.benefit], verified=verified
    )
    determination = decided.get((claim.credential_id, scheme.benefit))
    if determination is None:
        raise NotNow(_NO_CERTIFICATE.format(day=on.isoformat()))
    return determination


def require_not_ineligible(determination: Determination) -> None:
    """NotNow with each unmet condition, its clause and what to do, when the claim cannot be right."""
    if determination.outcome == Outcome.INELIGIBLE:
        raise NotNow(f"不符合条件。未符合的条件：{conditions_text(determination, holds=False)}")


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


def foresee(credential: SkillCredential, scheme: Scheme, *, on: date, verified: bool) -> Determination | None:
    """What would be determined of a certificate on a day; None when it does not count. Nothing is kept."""
    try:
        return foresee_subject(CERTIFICATE, credential.pk, on=on, benefit=scheme.benefit, verified=verified)
    except ValueError:
        # No row: not issued by that day, or not confirmed.
        return None
