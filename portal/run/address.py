"""Where the portal listens, and what of its settings follows from that."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured

from portal.run.messages import complain
from portal.run.processes import StartFailed

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how a person may spell "every address", never our default


@dataclass(frozen=True)
class Address:
    """Where the web server listens, from JHT_LISTEN."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> Address:
        text = os.environ.get("JHT_LISTEN") or "127.0.0.1:8000"
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise StartFailed(f"JHT_LISTEN={text} is not host:port, for example 127.0.0.1:8000")
        return cls(host.strip("[]"), int(port))

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """How this machine itself reaches it."""
        host = WILDCARDS.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK

    def refuse_if_taken(self) -> None:
        """StartFailed with a clear text when somebody listens there already, or when the address is not ours."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise StartFailed(
                    f"cannot listen on {self.bind}: {error.strerror}. Stop the program that uses this port, "
                    f"or choose another one: JHT_LISTEN={self.host}:{self.port + 1} ./jht run"
                ) from error


def _given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def refuse_bad_settings() -> None:
    """StartFailed with the settings' own words when one is missing or unsafe, before any process meets it."""
    try:
        import_module("portal.settings")
    except ImproperlyConfigured as error:
        raise StartFailed(str(error)) from error


def on_own_servers() -> bool:
    """Whether the environment names the database and the broker, so that nothing embedded may start."""
    database, broker = _given("DATABASE_URL"), _given("REDIS_URL")
    if database != broker:
        raise StartFailed(
            "set both DATABASE_URL and REDIS_URL for servers of your own, or neither for the embedded ones"
        )
    return database


def web_variables(address: Address) -> dict[str, str]:
    """What follows from where we listen, unless the person says otherwise."""
    variables: dict[str, str] = {}
    if not _given("JHT_PUBLIC_URL"):
        variables["JHT_PUBLIC_URL"] = address.url
    secure = os.environ.get("JHT_PUBLIC_URL", "").startswith("https://")
    if not _given("JHT_PLAIN_HTTP") and not secure:
        variables["JHT_PLAIN_HTTP"] = "1"
        if not address.loopback:
            complain(
                f"{address.bind} can be reached from other machines, unencrypted. For real data put a proxy with TLS in front "
                "and set JHT_PUBLIC_URL=https://… and JHT_BEHIND_PROXY=1"
            )
    if not _given("JHT_ALLOWED_HOSTS") and not address.loopback and address.host not in WILDCARDS:
        variables["JHT_ALLOWED_HOSTS"] = f"127.0.0.1,localhost,[::1],{address.host}"
    return variables
