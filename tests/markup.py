"""What is wrong with the HTML of a page that browsers repair in silence, each in its own way."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Holds words and what stands among words, never a block. A link and a label may hold blocks where they stand so.
_WORDS_ONLY = frozenset(
    {"span", "p", "strong", "em", "small", "button", "h1", "h2", "h3", "h4", "dt", "summary", "time", "code"}
)
_BLOCKS = frozenset(
    {
        "form",
        "div",
        "p",
        "ul",
        "ol",
        "dl",
        "table",
        "section",
        "article",
        "details",
        "fieldset",
        "pre",
        "main",
    }
)
_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_ENDS_BY_ITSELF = frozenset({"li", "p", "option", "tr", "td", "th", "dt", "dd", "thead", "tbody"})
_WITH_LENGTH = frozenset({"", "text", "search", "url", "tel", "email", "password"})
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        # Tag and line of what has not ended yet.
        self.open: list[tuple[str, int]] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        line, _ = self.getpos()
        self._look_at(tag, given, line)
        if tag in _BLOCKS:
            for parent, since in self.open:
                if parent in _WORDS_ONLY or parent == tag == "form":
                    self.wrong.append(f"line {line}: <{tag}> in <{parent}> of line {since}")
        if tag not in _EMPTY:
            self.open.append((tag, line))

    def _look_at(self, tag: str, given: dict[str, str], line: int) -> None:
        if tag == "time" and "datetime" in given and not _MOMENT.fullmatch(given["datetime"]):
            self.wrong.append(f"line {line}: <time datetime={given['datetime']!r}>")
        if tag == "input" and "maxlength" in given and given.get("type", "") not in _WITH_LENGTH:
            self.wrong.append(f"line {line}: maxlength on <input type={given['type']}>")
        if number := given.get("id"):
            if number in self.ids:
                self.wrong.append(f"line {line}: a second id={number!r}")
            self.ids.add(number)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # In HTML the stroke means nothing; inside a drawing it ends the element.
        self._look_at(tag, {name: value or "" for name, value in attrs}, self.getpos()[0])

    def handle_endtag(self, tag: str) -> None:
        if all(tag != one for one, _ in self.open):
            if tag not in _EMPTY:
                self.wrong.append(f"line {self.getpos()[0]}: </{tag}> ends nothing")
            return
        while (last := self.open.pop())[0] != tag:
            if last[0] not in _ENDS_BY_ITSELF:
                self.wrong.append(
                    f"line {self.getpos()[0]}: </{tag}> leaves <{last[0]}> of line {last[1]} open"
                )


def wrong_markup(page: str) -> list[str]:
    """What is wrong, line by line; nothing for a sound page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.wrong
