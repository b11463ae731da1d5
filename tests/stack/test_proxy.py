"""deploy/nginx.conf.template in a real nginx before a real portal: what it lets through, what it refuses, what it writes down."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live import Live, free_port, wait_until
from tests.stack.running import ROOT

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.program,
    pytest.mark.skipif(PROGRAM is None, reason="no nginx here; install it with: apt-get install nginx-light"),
]
WITHOUT_WORKER = True
TEMPLATE = (ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")


@dataclass
class Proxy:
    https: int
    http: int
    folder: Path

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        context = ssl._create_unverified_context()  # noqa: S323 - made for this test
        line = http.client.HTTPSConnection("127.0.0.1", self.https, context=context, timeout=30)
        try:
            line.request(method, path, body, {"Host": "localhost", **headers})
            answer = line.getresponse()
            told: dict[str, str] = {}
            for name, value in answer.getheaders():
                before = told.get(name.lower())
                told[name.lower()] = f"{before}, {value}" if before else value
            return answer.status, told, answer.read()
        finally:
            line.close()

    def logged(self) -> str:
        return (self.folder / "access.log").read_text() + (self.folder / "error.log").read_text()


def configuration(folder: Path, web: str, static: Path, https: int, plain: int) -> str:
    """The template as the container fills it in, with the places of this test."""
    text = TEMPLATE.replace("${JHT_HOST}", "localhost")
    for there, here in (
        ("resolver 127.0.0.11 valid=10s;", ""),
        ("/dev/stdout", str(folder / "access.log")),
        ("/dev/stderr", str(folder / "error.log")),
        ("listen 80 default_server", f"listen 127.0.0.1:{plain} default_server"),
        ("listen 443 ssl default_server", f"listen 127.0.0.1:{https} ssl default_server"),
        ("/run/secrets/tls_certificate", str(folder / "tls.crt")),
        ("/run/secrets/tls_key", str(folder / "tls.key")),
        ("http://web:8000", web),
        ("/srv/static/", f"{static}/"),
    ):
        assert there in text, there
        text = text.replace(there, here)
    version = subprocess.run([str(PROGRAM), "-v"], capture_output=True, text=True, check=True).stderr
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < (1, 25):
        text = text.replace("http2 on;", "")  # said in another way before
    paths = "".join(
        f"{what}_temp_path {folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {folder}/pid; worker_processes 1; error_log {folder}/error.log crit; "
        f"events {{ worker_connections 512; }} http {{ types {{ text/css css; }} {paths} {text} }}"
    )


@pytest.fixture(scope="module")
def proxy(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "9",
        "-subj",
        "/CN=localhost",
    ]
    files = ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run([*make, *files], check=True, capture_output=True)
    https, plain = free_port(), free_port()
    static = Path(live.environment["JHT_VAR"]) / "static"
    # Its worker gives its rights away; what it reads is made for everybody.
    served = folder / "static"
    shutil.copytree(static.resolve(), served)
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, live.url, served, https, plain), encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    file.write_text(f"{user} {file.read_text()}")
    command = [str(PROGRAM), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command)
    made = Proxy(https, plain, folder)

    def answers() -> bool:
        try:
            return made.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    try:
        wait_until(answers, seconds=20, says="nginx")
        yield made
    finally:
        process.terminate()
        process.wait(20)


def test_pages_and_static_files(proxy: Proxy) -> None:
    status, headers, page = proxy.ask("GET", "/")
    assert status == 200 and "nginx/" not in headers["server"]
    found = re.search(r'href="(/static/[^"]+\.css)"', page.decode())
    assert found
    status, headers, style = proxy.ask("GET", found[1])
    assert status == 200 and len(style) > 1000 and "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert proxy.ask("GET", "/static/../manage.py")[0] in {400, 403, 404}


def test_plain_is_sent_on(proxy: Proxy) -> None:
    line = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=20)
    line.request("GET", "/check/?x=1", headers={"Host": "anybody.example"})
    answer = line.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, "https://localhost/check/?x=1")
    line.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(("version", "taken"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
def test_only_present_tls(proxy: Proxy, version: str, taken: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)

    def connects() -> bool:
        with socket.create_connection(("127.0.0.1", proxy.https), 10) as plain:
            try:
                context.wrap_socket(plain).close()
            except (ssl.SSLError, OSError):
                return False
        return True

    assert connects() is taken


@pytest.mark.parametrize(
    ("path", "size", "refused"),
    [
        ("/accounts/login/", 70_000, True),
        ("/accounts/factor/", 70_000, True),
        ("/accounts/login/", 1_000, False),
        ("/case-status/", 3 << 20, True),
        ("/registry/mine/new/", 60 << 20, True),
        ("/registry/mine/new/", 3 << 20, False),
        ("/window/roster/", 3 << 20, False),
    ],
)
def test_how_much_is_taken_where(proxy: Proxy, path: str, size: int, refused: bool) -> None:
    """What is too much is refused by what is said of its size, before any of it is sent."""
    context = ssl._create_unverified_context()  # noqa: S323
    with context.wrap_socket(socket.create_connection(("127.0.0.1", proxy.https), 20)) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {size}\r\n\r\n"
        line.sendall(head.encode())
        if not refused:
            line.sendall(b"x" * size)
        said = b"".join(iter(lambda: line.recv(65536), b""))
    # The portal itself takes still less of strangers, and says so in its own words.
    assert (b" 413 " in said and b"<center>nginx" in said) is refused, said[:200]


def test_who_asks_without_end_is_told_to_wait(proxy: Proxy) -> None:
    """Signing in far sooner than reading; and it is over after a moment."""

    def status(path: str) -> int:
        return proxy.ask("HEAD", path)[0]

    with ThreadPoolExecutor(16) as many:
        asked = list(many.map(status, ["/accounts/login/"] * 120))
    assert 429 in asked and asked.count(200) >= 40
    time.sleep(1)
    assert status("/healthz") == 200
    wait_until(lambda: status("/accounts/login/") == 200, seconds=20, says="another try")


def test_who_sends_nothing_is_given_up(proxy: Proxy) -> None:
    """After ten seconds without a whole head."""
    context = ssl._create_unverified_context()  # noqa: S323
    with context.wrap_socket(socket.create_connection(("127.0.0.1", proxy.https), 30)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        begun = time.monotonic()
        line.settimeout(25)
        assert b" 200 " not in line.recv(1000)
        assert 8 < time.monotonic() - begun < 20


def test_what_was_asked_stands_in_no_log(proxy: Proxy) -> None:
    number = "150624198506150019"
    proxy.ask("GET", f"/registry/?name={number}", Referer=f"https://localhost/window/?q={number}")
    proxy.ask("POST", f"/case-status/?{number}", b"x" * (3 << 20))
    proxy.ask("GET", f"/no/such/?{number}", **{"User-Agent": number})
    wait_until(lambda: "/no/such/" in proxy.logged(), seconds=5, says="a line of the log")
    assert number not in proxy.logged() and '"GET /registry/ HTTP/1.1" ' in proxy.logged()


@pytest.mark.parametrize(
    "path", ["/", "/policy/", "/windows/", "/registry/", "/notices/", "/api/benefits/", "/api/schema/"]
)
def test_public_data_comes_compressed_to_whom_nobody_knows(proxy: Proxy, path: str) -> None:
    """Given a page that holds nothing of anybody, when a stranger asks, then it is sent small; with a session, as it is."""
    status, headers, body = proxy.ask("GET", path, **{"Accept-Encoding": "gzip"})
    assert status == 200 and headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in headers["vary"]
    whole = proxy.ask("GET", path)
    assert "content-encoding" not in whole[1] and len(body) < len(whole[2]) / 2
    known = proxy.ask("GET", path, **{"Accept-Encoding": "gzip", "Cookie": "__Host-sessionid=abc"})
    assert "content-encoding" not in known[1]


@pytest.mark.parametrize("path", ["/check/", "/case-status/", "/accounts/login/", "/letters/verify/", "/my/"])
def test_what_may_hold_something_of_somebody_is_not_compressed(proxy: Proxy, path: str) -> None:
    _, headers, _ = proxy.ask("GET", path, **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in headers


def test_a_mark_holds_through_compression(proxy: Proxy) -> None:
    """Given an answer that was kept as it came, when it is asked for anew by its mark, then nothing has changed."""
    _, headers, _ = proxy.ask("GET", "/api/benefits/", **{"Accept-Encoding": "gzip"})
    asked = {"Accept-Encoding": "gzip", "If-None-Match": headers["etag"]}
    status, _, body = proxy.ask("GET", "/api/benefits/", **asked)
    assert status == 304 and body == b""
