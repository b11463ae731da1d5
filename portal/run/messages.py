"""What the person at the terminal reads."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

_began = time.monotonic()

FIRST_STEPS = """\
What to click first
  1. {url}/  the public side: check what one can get, look at the published registry, verify a letter
  2. {url}/accounts/login/  as 窗口经办员 (window clerk): the worklist, a worker's page, the import of a roster
  3. the same as 名录管理员 (registry officer): confirm proposed entries, publish them, open the letters
The accounts exist in this data folder only. Ctrl-C stops everything; the data stays."""

FIRST_ADMINISTRATORS = """\
Nobody has an account yet. Make the first two administrators; each prints a password and a one-time code, this one time
  ./jht manage create_account USERNAME NAME --role system_admin
  ./jht manage create_account USERNAME NAME --role security_admin"""


def say(text: str) -> None:
    """One line about the stack, with the seconds since the start."""
    print(f"[{time.monotonic() - _began:6.1f} s] {text}", flush=True)


def complain(text: str) -> None:
    """An error, for standard error: the command is about to end, or something needs a person."""
    print(f"jht: {text}", file=sys.stderr, flush=True)


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned columns, two spaces apart."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = (
        [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)] for row in rows
    )
    return "\n".join(("  " + "  ".join(row)).rstrip() for row in padded)


def demo_accounts(path: Path) -> str:
    """The demo accounts as `load_demo` wrote them, as a table, once: whatever keeps what a start says would collect the
    passwords. Afterwards where they stand; empty when there are none.
    """
    if not path.exists():
        return ""
    shown = path.with_suffix(".shown")
    if shown.exists():
        return f"  as shown at the first start; see {path}"
    shown.touch()
    accounts = json.loads(path.read_text(encoding="utf-8"))
    if not accounts:
        return ""
    rows = [("role", "region", "user name", "password")]
    rows += [(each["role"], each.get("region", ""), each["username"], each["password"]) for each in accounts]
    return table(rows)


def ready(url: str, accounts: str, *, new: bool) -> str:
    """The block printed once everything works; `new`: nobody has an account yet."""
    parts = [f"READY {url}/"]
    if accounts:
        parts += ["", "Demo accounts", accounts, "", FIRST_STEPS.format(url=url)]
    if new:
        parts += ["", FIRST_ADMINISTRATORS]
    return "\n".join(parts)
