"""Notes on a case, for whoever works on it next.

They are kept with the case as long as it is, and are no part of the file that is taken out of a finished one: that tells
what was asked, found and decided, with the opinions that the law wants kept, and may be handed to the person.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import NotNow, Refused, can, require
from portal.cases.models import Case, CaseNote
from portal.reasons import NUMBER_IN_FULL, names_id_number, reason_in
from portal.workforce.merged import units_of_person
from portal.workforce.models.base import records_of_person

AT_MOST = 500


def may_note(case: Case, user: Any) -> bool:
    """Whether somebody works on the case, and it is not their own."""
    return can(user, "case.view", case.region_id) and not _is_own(case, user)


def _is_own(case: Case, user: Any) -> bool:
    return case.worker_id in records_of_person(user) or case.employer_id in units_of_person(user)


@transaction.atomic
def note(case_id: int, *, text: str, by: Any) -> CaseNote:
    """Write a note down. Raises Refused (no officer of the case, or one's own), NotNow (nothing said)."""
    case = Case.objects.get(pk=case_id)
    require(by, "case.view", case.region_id)
    if _is_own(case, by):
        raise Refused("这是您本人或者您代表的单位的办件，备注由其他人员记录。")
    words = reason_in(text)
    if not words:
        raise NotNow("请写明备注的内容。")
    if names_id_number(words):
        raise NotNow(NUMBER_IN_FULL)
    if len(words) > AT_MOST:
        raise NotNow(f"备注不能超过{AT_MOST}字。")
    made = CaseNote.objects.create(case=case, text=words, by=by)
    audit.record(
        "case.note",
        by=by,
        obj=case,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": case.number},
    )
    return made
