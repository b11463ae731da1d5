"""Lists under a red header, such as the published registry: the table's head on every page, PDF/A like the letters."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Literal

from django.template.loader import get_template
from django.utils import timezone

from portal.letters.composing import date_cn, issuer_size, title_lines
from portal.letters.models import Issuer
from portal.letters.sheets import Built

# Rows laid out at a time: the cost of a table grows faster than its length.
_ROWS = 400


@dataclass(frozen=True)
class Column:
    """A column: its head, its share of the width, and whether it is centred."""

    label: str
    width: int = 1
    middle: bool = False


def render_list_pdf(
    *,
    issuer: Issuer,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    legal_basis: str,
    on: date,
    number: str = "",
    note: str = "",
    orientation: Literal["portrait", "landscape"] = "portrait",
) -> Built:
    """A list as PDF/A-2u. `rows` may be an iterator; cells are texts, in the order of `columns`.

    `legal_basis` says on what the publication rests (个人信息保护法第二十五条 wants one), `on` is the day it shows. Raises
    `fonts.UndrawableCharacter` when a cell holds a character that cannot be printed.
    """
    from portal.letters import render  # seconds to import, and only who builds needs it

    table = [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    wrong = next((row for row in table if len(row) != len(columns)), None)
    if wrong is not None:
        raise ValueError(f"a row has {len(wrong)} cells for {len(columns)} columns")
    template = get_template("letters/list.html")
    share = sum(column.width for column in columns)
    widths = "".join(f".w{place} {{ width: {100 * column.width / share:.2f}%; }}\n" for place, column in enumerate(columns, 1))
    common = {
        "issuer": issuer.name, "issuer_chars": issuer_size(issuer.name), "number": number, "title_lines": title_lines(title),
        "legal_basis": legal_basis, "issued_on": date_cn(on), "total": len(table), "columns": columns, "note": note,
        "sample": issuer.is_sample,
    }
    pages = []
    source = iter(table)
    part = list(islice(source, _ROWS))
    first = True
    while True:
        following = list(islice(source, _ROWS))
        cells = [[(column.middle, value) for column, value in zip(columns, row, strict=True)] for row in part]
        pages.append(template.render({**common, "rows": cells, "first": first, "last": not following}))
        if not following:
            break
        part, first = following, False
    return render.render_parts(
        pages, "list", extra=widths, replace={"«orientation»": orientation}, title=title, author=issuer.name,
        created=timezone.now(),
    )
