"""The state of a case for a person without an account: found by its number and the end of their ID number or
contact.
"""

from __future__ import annotations

import hmac

from portal.cases.models import Case, Objection
from portal.cases.notices.objections import contact_tail
from portal.cases.notices.workflow import WORKFLOW as OBJECTION_WORKFLOW

TAIL_OF_CONTACT = 4


def find_for_applicant(number: str, tail: str) -> Case | None:
    """The case `number` if the applicant's ID number ends in `tail` (six characters), else None.

    An unknown number and a wrong ending look the same from outside: nobody learns which numbers exist.
    Callers throttle.
    """
    if len(tail) != 6:
        raise ValueError("the last six characters of an ID number are asked for")
    case = (
        Case.objects.select_related("worker", "region__parent")
        .filter(number=number, worker__isnull=False)
        .first()
    )
    registered_tail = str(case.worker.id_number)[-6:] if case and case.worker else "------"
    return case if _same(registered_tail, tail) else None


def is_of_an_objection(number: str) -> bool:
    """Whether a number is one of an objection's case."""
    return number.startswith(f"{OBJECTION_WORKFLOW.prefix}-")


def find_for_objector(number: str, tail: str) -> Objection | None:
    """The objection `number` if the contact given with it ends in `tail` (four characters), else None.

    As above; callers throttle.
    """
    if len(tail) != TAIL_OF_CONTACT:
        raise ValueError("the last four characters of the contact are asked for")
    objection = (
        Objection.objects.select_related("case__region__parent", "notice").filter(case__number=number).first()
    )
    registered_tail = contact_tail(objection.contact) if objection else "----"
    return objection if _same(registered_tail, tail.upper()) else None


def objection_to(notice_id: int, number: str) -> Objection | None:
    """The objection to a notice by its number, for whoever has just sent it and holds the receipt's address."""
    found = Objection.objects.select_related("case").filter(notice_id=notice_id, case__number=number)
    return found.first()


def _same(registered: str, typed: str) -> bool:
    """Compared in a time that does not tell how much of it was right."""
    return hmac.compare_digest(registered.encode(), typed.encode())
