"""From the record of a letter to the page that is laid out: how its number, title, signature and code are
set.
"""

from __future__ import annotations

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
    count = -(-len(title) // _TITLE_WIDTH)
    places = {match.start() for pattern in (_BREAK_BEFORE, _BREAK_AFTER) for match in pattern.finditer(title)}
    lines, start = [], 0
    for remaining in range(count, 1, -1):
        even = start + (len(title) - start) / remaining
        room = range(max(start + 1, len(title) - _TITLE_WIDTH * (remaining - 1)), start + _TITLE_WIDTH + 1)
        # A word boundary up to four characters from the middle is better than the middle.
        cut = min(room, key=lambda place: abs(place - even) + (0 if place in places else 4))
        lines.append(title[start:cut])
        start = cut
    return [*lines, title[start:]]


def issuer_size(name: str) -> int:
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
