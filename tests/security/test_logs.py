"""The logs of the one-command mode: bounded while it runs, for their owner alone, without query strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.run import layout, stack
from portal.run.layout import Folders
from portal.web_server.worker import Worker


def test_a_log_that_grew_large_is_put_aside_while_it_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(layout, "LARGEST_LOG", 1000)
    folders = Folders(tmp_path)
    folders.make()
    with folders.log("web") as log:
        for number in range(layout.KEPT_LOGS + 3):
            log.write(f"{number:04d}".encode() * 300)
            log.flush()
            folders.rotate_logs()
        log.write(b"the last line\n")
    kept = sorted(path.name for path in folders.logs.iterdir())
    assert kept == sorted(["web.log", *(f"web.log.{number}" for number in range(1, layout.KEPT_LOGS + 1))])
    assert (folders.logs / "web.log").read_bytes() == b"the last line\n"
    assert (folders.logs / "web.log.1").read_bytes().startswith(f"{layout.KEPT_LOGS + 2:04d}".encode())
    assert {path.stat().st_mode & 0o777 for path in folders.logs.iterdir()} == {0o600}


def test_a_small_log_stays(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.make()
    with folders.log("web") as log:
        log.write(b"one line\n")
    folders.rotate_logs()
    assert [path.name for path in folders.logs.iterdir()] == ["web.log"]


def test_access_logs_have_no_query_string_and_no_address_that_was_left() -> None:
    # What gunicorn would write of them: q the query, r the first line, f the referer, {…} headers and variables.
    for field in ("%(q)s", "%(r)s", "%(f)s", "}i)", "}e)"):
        assert field not in stack.ACCESS_LOG
    assert stack.ACCESS_LOG in stack.web_command("127.0.0.1:8000")


def test_an_error_is_logged_without_the_query_string(monkeypatch: Any) -> None:
    class Asked:
        method, uri = "GET", "/window/search/?q=15062419850615001X"

    seen: list[str] = []
    monkeypatch.setattr(
        "gunicorn.workers.base.Worker.handle_error", lambda _self, req, *_given: seen.append(req.uri)
    )
    Worker.handle_error(object.__new__(Worker), Asked(), None, None, ValueError())
    assert seen == ["/window/search/"]


@pytest.mark.parametrize("name", ["access_log", "log_format"])
def test_the_proxy_logs_no_query_string(name: str) -> None:
    text = (layout.ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip().startswith(name)]
    assert lines
    for variable in ("$request ", '$request"', "$request_uri", "$args", "$query_string", "$http_referer"):
        assert not any(variable in line for line in lines)
