"""A live service in place of a file: asked for one person, it answers with rows as the file would have held them.

None is connected here: there is no code that speaks to a network. An office that has a service names, in the setting
`EXTRACT_PORTS`, for a kind of extract the class that asks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from portal.workforce.extracts.kinds import KINDS


class RegisterPort(Protocol):
    """Asks one register for one person."""

    def ask(self, id_number: str, on: date) -> Sequence[Mapping[str, str]]:
        """The rows of the person as of a day, each by the keys of the file's columns; none when the register has none.
        Raises Unavailable when it does not answer.
        """
        ...


class Unavailable(Exception):
    """The register does not answer; the message is for the clerk."""


def port_of(kind: str) -> RegisterPort | None:
    """The port of a kind of extract; None where no service is connected, as it is by default."""
    name = settings.EXTRACT_PORTS.get(KINDS[kind].code)
    return import_string(name)() if name else None
