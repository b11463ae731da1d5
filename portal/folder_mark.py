"""The mark of a demonstration in its data folder: a file that is written once and read at every start."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NAME = "DEMONSTRATION"
_TEXT = """\
This data folder belongs to a demonstration: its people are made up and its accounts have no second factor.
It stays one. A real portal gets an empty data folder of its own (JHT_VAR).
本数据目录属于演示系统：人员均为虚构，账号没有第二重验证。请勿用于正式系统；正式系统请另用空目录（JHT_VAR）。
"""


def is_marked(folder: Path) -> bool:
    return (folder / NAME).exists()


def mark(folder: Path) -> None:
    """Writes the mark; one that is there is left as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(folder / NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_TEXT)
