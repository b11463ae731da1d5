"""`./jht run`, `./jht prepare` and `./jht manage`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from portal.run import messages
from portal.run.address import Address, on_own_servers
from portal.run.layout import ROOT, Folders, InUse
from portal.run.messages import complain, say
from portal.run.postgres import Postgres
from portal.run.preparation import Preparation
from portal.run.processes import Interrupted, StartFailed
from portal.run.services import child
from portal.run.stack import Stack
from portal.run.supervisor import Supervisor

# Commands that are useful while the portal does not run.
WITHOUT_DATABASE = {
    "help",
    "version",
    "check",
    "collectstatic",
    "spectacular",
    "diffsettings",
    "--help",
    "--version",
}


def run(arguments: Sequence[str]) -> int:
    """Starts everything and keeps it running until asked to stop. 0 after a stop, 1 when it could not start
    or go on.
    """
    return _supervised(arguments, serve=True)


def prepare(arguments: Sequence[str]) -> int:
    """Prepares the database and the static files, then ends: what a release does before its new processes
    start.
    """
    return _supervised(arguments, serve=False)


def _supervised(arguments: Sequence[str], *, serve: bool) -> int:
    if arguments:
        complain(f"unknown argument {arguments[0]}; see ./jht help")
        return 2
    folders = Folders.from_environment()
    supervisor = Supervisor()
    try:
        address = Address.from_environment()
        folders.make()
        note = f"process {os.getpid()}" + (f", which serves {address.url}/" if serve else "")
        with folders.lock(note):
            stack = Stack(folders, address)
            stack.clear()
            if serve:
                address.refuse_if_taken()
            try:
                supervisor.up([child(service) for service in stack.services])
                preparation = Preparation(supervisor, folders, stack.env)
                preparation.all(demo=serve)
                if not serve:
                    say("prepared")
                    return 0
                supervisor.up(stack.application_children())
                accounts = (
                    "" if stack.own_servers else messages.demo_accounts(folders.var / "demo_accounts.json")
                )
                print(messages.ready(address.url, accounts, new=preparation.is_new()), flush=True)
                return supervisor.watch(each_round=folders.rotate_logs)
            finally:
                supervisor.down()
    except Interrupted:
        return 0
    except (InUse, StartFailed) as error:
        complain(str(error))
        return 1


def manage(arguments: Sequence[str]) -> int:  # noqa: RET503 - it ends by becoming another program
    """Replaces this process by manage.py with the running stack's environment."""
    folders = Folders.from_environment()
    try:
        if on_own_servers():
            env = {**os.environ, "JHT_VAR": str(folders.var)}
        else:
            if not folders.secrets.exists():
                raise StartFailed(f"there is no portal in {folders.var} yet; start one with ./jht run")
            stack = Stack(folders, Address.from_environment())
            env = stack.env
            needs_database = bool(arguments) and arguments[0] not in WITHOUT_DATABASE
            postgres = stack.services[0]
            if needs_database and isinstance(postgres, Postgres) and not postgres.running():
                raise StartFailed(f"the portal in {folders.var} is not running; start it with ./jht run")
    except StartFailed as error:
        complain(str(error))
        return 3
    except PermissionError as error:
        complain(f"{error.filename} belongs to another user; run this as the user who started the portal")
        return 3
    os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *arguments], env)
