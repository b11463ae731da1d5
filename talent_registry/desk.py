"""What the registry adds to the service desk: whether somebody stands on the list, and its numbers."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from portal.cases.numbers import number_as_issued
from portal.formats import date_cn
from portal.pages.desk import Asked, DeskPart, DeskRow, register_finder, register_part
from talent_registry.models import RegistryEntry
from talent_registry.models.registry import Status

_TONES = {Status.ACTIVE: "good", Status.SUSPENDED: "warn", Status.REMOVED: "bad"}
_NUMBER = re.compile(r"LJ-\d{4}-\d{6,}")


def register() -> None:
    register_part(DeskPart("registry", "名录", "不在高技能领军人才名录中。", entries_of))
    register_finder(person_numbered)


def entries_of(asked: Asked) -> list[DeskRow]:
    """The person's entries, the newest first; one that was removed is told too."""
    entries = RegistryEntry.objects.visible_to(asked.user).filter(worker__in=asked.records).newest_first()
    return [
        DeskRow(
            "高技能领军人才名录",
            reverse("registry:record", args=[entry.number]),
            entry.get_status_display(),
            _TONES[Status(entry.status)],
            number=entry.number,
            since=entry.included_on,
            told=f"{entry.get_status_display()}状态自{date_cn(entry.status_since)}起。",
        )
        for entry in entries.only("number", "status", "included_on", "status_since", "worker_id")
    ]


def person_numbered(text: str, user: Any) -> int | None:
    """Whose entry has this number, typed in small letters or without dashes too."""
    typed = number_as_issued(text)
    if not _NUMBER.fullmatch(typed):
        return None
    entries = RegistryEntry.objects.visible_to(user)
    return entries.filter(number=typed).values_list("worker_id", flat=True).first()
