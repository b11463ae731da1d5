"""Lists under a red header, such as the published registry: the table's head on every page, PDF/A like the
letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Literal

from django.template.loader import get_template
from django.utils import timezone

from portal.accounts.demonstration import is_demonstration
from portal.formats import date_cn
from portal.letters.composing import issuer_size, title_lines
from portal.letters.models import Issuer
from portal.letters.sheets import Built

# Rows laid out at a time: the cost of a table grows faster than its length.
_ROWS = 400


@dataclass(frozen=True)
class Column:
    """A column: its head, its share of the width, and whether it is centred, or holds sums that end at one edge."""

    label: str
    width: int = 1
    middle: bool = False
    is_sum: bool = False

    @property
    def look(self) -> str:
        """Its class in the style of lists."""
        return "sum" if self.is_sum else "mid" if self.middle else ""


@dataclass(frozen=True)
class Listing:
    """What a list shows beside its rows.

    `legal_basis` says on what the publication rests (个人信息保护法第二十五条 wants one), `on` is the day it
    shows.
    """

    issuer: Issuer
    title: str
    columns: Sequence[Column]
    legal_basis: str
    on: date
    number: str = ""
    note: str = ""
    orientation: Literal["portrait", "landscape"] = "portrait"

    def sections(self, rows: Iterable[Sequence[object]], total: int) -> Iterator[tuple[int, str]]:
        """(rows so far, HTML) of each part that is laid out by itself: the head in the first, the signature
        in the last.

        ValueError for a row with too few or too many cells, and when there are not `total` of them.
        """
        template = get_template("letters/list.html")
        common = {
            "issuer": self.issuer.name,
            "issuer_chars": issuer_size(self.issuer.name),
            "number": self.number,
            "title_lines": title_lines(self.title),
            "legal_basis": self.legal_basis,
            "issued_on": date_cn(self.on),
            "total": total,
            "columns": self.columns,
            "note": self.note,
            "sample": self.issuer.is_sample or is_demonstration(),
        }
        unread = iter(rows)
        done = 0
        part = list(islice(unread, _ROWS))
        while True:
            following = list(islice(unread, _ROWS))
            last = not following
            first = done == 0
            done += len(part)
            if last and done != total:
                raise ValueError(f"a list of {done} rows was announced with {total}")
            shown = {
                "rows": [self._cells(row) for row in part],
                "first": first,
                "last": last,
            }
            yield done, template.render({**common, **shown})
            if last:
                return
            part = following

    def _cells(self, row: Sequence[object]) -> list[tuple[str, str]]:
        if len(row) != len(self.columns):
            raise ValueError(f"a row has {len(row)} cells for {len(self.columns)} columns")
        return [
            (column.look, "" if value is None else str(value))
            for column, value in zip(self.columns, row, strict=True)
        ]

    def built(self, rows: Iterable[Sequence[object]]) -> Built:
        """A short list as PDF/A-2u. Cells are texts, in the order of the columns. Raises
        `fonts.UndrawableCharacter`.
        """
        from portal.letters import render  # seconds to import, and only who builds needs it

        table = [tuple(row) for row in rows]
        return render.render_parts((html for _, html in self.sections(table, len(table))), **self._dress())

    def write(
        self,
        rows: Iterable[Sequence[object]],
        *,
        total: int,
        folder: str,
        target: str,
        made: Callable[[int], None],
    ) -> int:
        """A long list of `total` rows written to the file `target` (portal.sealed_files), in memory that does not
        grow with it; returns its number of pages.

        Its parts are kept in `folder`: repeated after a kill with the same rows, what is laid out is not laid
        out again. `made` is told after each part how many rows are done, and may raise to stop. Raises
        `fonts.UndrawableCharacter`.
        """
        from portal.letters import render

        return render.write_parts(
            self.sections(rows, total), folder=folder, target=target, made=made, **self._dress()
        )

    def _dress(self) -> dict[str, Any]:
        """How render lays it out."""
        whole = sum(column.width for column in self.columns)
        widths = []
        for place, column in enumerate(self.columns, 1):
            widths.append(f".w{place} {{ width: {100 * column.width / whole:.2f}%; }}\n")
        return {
            "style": "list",
            "extra": "".join(widths),
            "replace": {"«orientation»": self.orientation},
            "title": self.title,
            "author": self.issuer.name,
            "created": timezone.now(),
        }
