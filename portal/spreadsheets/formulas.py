"""The guard against texts of a CSV file that a spreadsheet program would run as formulas."""

from __future__ import annotations

# A spreadsheet program takes these for the beginning of a formula, the full-width ones after conversion too.
_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# In front of a text it says that the text is no formula.
_GUARD = "'"


def guarded(text: str) -> str:
    """The text, with ' in front where it would start a formula."""
    return _GUARD + text if text.startswith(_STARTS) else text


def unguarded(text: str) -> str:
    """The text without the ' that keeps it from being a formula; a ' alone stands for no text."""
    if text == _GUARD:
        return ""
    if text.startswith(_GUARD) and text[1:].startswith(_STARTS):
        return text[1:]
    return text
