"""What an embedded server is to the supervisor."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Protocol

from portal.run.layout import Folders
from portal.run.postgres import Postgres
from portal.run.supervisor import Child
from portal.run.valkey import Valkey


class Service(Protocol):
    name: str
    stop_signal: int
    stop_seconds: float

    def prepare(self) -> None: ...

    def start(self) -> subprocess.Popen: ...

    def ready(self, stopping: Callable[[], bool]) -> None: ...

    def variables(self) -> dict[str, str]: ...


def embedded(folders: Folders, *, throwaway: bool = False) -> list[Service]:
    """The servers of one portal, in the order in which they are started."""
    return [Postgres(folders, throwaway=throwaway), Valkey(folders, throwaway=throwaway)]


def child(service: Service) -> Child:
    return Child(
        service.name,
        service.start,
        prepare=service.prepare,
        ready=service.ready,
        stop_signal=service.stop_signal,
        stop_seconds=service.stop_seconds,
    )
