"""The guard against texts of a CSV file that a spreadsheet program would run as formulas."""

from __future__ import annotations

import re

# A spreadsheet program takes these for the beginning of a formula, the full-width ones after conversion too.
_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# In front of a text it says that the text is no formula.
_GUARD = "'"
# What people put before a long number so that it stays a text, on either side or in front alone.
_MARKS = "'`´‘’＇｀"
# A text that begins with none of these is not guarded.
GUARDS = frozenset((*_MARKS, "=", "＝"))
# ="1501…" is how other systems write a text into a CSV file.
_AS_FORMULA = re.compile(r"""[=＝]\s*(?:T\s*[(（]\s*)?["“”＂](.*?)["“”＂]\s*[)）]?(?:\s*&\s*"")?""")


def guarded(text: str) -> str:
    """The text, with ' in front where it would start a formula."""
    return _GUARD + text if text.startswith(_STARTS) else text


def unguarded(text: str) -> str:
    """The text without what keeps it from being a formula or a number: '… or `… before a number, ="…" around
    a text; a ' alone stands for no text.
    """
    if text == _GUARD:
        return ""
    if text.startswith(_GUARD) and text[1:].startswith(_STARTS):
        text = text[1:]
    if formula := _AS_FORMULA.fullmatch(text):
        return formula[1].strip('"“”＂ ')
    if text[:1] in _MARKS and text[1:2].isdigit():
        return text.strip(_MARKS)
    return text
