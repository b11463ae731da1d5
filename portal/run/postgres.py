"""The embedded PostgreSQL: from the wheel's programs, on a socket only, durable unless it is thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from portal.run import accounts, keys
from portal.run.layout import Folders
from portal.run.processes import StartFailed, end, spawn, wait_for, working_in

SUPERUSER = "postgres"
OWNER, APPLICATION, DATABASE = "jht_owner", "jht_app", "jht"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # What a night reads of who changed among 650,000 people fits; it is taken only as it is used.
    "shared_buffers": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    # Starting processes to help takes some 15 ms: a page's statement is done by then, work over the register is not.
    "parallel_setup_cost": "10000",
    "max_wal_size": "2GB",
    # Our statements are short and prepared; compiling them costs more than it saves.
    "jit": "off",
    "synchronous_commit": "on",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    # Our driver puts the values into the statements, and what is refused is told with its row: neither is logged.
    # The application logs its errors itself, masked.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# For databases that are thrown away after the tests.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
    # The files may be in memory.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    # Stretching a password takes longer than all the rest of a connection, and tests connect thousands of times.
    "scram_iterations": "1",
}


class Postgres:
    """One server. `throwaway` gives up durability for speed; benchmarks on throw-away data keep it."""

    name = "postgres"
    stop_signal: int = signal.SIGINT  # fast shutdown: open transactions are rolled back
    stop_seconds = 60.0

    def __init__(self, folders: Folders, *, throwaway: bool = False) -> None:
        self.folders, self.throwaway = folders, throwaway
        self.account = accounts.for_postgres(folders.var / "pg" / "data")
        self.home, self.socket = accounts.homes(self.account, folders.var, folders.sockets)
        self.programs = accounts.binaries(self.account)
        self.data = self.home / "data"
        self.process: subprocess.Popen | None = None
        self._installed = False

    def _password(self, role: str) -> str:
        return keys.kept(self.folders.secrets, f"{role}_password")

    @property
    def _env(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.home)}

    def prepare(self) -> None:
        """Makes the data folder when there is none, and clears what a killed server left. The caller holds
        the lock.
        """
        if not (self.home / "complete").exists():
            self._initialise()
        ours = self._major((self.data / "PG_VERSION").read_text())
        version = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        theirs = self._major(version.split()[2])
        if ours != theirs:
            raise StartFailed(
                f"{self.data} was written by PostgreSQL {ours}, this release brings {theirs}; "
                "see 'Upgrade' in docs/OPERATING.md"
            )
        self.clear()

    @staticmethod
    def _major(version: str) -> str:
        return version.strip().partition(".")[0]

    def _initialise(self) -> None:
        end(lambda: working_in(self.data) if self.data.exists() else [], politely=signal.SIGKILL, seconds=5)
        # An initdb that was killed half-way leaves a folder that is neither empty nor a database.
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(self._password(SUPERUSER))
        if self.account.switch:
            os.chown(password, self.account.user, self.account.group)
        command = [
            str(self.programs / "initdb"),
            f"--pgdata={self.data}",
            f"--username={SUPERUSER}",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
        ]
        if self.throwaway:
            command.append("--no-sync")
        with self.folders.log("initdb") as output:
            process = spawn(command, env=self._env, cwd="/", output=output, account=self.account.change)
            failed = process.wait()
        password.unlink()
        if failed:
            raise StartFailed(f"initdb failed, see {self.folders.logs / 'initdb.log'}")
        (self.home / "complete").touch()

    def clear(self) -> None:
        """Ends the remains of a killed server, then removes its traces.

        PostgreSQL itself only asks whether some process has the number in postmaster.pid, and would refuse to
        start for ever when the number went to another program, or to a dead one that nobody reaps.
        """
        end(lambda: working_in(self.data), politely=self.stop_signal, seconds=self.stop_seconds)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for trace in self.socket.glob(".s.PGSQL.*"):
            trace.unlink()

    def start(self) -> subprocess.Popen:
        settings = {
            **SETTINGS,
            "unix_socket_directories": str(self.socket),
            **(CARELESS if self.throwaway else {}),
        }
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.folders.log(self.name) as output:
            self.process = spawn(
                command,
                env=self._env,
                cwd="/",
                output=output,
                on_orphaned=self.stop_signal,
                account=self.account.change,
            )
        return self.process

    def ready(self, stopping: Callable[[], bool]) -> None:
        """Waits for connections; the first time it also makes the roles and the database."""
        wait_for(self._answers, name=self.name, seconds=120, process=self.process, stopping=stopping)
        if not self._installed:
            self._install()
            self._installed = True

    def connect(self, role: str = SUPERUSER, database: str = "postgres"):
        return psycopg2.connect(
            host=str(self.socket),
            user=role,
            password=self._password(role),
            dbname=database,
            connect_timeout=5,
        )

    def _answers(self) -> bool:
        self.connect().close()
        return True

    def _install(self) -> None:
        """Two roles: one owns the database and migrates, the other works in it and owns nothing."""
        connection = self.connect()
        connection.autocommit = True  # CREATE DATABASE cannot be part of a transaction
        with connection.cursor() as cursor:
            for role, may in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
                cursor.execute(
                    sql.SQL(
                        "{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS {} PASSWORD {}"
                    ).format(verb, sql.Identifier(role), sql.SQL(may), sql.Literal(self._password(role)))
                )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
            names = {"database": sql.Identifier(DATABASE), "application": sql.Identifier(APPLICATION)}
            cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC").format(**names))
            cursor.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {application}").format(**names)
            )
            # Neither role has business in the databases that every server comes with.
            for other in ("postgres", "template1"):
                cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(other)))
        connection.close()

    def url(self, role: str) -> str:
        return f"postgresql://{role}:{quote(self._password(role))}@/{DATABASE}?host={quote(str(self.socket))}"

    def variables(self) -> dict[str, str]:
        """What portal/settings.py reads about the database."""
        return {"DATABASE_URL": self.url(APPLICATION), "DATABASE_OWNER_URL": self.url(OWNER)}

    def running(self) -> bool:
        """Whether a server answers on the socket, whichever supervisor started it."""
        try:
            return self._answers()
        except psycopg2.OperationalError:
            return False
