"""The state of a case for the person it is about, who has no account: found by its number and the end of their ID number."""
from __future__ import annotations

import hmac

from portal.cases.models import Case


def find_for_applicant(number: str, tail: str) -> Case | None:
    """The case `number` if the applicant's ID number ends in `tail` (six characters), else None.

    An unknown number and a wrong ending look the same from outside: nobody learns which numbers exist. Callers throttle.
    """
    if len(tail) != 6:
        raise ValueError("the last six characters of an ID number are asked for")
    case = Case.objects.select_related("worker", "region__parent").filter(number=number, worker__isnull=False).first()
    known = str(case.worker.id_number)[-6:] if case and case.worker else "------"
    return case if hmac.compare_digest(known.encode(), tail.encode()) else None
