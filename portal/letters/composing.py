"""From the record of a letter to the page that is laid out: how its number, title, signature and code are
set.
"""

from __future__ import annotations

import math
import re

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone

from portal.formats import date_cn
from portal.letters import kinds
from portal.letters.models import Letter
from portal.letters.sheets import Sheet

# A title line holds 20 characters of 22 pt in the 156 mm of the type area.
_TITLE_WIDTH = 20
# Lengths of issuers' names for which letter.css has a size, so that the red line fits the type area.
_ISSUER_SIZES = (8, 10, 12, 14, 16, 18, 20, 24, 28)
# Titles are broken by sense: before these words, or after these.
_BREAK_BEFORE = re.compile(r"(?=列入|申报|申请|内蒙古|高技能|享受|撤销|调整)")
_BREAK_AFTER = re.compile(r"(?<=[的、，》”）])|(?<=同志)|(?<=名录)|(?<=人才)|(?<=自治区)")


def title_lines(title: str) -> list[str]:
    """The title in lines of at most 20 characters, broken by sense and of similar length."""
    if len(title) <= _TITLE_WIDTH:
        return [title]
    word_boundaries = {
        match.start() for pattern in (_BREAK_BEFORE, _BREAK_AFTER) for match in pattern.finditer(title)
    }
    lines_needed = math.ceil(len(title) / _TITLE_WIDTH)
    lines = []
    start = 0
    for lines_left in range(lines_needed, 1, -1):
        end = _line_end(title, start, lines_left, word_boundaries)
        lines.append(title[start:end])
        start = end
    return [*lines, title[start:]]


def _line_end(title: str, start: int, lines_left: int, word_boundaries: set[int]) -> int:
    """Where the line ends that begins at `start`, so that the rest fits into the lines that are left."""
    soonest = max(start + 1, len(title) - _TITLE_WIDTH * (lines_left - 1))
    latest = start + _TITLE_WIDTH
    middle = start + (len(title) - start) / lines_left

    def distance(place: int) -> float:
        # A word boundary up to four characters from the middle is better than the middle.
        penalty = 0 if place in word_boundaries else 4
        return abs(place - middle) + penalty

    return min(range(soonest, latest + 1), key=distance)


def issuer_size(name: str) -> int:
    """The size in letter.css in which the issuer's name fits the type area."""
    return next((size for size in _ISSUER_SIZES if len(name) <= size), _ISSUER_SIZES[-1])


def compose(letter: Letter) -> Sheet:
    """The letter as its kind's template of that version says it."""
    kind = kinds.get(letter.kind, letter.template_version)
    anchor = f"letter-{letter.pk}"
    html = get_template(kind.template).render(
        {
            "anchor": anchor,
            "letter": letter,
            "context": letter.says,
            "issuer": letter.issuer_name,
            "issuer_chars": issuer_size(letter.issuer_name),
            "signature_chars": len(letter.issuer_name),
            "number": letter.number_text,
            "title": letter.title,
            "title_text": "\n".join(title_lines(letter.title)),
            "addressee": letter.addressee,
            "issued_on": date_cn(letter.issued_on),
            "code": letter.printed_code,
            "verify_url": settings.PUBLIC_URL + reverse("letters:verify"),
            "printing_office": letter.says.get("printing_office") or f"{letter.issuer_name}办公室",
            "sample": letter.is_sample,
        }
    )
    return Sheet(
        anchor=anchor,
        html=html,
        style=kind.style,
        title=f"{letter.title}（{letter.number_text}）",
        author=letter.issuer_name,
        created=timezone.localtime(letter.issued_at),
        qr=letter.verify_url,
    )
