"""The state of a case for a person without an account: found by its number and what nobody else can read anywhere.

The registry and the notices publish the last four characters of ID numbers; with the day of birth of a colleague or the
month's thirty-one days six are soon guessed. So the whole number is asked for, of an objector the whole contact.
"""

from __future__ import annotations

import hmac

from portal.cases.models import Case, Objection
from portal.cases.notices.objections import contact_as_compared
from portal.cases.notices.workflow import WORKFLOW as OBJECTION_WORKFLOW


def find_for_applicant(number: str, id_number: str) -> Case | None:
    """The case `number` if it is of the person with this ID number, else None.

    An unknown number and another person's look the same from outside: nobody learns which numbers exist.
    Callers throttle.
    """
    case = (
        Case.objects.select_related("worker", "region__parent")
        .filter(number=number, worker__isnull=False)
        .first()
    )
    registered = str(case.worker.id_number) if case and case.worker else "-"
    return case if _same(registered, id_number) else None


def is_of_an_objection(number: str) -> bool:
    """Whether a number is one of an objection's case."""
    return number.startswith(f"{OBJECTION_WORKFLOW.prefix}-")


def find_for_objector(number: str, contact: str) -> Objection | None:
    """The objection `number` if this is the contact given with it, else None.

    As above; callers throttle.
    """
    objection = (
        Objection.objects.select_related("case__region__parent", "notice").filter(case__number=number).first()
    )
    registered = contact_as_compared(objection.contact) if objection else "-"
    return objection if _same(registered, contact_as_compared(contact)) else None


def objection_to(notice_id: int, number: str) -> Objection | None:
    """The objection to a notice by its number, for whoever has just sent it and holds the receipt's address."""
    found = Objection.objects.select_related("case").filter(notice_id=notice_id, case__number=number)
    return found.first()


def _same(registered: str, typed: str) -> bool:
    """Compared in a time that does not tell how much of it was right."""
    return hmac.compare_digest(registered.encode(), typed.encode())
