"""On which notice a claim stands, what that means for deciding it, and how it is taken off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from portal.accounts.access import NotNow
from portal.cases.models import PublicNotice
from portal.cases.notices import publishing
from subsidies.models import AnnouncedClaim, Claim

# Read by everybody: never who went, or why.
WITHDRAWN = "有关申请已撤回，不再列入本期公示。"
SENT_BACK = "有关申请退回重新审核，不再列入本期公示。"
# Of a case: its course asks for a notice, and there was none yet.
_ASKS = Claim.objects.filter(pk=OuterRef("pk"), course__notice_days__isnull=False)
TO_ANNOUNCE = Q(Exists(_ASKS)) & ~Q(Exists(AnnouncedClaim.objects.standing().filter(claim=OuterRef("pk"))))


def announcements_of(claims: Collection[Claim]) -> dict[int, AnnouncedClaim]:
    """By claim, the notice it stands on."""
    standing = AnnouncedClaim.objects.standing().filter(claim__in=claims)
    return {one.claim_id: one for one in standing.select_related("notice")}


def against_deciding(claims: Sequence[Claim], action: str, *, on: date) -> dict[int, NotNow]:
    """Why claims cannot be approved or rejected on a day, by claim: the notice is not over, an objection is open; and,
    for an approval, there was none though the course asks for it. Two statements for any number.
    """
    standing = announcements_of(claims)
    rows = {
        claim.pk: (standing[claim.pk].notice, claim.case.number) for claim in claims if claim.pk in standing
    }
    blocked = publishing.blockers_of_rows(list(rows.values()), on)
    refused: dict[int, NotNow] = {}
    for claim in claims:
        if claim.pk in rows:
            notice, key = rows[claim.pk]
            if reasons := blocked.get((notice.pk, key)):
                refused[claim.pk] = NotNow("".join(reasons))
        elif action == "approve" and asks_for_notice(claim):
            assert claim.course is not None  # noqa: S101  as just asked
            refused[claim.pk] = NotNow(
                f"须先公示{claim.course.notice_days}个工作日，期满没有未办结的异议后再批准。"
            )
    return refused


def asks_for_notice(claim: Claim) -> bool:
    return claim.course is not None and claim.course.notice_days is not None


def hold(case_ids: Collection[int]) -> None:
    """Hold the notices on which claims stand, before the cases are held: objections come in the same order."""
    standing = AnnouncedClaim.objects.standing().filter(claim__in=case_ids).values("notice")
    list(PublicNotice.objects.filter(pk__in=standing).order_by("pk").select_for_update())


def take_off(case_ids: Collection[int], *, why: str, by: Any, on: date) -> None:
    """Take claims off the notices they stand on; a list that is still announced is revised. Call it inside the
    transition, with the notices held before.
    """
    standing = AnnouncedClaim.objects.standing().filter(claim__in=case_ids)
    of_notice: dict[PublicNotice, set[str]] = {}
    for one in standing.select_related("notice", "claim__case"):
        of_notice.setdefault(one.notice, set()).add(one.claim.case.number)
    standing.update(taken_off_on=on)
    for notice, keys in of_notice.items():
        if notice.is_open(on):
            _revise(notice, keys, why=why, by=by, on=on)


def _revise(notice: PublicNotice, keys: set[str], *, why: str, by: Any, on: date) -> None:
    version = publishing.current_version(notice)
    rows = [row for row in version.rows if row["key"] not in keys]
    publishing.revise_notice(
        notice.pk,
        columns=version.columns,
        rows=rows,
        digest=publishing.digest_of_rows(rows),
        reason=why,
        moved=[f"{len(keys)}人不再列入，其余不变。"],
        by=by,
        on=on,
    )
