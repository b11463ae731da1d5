"""A virus scanner that speaks clamd's protocol: what it finds, and what holds while it does not answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from portal import scanner
from portal.audit.models import Entry
from portal.cases import tasks
from portal.cases.evidence import files
from portal.cases.models import Evidence
from portal.file_inspection import FileRefused
from tests.cases.conftest import pdf, takes_evidence
from tests.cases.test_evidence import case, handed_in

__all__ = ["case", "takes_evidence"]
BAD = b"X5O!P%@AP[4-PZX54(P^)7CC)7}-STANDARD-ANTIVIRUS-TEST-FILE"


class Clamd:
    """Answers INSTREAM as clamd does: finds what contains BAD."""

    def __init__(self, server: socket.socket) -> None:
        self.server, self.scanned, self.says = server, 0, b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            content += stream.read(size)
        self.scanned += 1
        found = b"stream: Eicar-Test-Signature FOUND\0" if BAD in content else b"stream: OK\0"
        connection.sendall(self.says or found)


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SCANNER = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        yield Clamd(server)


@pytest.fixture
def down(settings: Any) -> str:
    """An address at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SCANNER = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    return str(settings.SCANNER)


def bad_pdf() -> bytes:
    return pdf() + b"\n%" + BAD


def test_without_one_nothing_is_asked_or_said(case: Any, clerk: Any, reviewer: Any, settings: Any) -> None:
    assert settings.SCANNER == "" and not scanner.is_on()
    kept = handed_in(case, clerk)
    assert files.open_file(kept, by=reviewer).content
    assert tasks.scan_evidence() == 0


def test_what_is_clean_is_scanned_once(case: Any, clerk: Any, reviewer: Any, clamd: Clamd) -> None:
    kept = handed_in(case, clerk)
    assert files.open_file(kept, by=reviewer).content and clamd.scanned == 1
    assert tasks.scan_evidence() == 0 and clamd.scanned == 1


def test_a_socket_of_the_machine_serves_as_well(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "clamd"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        settings.SCANNER = f"unix://{path}"
        Clamd(server)
        assert scanner.scan(b"x" * 300_000) == ""
        assert scanner.scan(BAD) == "Eicar-Test-Signature"


def test_what_is_infected_is_refused_and_noted(case: Any, clerk: Any, clamd: Clamd) -> None:
    with pytest.raises(FileRefused, match="病毒扫描发现含有恶意程序，没有保存"):
        handed_in(case, clerk, bad_pdf())
    assert not Evidence.objects.exists()
    assert Entry.objects.get(action="file.infected").detail["found"] == "Eicar-Test-Signature"


def test_while_it_is_down_only_who_handed_it_in_opens_it(
    case: Any, clerk: Any, cast: Any, as_user: Any, down: str
) -> None:
    kept = handed_in(case, clerk)
    address = reverse("window:evidence", args=[kept.pk])
    assert as_user(clerk).get(address).status_code == 200
    for name in ("window:evidence", "window:evidence_original"):
        answer = as_user(cast("reviewer")).get(reverse(name, args=[kept.pk]))
        assert answer.status_code == 409 and "未经病毒扫描" in answer.content.decode()
    assert Entry.objects.filter(action="evidence.not_shown").count() == 2
    assert tasks.scan_evidence() == 0


def test_it_is_scanned_as_soon_as_there_is_an_answer(
    case: Any, clerk: Any, reviewer: Any, down: str, request: pytest.FixtureRequest
) -> None:
    kept, by_the_clock = handed_in(case, clerk), handed_in(case, clerk, pdf("2"))
    assert files.opened_files.is_unscanned(files.STORE, kept)
    clamd = request.getfixturevalue("clamd")
    assert files.open_file(kept, by=reviewer).content and clamd.scanned == 1
    assert tasks.scan_evidence() == 0 and clamd.scanned == 2
    assert not files.opened_files.is_unscanned(files.STORE, by_the_clock)


def test_what_is_found_later_is_opened_by_nobody(
    case: Any, clerk: Any, cast: Any, as_user: Any, settings: Any, request: pytest.FixtureRequest
) -> None:
    """Kept before there was a scanner, then found by it: it stays shut, also when the scanner goes again."""
    kept = handed_in(case, clerk, bad_pdf())
    request.getfixturevalue("clamd")
    assert tasks.scan_evidence() == 1
    settings.SCANNER = ""
    for who in ("clerk", "reviewer"):
        answer = as_user(cast(who)).get(reverse("window:evidence", args=[kept.pk]))
        assert answer.status_code == 409 and "已隔离" in answer.content.decode()
    assert Entry.objects.get(action="evidence.infected").detail["found"] == "Eicar-Test-Signature"


@pytest.mark.parametrize(
    "says", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"hello\0", b"stream: x ERROR\0"]
)
def test_an_answer_that_is_none_counts_as_none(clamd: Clamd, says: bytes) -> None:
    clamd.says = says or b"\0"
    with pytest.raises(scanner.Down):
        scanner.scan(b"x")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1", "http://127.0.0.1:1", "unix://", "x"])
def test_an_address_that_is_none_is_down(settings: Any, address: str) -> None:
    settings.SCANNER = address
    with pytest.raises(scanner.Down):
        scanner.scan(b"x")
