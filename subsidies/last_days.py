"""What the night does about entitlements that end: it finds until when each can be claimed, warns those who have not
claimed 60 and 14 days before, and writes down what ended unclaimed.

Until when is the rule's own period: so many months, as the figure of the day says, from the day the certificate was
issued. All of it goes over the register in sets, and may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from portal.entitlements.models import OfferState
from portal.policy.law import law_on
from portal.workforce.subjects import CERTIFICATE
from subsidies.last_day_letters import issue_warnings
from subsidies.models import Claim, LastDay
from subsidies.schemes import SCHEMES
from subsidies.workflow import ENDED

# So many days before the last one, the earlier first.
WARNED_BEFORE = (60, 14)
_CHUNK = 500
_OPEN = (OfferState.MATCHED, OfferState.NOTIFIED)
# Entitled within so many days before the end: nobody looks at the register while the portal stands still.
_LATELY = timedelta(days=7)
_FIND = """
INSERT INTO subsidies_lastday (offer_id, worker_id, credential_id, region_id, day, seen_on)
SELECT o.id, o.worker_id, c.id, o.region_id, (c.issued_on + make_interval(months => %(months)s))::date, %(on)s
FROM entitlements_offer o JOIN workforce_skillcredential c ON c.id = o.subject_id
WHERE o.subject_type = %(subject)s AND o.benefit = %(benefit)s AND o.state IN ('matched', 'notified')
  AND (c.issued_on + make_interval(months => %(months)s))::date BETWEEN %(on)s AND %(until)s
ON CONFLICT (offer_id) DO UPDATE
SET seen_on = excluded.seen_on, day = excluded.day, region_id = excluded.region_id
WHERE subsidies_lastday.missed_on IS NULL
"""


@dataclass(frozen=True)
class Night:
    """How many entitlements ended unclaimed, and how many people were warned."""

    missed: int
    warned: int


def look_ahead(on: date) -> Night:
    """All that a night does, in this order: what ended is told from what is found anew."""
    missed = note_missed(on)
    find(on)
    return Night(missed, warn(on))


@transaction.atomic
def find(on: date) -> int:
    """Until when each open offer of a subsidy with a period can be claimed, of those that end within two months."""
    found = 0
    for scheme in SCHEMES.values():
        months = law_on(on).value(scheme.window) if scheme.window else None
        if months is None:
            continue
        asked: dict[str, Any] = {
            "on": on,
            "until": on + timedelta(days=WARNED_BEFORE[0]),
            "months": int(months),
            "subject": CERTIFICATE,
            "benefit": scheme.benefits[CERTIFICATE],
        }
        with connection.cursor() as cursor:
            cursor.execute(_FIND, asked)
            found += cursor.rowcount
    return found


def _unclaimed() -> Q:
    """No claim by the certificate that did not come to nothing."""
    claims = Claim.objects.filter(credential=OuterRef("credential")).exclude(case__state__in=ENDED)
    return ~Q(Exists(claims))


def warn(on: date) -> int:
    """A letter to everybody who is entitled and has not claimed, 60 days before the last one and 14. Who is found later
    than that is warned then; of how many.
    """
    far, near = WARNED_BEFORE
    ahead = LastDay.objects.filter(_unclaimed(), seen_on=on, offer__state__in=_OPEN)
    in_sight = ahead.filter(day__gt=on + timedelta(days=near), day__lte=on + timedelta(days=far))
    close = ahead.filter(day__gte=on, day__lte=on + timedelta(days=near))
    warned = _warn(list(in_sight.filter(warned_60_on=None).values_list("pk", flat=True)), "warned_60_on", on)
    return warned + _warn(
        list(close.filter(warned_14_on=None).values_list("pk", flat=True)), "warned_14_on", on
    )


def _warn(ids: Sequence[int], column: str, on: date) -> int:
    """In chunks, each with its letters in one transaction: killed in between, nobody is warned twice."""
    warned = 0
    for start in range(0, len(ids), _CHUNK):
        with transaction.atomic():
            rows = LastDay.objects.select_for_update(of=("self",)).select_related(
                "worker", "credential", "offer"
            )
            due = list(rows.filter(pk__in=ids[start : start + _CHUNK], **{column: None}).order_by("pk"))
            issue_warnings(due, on=on)
            LastDay.objects.filter(pk__in=[row.pk for row in due]).update(**{column: on})
            warned += len(due)
    return warned


def note_missed(on: date) -> int:
    """What ended while the person was entitled, and nobody claimed; of how many."""
    ended = LastDay.objects.filter(_unclaimed(), day__lt=on, missed_on=None)
    entitled = ended.exclude(offer__state__in=[OfferState.CONSENTED, OfferState.DECLINED])
    missed = [pk for pk, day, seen in entitled.values_list("pk", "day", "seen_on") if seen >= day - _LATELY]
    return LastDay.objects.filter(pk__in=missed, missed_on=None).update(missed_on=on)
