"""Days as a calendar file (iCalendar, RFC 5545) that every telephone takes: whole days, in Beijing time."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

_LONGEST_LINE = 75  # octets, without the line break


@dataclass(frozen=True)
class DayEntry:
    """One day to be reminded of. `key` tells it from every other: the same entry twice replaces itself."""

    key: str
    day: dt.date
    title: str
    text: str = ""
    address: str = ""
    # So many days before, the telephone says so.
    remind_before: int = 0


def calendar_text(entries: Iterable[DayEntry], now: dt.datetime | None = None) -> str:
    """The file. `now` is the moment it was made, this one when not given."""
    stamp = (now or timezone.now()).astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//jianghuitong//benefits//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-TIMEZONE:{settings.TIME_ZONE}",
    ]
    for entry in entries:
        lines += _event(entry, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(entry: DayEntry, stamp: str) -> list[str]:
    number = hashlib.sha256(entry.key.encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VEVENT",
        f"UID:{number}@jianghuitong",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
        # The first day after it.
        f"DTEND;VALUE=DATE:{entry.day + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(entry.title)}",
        "TRANSP:TRANSPARENT",
    ]
    if entry.text:
        lines.append(f"DESCRIPTION:{_escaped(entry.text)}")
    if entry.address:
        lines.append(f"URL:{entry.address}")
    if entry.remind_before:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"TRIGGER:-P{entry.remind_before}D",
            f"DESCRIPTION:{_escaped(entry.title)}",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return "".join(char for char in text if char >= " " and char != "\x7f")


def _folded(line: str) -> str:
    """Lines are at most 75 octets; what goes on begins with a blank. No character is cut in two."""
    parts: list[str] = []
    part, length = "", 0
    for char in line:
        octets = len(char.encode())
        if length + octets > _LONGEST_LINE:
            parts.append(part)
            part, length = " ", 1
        part += char
        length += octets
    return "\r\n".join([*parts, part])


def calendar_response(entries: Iterable[DayEntry], name: str) -> HttpResponse:
    """The file to take along; `name` without its ending."""
    response = HttpResponse(calendar_text(entries), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = (
        f"attachment; filename=\"dates.ics\"; filename*=UTF-8''{quote(name)}.ics"
    )
    return response
