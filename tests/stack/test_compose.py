"""The compose file without a container engine: its commands run, on servers given by DATABASE_URL and
REDIS_URL, and all that can be read in it agrees with the code.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from portal.run import stack, workers
from portal.run.preparation import CODE
from tests import databases
from tests.live import free_port, wait_until
from tests.stack.running import ROOT, leave_fonts_alone, own_environment
from tests.stack.test_bootstrap import load_bootstrap
from tests.stack.test_settings import read_variables

pytestmark = pytest.mark.program

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = tuple(workers.APART)
OURS = ("migrate", "web", *WORKERS, "beat")


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", "proxy", *OURS}
    # From outside only the proxy is reached.
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    # A fixed name or port would keep `--scale letters=N` from starting a second one.
    for name in WORKERS:
        assert not {"container_name", "ports", "hostname"} & set(SERVICES[name])


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_variables_are_those_that_the_code_reads(name: str) -> None:
    known = read_variables()
    for variable in SERVICES[name]["environment"]:
        plain = variable.removesuffix("_FILE")
        assert plain in known, variable
        assert plain == variable or known[plain], f"{variable}: {plain} cannot be given as a file"
    given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
    assert {
        "DATABASE_URL",
        "REDIS_URL",
        "JHT_SECRET_KEY",
        "JHT_DATA_KEYS",
        "JHT_INDEX_KEY",
        "JHT_AUDIT_KEY",
        "JHT_PUBLIC_URL",
    } <= given
    assert "JHT_PLAIN_HTTP" not in given and "JHT_DEBUG" not in given


def test_no_secret_stands_in_the_file_and_the_owners_is_for_migrate_alone() -> None:
    for name, service in SERVICES.items():
        mounted = set(service.get("secrets", []))
        assert mounted <= set(COMPOSE["secrets"]), name
        for variable, value in service.get("environment", {}).items():
            if str(value).startswith("/run/secrets/"):
                assert str(value).removeprefix("/run/secrets/") in mounted, f"{name}: {variable}"
            else:
                assert not re.search("KEY|PASSWORD|DATABASE", variable), f"{name}: {variable}"
    assert [name for name in OURS if "database_owner_url" in SERVICES[name]["secrets"]] == ["migrate"]


def test_the_secrets_that_are_mounted_are_made(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make = [sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(folder)]
    assert subprocess.run(make, capture_output=True, check=False).returncode == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    brought = {"tls.crt", "tls.key"}
    needed = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert needed == set(made) | brought
    again = subprocess.run(make, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert {path.name: path.read_text() for path in folder.iterdir()} == made
    # And the settings take them.
    files = {
        variable: str(folder / Path(value).name)
        for variable, value in SERVICES["migrate"]["environment"].items()
        if str(value).startswith("/run/secrets/")
    }
    env = own_environment(**files, JHT_DATABASE_ROLE="owner")
    code = (
        "from portal import settings as s; d = s.DATABASES['default']; "
        "print(d['USER'], d['HOST'], d['OPTIONS']['sslmode'], s.APPLICATION_ROLE, s.REDIS_URL.split(':')[0])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert shown.stdout.split() == ["jht_owner", "postgres", "verify-full", "jht_app", "rediss"], shown.stderr


def test_what_a_later_release_asks_for_is_added(tmp_path: Path) -> None:
    """To secrets of before: nothing that was there changes, and password and address of the broker belong together."""
    folder = tmp_path / "secrets"
    make = [sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(folder)]
    subprocess.run(make, capture_output=True, check=True)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    added = {"jht_audit_key", "redis_password", "redis_url"} | {
        name for name in before if name.startswith(("internal_", "postgres_c", "postgres_k", "redis_"))
    }
    for name in added:
        (folder / name).unlink()
    subprocess.run(make, capture_output=True, check=True)
    after = {path.name: path.read_text() for path in folder.iterdir()}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == added
    assert f":{after['redis_password']}@redis:6379" in after["redis_url"]


def test_inside_everything_is_encrypted_and_asked_for_a_password() -> None:
    """Database and broker are reached by nobody else, by TLS alone; who answers is checked."""
    database, broker = SERVICES["postgres"], SERVICES["redis"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for service in (database, broker, *(SERVICES[name] for name in ("migrate", *WORKERS, "beat"))):
        assert service["networks"] == ["inside"]
    assert SERVICES["proxy"]["networks"] == ["front"] and SERVICES["web"]["networks"] == ["inside", "front"]
    settings = [text for text in database["command"] if "=" in text]
    assert {"ssl=on", "ssl_min_protocol_version=TLSv1.2", "hba_file=/etc/jht/pg_hba.conf"} <= set(settings)
    rules = (ROOT / "deploy" / "pg_hba.conf").read_text().splitlines()
    assert [line.split() for line in rules if line and not line.startswith("#")] == [
        ["local", "all", "all", "trust"],
        ["hostssl", "all", "all", "all", "scram-sha-256"],
    ]
    started = broker["command"]
    given = dict(zip(started[::2], started[1::2], strict=True))
    assert (given["--port"], given["--tls-port"], given["--tls-protocols"]) == (
        "0",
        "6379",
        "TLSv1.2 TLSv1.3",
    )
    for name in ("--tls-cert-file", "--tls-key-file", "--tls-ca-cert-file"):
        assert given[name].removeprefix("/run/secrets/") in broker["secrets"]
    assert not any("pass" in text for text in started), "a command line can be read by others"
    for script in ("postgres.sh", "valkey.sh"):
        path = ROOT / "deploy" / script
        assert os.access(path, os.X_OK) and any(
            script in volume for service in (database, broker) for volume in service["volumes"]
        )
        assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_its_limits(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"] and service["pids_limit"]
    assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}
    assert "no-new-privileges:true" in service["security_opt"]


def test_every_variable_of_the_file_is_documented() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    documented = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
    for variable in set(re.findall(r"(?<!\$)\$\{(\w+)", text)):
        assert f"`{variable}`" in documented, variable


def test_commands_are_those_of_jht_run() -> None:
    assert SERVICES["web"]["command"] == stack.web_command("0.0.0.0:8000")  # noqa: S104 - inside its container
    for name, queues in workers.APART.items():
        processes = 1 if name == "messages" else 2
        assert SERVICES[name]["command"] == workers.command(name, queues, processes)
        assert SERVICES[name]["healthcheck"]["test"][-2:] == ["probe", name]
    assert SERVICES["beat"]["command"] == stack.beat_command(Path("/var/lib/jht"))


def test_the_image() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    instructions = [line.split(None, 1) for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = {name: value for name, value in instructions}  # noqa: C416 - the last of each name counts
    assert last["USER"].split(":")[0] not in {"0", "root"}
    assert "--require-hashes" in text and "--only-binary=:all:" in text
    assert not {"ADD"} & set(last), "everything comes from this repository, Debian or the lock"
    for package, _ in load_bootstrap().SYSTEM_LIBRARIES.values():
        assert package in text, "a library that ./jht would install is missing from the image"
    assert yaml.safe_load(last["CMD"]) == SERVICES["web"]["command"]
    copied = " ".join(value for name, value in instructions if name == "COPY")
    for needed in (*CODE, "templates", "manage.py", "requirements.lock"):
        assert needed in copied
    # What the volume is mounted over must be writable by that user, and readable by the proxy where it serves
    # it.
    assert "-o jht -g jht -m 0755 /var/lib/jht/static" in text


def test_the_proxy_serves_what_is_collected_and_hands_on_the_rest() -> None:
    text = (ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")
    assert "static:/var/lib/jht/static" in SERVICES["web"]["volumes"]
    assert "static:/srv/static:ro" in SERVICES["proxy"]["volumes"]
    assert "alias /srv/static/;" in text
    for secret in SERVICES["proxy"]["secrets"]:
        assert f"/run/secrets/{secret};" in text
    assert "proxy_set_header X-Forwarded-Proto https;" in text
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert re.findall(r"\$\{(\w+)\}", text) and set(re.findall(r"\$\{(\w+)\}", text)) <= set(
        SERVICES["proxy"]["environment"]
    )
    assert not any("files:" in volume for volume in SERVICES["proxy"]["volumes"]), (
        "uploads are not for the proxy"
    )


# -- the same commands, on servers given by the environment --------------------------------------------------
@contextmanager
def running(command: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=env, cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def probe(service: str, env: dict[str, str]) -> bool:
    _, python, *arguments = SERVICES[service]["healthcheck"]["test"]
    assert python == "python"
    return (
        subprocess.run(
            [sys.executable, *arguments], env=env, cwd=ROOT, capture_output=True, check=False
        ).returncode
        == 0
    )


@pytest.mark.portal
def test_the_commands_work_together(committed: str, tmp_path: Path) -> None:
    """prepare, then web, workers and beat as in the file: other folders and ports, plain HTTP, nothing
    embedded.
    """
    port = free_port()
    broker = os.environ["REDIS_URL"]
    broker = broker.split("?")[0] + "?db=14" if broker.startswith("unix:") else broker.rstrip("/0") + "/14"
    env = own_environment(
        DATABASE_URL=databases.renamed(os.environ["DATABASE_URL"], committed),
        REDIS_URL=broker,
        JHT_SECRET_KEY=secrets.token_hex(48),
        JHT_DATA_KEYS="1:" + secrets.token_hex(16),
        JHT_INDEX_KEY=secrets.token_hex(32),
        JHT_AUDIT_KEY=secrets.token_hex(32),
        JHT_PUBLIC_URL="https://jht.example.gov.cn",
        JHT_ALLOWED_HOSTS="jht.example.gov.cn,127.0.0.1",
        JHT_BEHIND_PROXY="1",
        JHT_VAR=str(tmp_path / "var"),
        JHT_LISTEN=f"127.0.0.1:{port}",
    )
    owner = {"DATABASE_OWNER_URL": databases.renamed(os.environ["DATABASE_OWNER_URL"], committed)}
    prepare = [sys.executable, *SERVICES["migrate"]["command"][1:]]
    # Without the owner it says what it needs, in one line.
    refused = subprocess.run(prepare, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "DATABASE_OWNER_URL is not set" in refused.stderr and "Traceback" not in refused.stderr
    prepared = subprocess.run(prepare, env=env | owner, cwd=ROOT, capture_output=True, text=True, check=False)
    assert prepared.returncode == 0, prepared.stderr
    assert not (tmp_path / "var" / "pg").exists(), "nothing embedded"
    assert (tmp_path / "var" / "static" / "staticfiles.json").stat().st_mode & 0o044 == 0o044, (
        "the proxy reads it"
    )

    def here(argument: str) -> str:
        return argument.replace("0.0.0.0:8000", f"127.0.0.1:{port}").replace(
            "/var/lib/jht", str(tmp_path / "var")
        )

    fonts = leave_fonts_alone(tmp_path / "var")
    commands = {
        name: [here(argument) for argument in SERVICES[name]["command"]] for name in ("web", *WORKERS, "beat")
    }
    with ExitStack() as started:
        # One after the other: side by side six of them would take each other's time to start.
        for service, command in commands.items():
            started.enter_context(running(command, env, tmp_path / f"{service}.log"))
            wait_until(
                lambda service=service: probe(service, env),
                seconds=60,
                says=f"health of {service}, see {tmp_path}",
            )
        ready = urllib.request.Request(f"http://127.0.0.1:{port}/readyz")  # noqa: S310 - loopback
        with urllib.request.urlopen(ready, timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        # Behind the proxy, as it sends it: secure, and only then.
        behind = urllib.request.Request(  # noqa: S310
            f"http://127.0.0.1:{port}/", headers={"Host": "jht.example.gov.cn", "X-Forwarded-Proto": "https"}
        )
        with urllib.request.urlopen(behind, timeout=20) as answer:  # noqa: S310
            assert answer.status == 200
            assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    fonts.close()


def test_the_script_makes_the_two_roles(tmp_path: Path, template_database: str) -> None:
    """deploy/initdb.sh, on a server of its own."""
    from portal.run.layout import Folders
    from portal.run.postgres import Postgres

    base = tmp_path
    for folder in (base, *base.parents):
        if folder == Path("/tmp") or not folder.is_relative_to("/tmp"):  # noqa: S108 - pytest's own folders only
            break
        folder.chmod(0o711)
    folders = Folders(base / "v")
    folders.make()
    server = Postgres(folders, throwaway=True)
    server.prepare()
    process = server.start()
    try:
        wait_until(server.running, seconds=60, says="the server")
        secret_folder = base / "secrets"
        secret_folder.mkdir()
        (secret_folder / "jht_owner_password").write_text("o'wner\"$x")
        (secret_folder / "jht_app_password").write_text("app")
        env = {
            "PATH": f"{server.programs}:{os.environ['PATH']}",
            "PGHOST": str(server.socket),
            "JHT_SECRETS": str(secret_folder),
            "PGPASSWORD": (folders.secrets / "postgres_password").read_text(),
        }
        script = ROOT / "deploy" / "initdb.sh"
        result = subprocess.run(["bash", str(script)], env=env, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        owner = psycopg2.connect(
            host=str(server.socket), user="jht_owner", password="o'wner\"$x", dbname="jht"
        )
        with owner, owner.cursor() as cursor:
            cursor.execute("CREATE TABLE it_may ()")
            cursor.execute(
                "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname LIKE 'jht%' ORDER BY 1"
            )
            assert cursor.fetchall() == [("jht_app", False, False), ("jht_owner", False, True)]
        owner.close()
        application = psycopg2.connect(host=str(server.socket), user="jht_app", password="app", dbname="jht")
        with application.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE it_may_not ()")
        application.close()
    finally:
        process.send_signal(server.stop_signal)
        process.wait(30)
