"""How templates are read: laid out for people in the file, sent without the indentation.

A page of the register would carry a third more bytes for white space that no browser shows. It is taken out
once, when a template is loaded, and only where the layout of the file put it: at the beginning of lines, and
at the inner edges of elements that hold text. Chinese has no spaces between words, so a sentence cannot be
broken just anywhere: a line that ends in a backslash goes on in the next one without a space.

A template that begins with {# djlint:off #} is sent as it stands: there the line ends are part of a letter.
"""

from __future__ import annotations

import re

from django.template.base import Origin
from django.template.loaders import filesystem

_AS_IT_STANDS = "{# djlint:off #}"
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_GOES_ON = re.compile(r"\\\n")
# Elements that begin a line of their own and hold text: white space at their edges is not shown.
_HOLDS_TEXT = "caption|dd|dt|h[1-6]|legend|li|option|p|summary|td|th|title"
_AFTER_OPENING = re.compile(rf"(<(?:{_HOLDS_TEXT})\b[^<>]*>)\n")
_BETWEEN_TERM_AND_DESCRIPTION = re.compile(r"(</dt>)\n(?=<dd\b)")
_BEFORE_CLOSING = re.compile(rf"\n(</(?:{_HOLDS_TEXT})>)")


def without_layout(source: str) -> str:
    """The template without the white space that only lays out its file."""
    if source.startswith(_AS_IT_STANDS):
        return source
    source = _INDENTATION.sub("", source)
    source = _GOES_ON.sub("", source)
    source = _AFTER_OPENING.sub(r"\1", source)
    source = _BETWEEN_TERM_AND_DESCRIPTION.sub(r"\1", source)
    return _BEFORE_CLOSING.sub(r"\1", source)


class Loader(filesystem.Loader):
    """Reads the portal's own templates; those of packages are read as they are."""

    def get_contents(self, origin: Origin) -> str:
        return without_layout(super().get_contents(origin))
