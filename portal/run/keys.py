"""Secrets of the embedded stack: made once, at random, kept in files that only their owner reads."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept(folder: Path, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    """The secret `name`, made when there is none yet. Never half-written: it appears under its name when it
    is complete.
    """
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{os.getpid()}"
        handle = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            os.write(handle, make().encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        with contextlib.suppress(FileExistsError):
            os.link(
                draft, path
            )  # unlike a rename it does not replace what a process beside us made meanwhile
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def application(folder: Path) -> dict[str, str]:
    """The secrets that portal/settings.py asks for. What the person's environment already gives is left out."""
    makers = {
        "JHT_SECRET_KEY": lambda: secrets.token_hex(48),
        # One SM4 key of 16 bytes, number 1. A later key is put in front: "2:…,1:…".
        "JHT_DATA_KEYS": lambda: "1:" + secrets.token_hex(16),
        "JHT_INDEX_KEY": lambda: secrets.token_hex(32),
        "JHT_AUDIT_KEY": lambda: secrets.token_hex(32),
    }
    return {
        name: kept(folder, name.removeprefix("JHT_").lower(), make)
        for name, make in makers.items()
        if not (os.environ.get(name) or os.environ.get(f"{name}_FILE"))
    }
