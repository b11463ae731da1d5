"""When nominations are taken: told wherever somebody learns that they may be nominated."""

from __future__ import annotations

import datetime as dt

from portal.entitlements.application_windows import ApplicationWindow, register_application_window
from talent_registry.models import SelectionRound
from talent_registry.selection.workflow import RoundState

NOMINATION = "registry.nomination"


def nomination_window(on: dt.date) -> ApplicationWindow | None:
    """The round that takes nominations on a day, else the next one that is announced."""
    rounds = SelectionRound.objects.filter(case__state=RoundState.OPEN, nominations_until__gte=on)
    found = rounds.order_by("opens_on").first()
    return ApplicationWindow(found.title, found.opens_on, found.nominations_until) if found else None


def register() -> None:
    register_application_window(NOMINATION, nomination_window)
