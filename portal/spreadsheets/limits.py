"""How much a spreadsheet may hold, and what the process may use that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.confined import Limits


@dataclass(frozen=True)
class Most:
    """Of an Excel workbook and of a text; whatever is larger is refused with what to do about it."""

    columns: int = 60
    rows: int = 1_000_000
    # Empty cells between the corners of a table count: a reader holds them all.
    cells: int = 1 << 25
    # A sheet of a million full rows unpacks to about a gigabyte; a bomb to much more.
    unpacked: int = 2 << 30
    # A part of this size that was packed so well says the same over and over.
    packed_well: int = 16 << 20
    ratio: int = 250
    parts: int = 2_000
    listing: int = 1 << 20
    texts: int = 20_000_000
    unpacked_texts: int = 1 << 30
    # Characters of one line of a text, or of lines that one stray quotation mark joins.
    line: int = 4 << 20


MOST = Most()
# For a job: a million rows of thirty columns are read in about a minute.
AT_LENGTH = Limits(memory=3 << 30, processor=600, patience=900)
# While a person waits for the page.
AT_ONCE = Limits(memory=1 << 30, processor=10, patience=30)
# So many rows below the first one are looked at for a header, and shown before a file is read in.
TOP = 40
# Files of so many bytes are opened while the person waits.
SMALL = 1 << 20
