"""What a kind of extract is: the columns of its file, how each cell is understood, and the SQL that compares what is
staged with what is recorded, and writes it.

The SQL reads `extract_row` (line, digest, and the columns of the kind) and `extract_person` (line, worker_id, the record
that stands for the person). It puts rows that cannot be taken into `extract_refusal` (line, message, elsewhere), and what
is to be done with the others into `extract_step` (line, worker_id, record_id, what: new, changed or same). Parameters are
those of `taking_in.Origin`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.spreadsheets.header import SheetForm
from portal.workforce.roster import cells
from portal.workforce.roster.cells import Wrong

NUMBER = "number"
NULL = r"\N"


@dataclass(frozen=True)
class Day:
    """As of which day the extract is, and from which day a workbook counts its days."""

    as_of: date
    epoch: date


# A tidy text that is not empty, as COPY reads its value; raises Wrong, InvalidNumber.
Understand = Callable[[str, Day], str]


@dataclass(frozen=True)
class Staged:
    """A column besides the number: its type in the database, and how a cell is understood."""

    sql: str
    understand: Understand
    # What an empty cell says.
    blank: str = NULL


@dataclass(frozen=True)
class ExtractKind:
    """One kind. Rows of one person are the same matter when `key` (SQL over `extract_row r`) is; they must agree then."""

    code: str
    form: SheetForm
    # What the register may be called, for the page.
    register: str
    staged: Mapping[str, Staged]
    refuse: tuple[str, ...]
    compare: str
    write: tuple[str, ...]
    key: tuple[str, ...] = ()
    # Columns that the database draws from the others: name -> SQL.
    drawn: Mapping[str, str] = field(default_factory=dict)
    # What one matter is called.
    matter: str = "人员"
    # Statements before `refuse`, that make what these and `compare` read.
    prepare: tuple[str, ...] = ()
    # Query of the workers whose drawn columns may change.
    derived: str = ""
    # Whether it says what a fund paid, and so covers what it does not name.
    of_fund: bool = False
    # Query of a sentence to be told beside the counts, or nothing.
    remark: str = ""


def yes_or_no(text: str, day: Day) -> str:
    return "t" if cells.yes_or_no(text) else "f"


def months(text: str, day: Day) -> str:
    return str(cells.months(text))


def level(text: str, day: Day) -> str:
    return str(int(cells.level(text)))


def occupation(text: str, day: Day) -> str:
    name = text.replace(" ", "")
    if not any(map(str.isalpha, name)):
        raise Wrong("应填写职业（工种）名称")
    return name.replace("\\", "\\\\")


def day_by(text: str, day: Day) -> str:
    """A day not after that of the extract."""
    value = cells.day(text, date.max, day.epoch)
    if value > day.as_of:
        raise Wrong("日期晚于摘录日期")
    return value.isoformat()
