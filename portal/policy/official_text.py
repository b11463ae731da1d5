"""Reading the official text of a document: which words of the office's file belong to which clause.

The file is plain text as it comes out of a PDF: lines broken anywhere inside a sentence, page numbers between
them, Mongolian script in the letterhead. Clauses are the paragraphs （一）, （二） …; chapters 一、 二、 are
none. A file is taken whole or not at all: `read_clauses` refuses it unless it has every clause of the shelf
once, in order, under a title that fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise, zip_longest

_DIGITS = "一二三四五六七八九十"
# A number may be broken over two lines as well.
_MARK = re.compile(rf"[（(]\s*([{_DIGITS}](?:\s*[{_DIGITS}]){{0,2}})\s*[）)]")
_CHAPTER = re.compile(rf"\s*[{_DIGITS}]{{1,3}}\s*、")
# Mongolian letters with the joiners and narrow spaces between them, and the marks of bold type that
# converters leave.
_FOREIGN = re.compile(r"[\u1800-\u18af\u200b-\u200d\u202f\ufeff\U00011660-\U0001167f]|\*\*")
_DASH = r"[-－—–―‐·•]"
# —3—, 第3页 共9页, 3/9
_PAGE = re.compile(
    rf"{_DASH}+\s*\d{{1,4}}\s*{_DASH}+"
    r"|第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?"
    r"|\d{1,4}\s*/\s*\d{1,4}"
)
_BARE_NUMBER = re.compile(r"\d{1,4}")
# Pages without a number that may lie between two with one.
_PAGES_SKIPPED = 3
# The last end of a sentence, with the bracket or quotation mark that closes behind it, or with the note that
# follows it.
_ENDS = "。！？"
_SENTENCE_ENDS = tuple(f"{_ENDS}）)”")
_LAST_SENTENCE = re.compile(
    rf".*[{_ENDS}](?:[”’）)]|\s*[（(](?:[^（()）]|[（(][^（()）]*[）)])*[）)])*", re.DOTALL
)
MOST_BYTES = 1024 * 1024
_LONGEST_TITLE = 60
_ALIKE = 0.5


class TextRefused(Exception):
    """The file's clauses do not match the shelf; `problems` says which, how and why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ReadText:
    """What was read: words and titles by clause number, and the lines left out as numbers of pages."""

    clauses: Mapping[str, str]
    titles: Mapping[str, str]
    page_lines: tuple[int, ...]


@dataclass(frozen=True)
class _ReadClause:
    number: str
    title: str
    text: str


def decode_text(data: bytes) -> str:
    """The text of a file in UTF-8 or GB18030. Raises TextRefused for anything else."""
    if len(data) > MOST_BYTES:
        raise TextRefused(["文件过大：政策文件的纯文本不超过1MB。"])
    if data[:4] == b"%PDF" or data[:2] == b"PK" or b"\x00" in data:
        raise TextRefused(["这不是纯文本文件。请把文件另存为纯文本（UTF-8 或 GB18030 编码）后再载入。"])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TextRefused(["文件编码无法识别，请另存为 UTF-8 或 GB18030 编码的纯文本。"])


def read_clauses(data: bytes, shelf: Mapping[str, str]) -> ReadText:
    """The clauses of a file; `shelf` has their titles by number, in order. Raises TextRefused."""
    text, page_lines = _without_page_numbers(decode_text(data))
    clauses = _split_into_clauses(text, shelf)
    problems = _problems_of(clauses, shelf)
    if problems:
        raise TextRefused(problems)
    return ReadText(
        {clause.number: clause.text for clause in clauses},
        {clause.number: clause.title for clause in clauses},
        page_lines,
    )


# -- lines ---------------------------------------------------------------------------------------------------
def _without_page_numbers(text: str) -> tuple[str, tuple[int, ...]]:
    """The lines without page numbers and foreign script, and which lines were page numbers."""
    lines: list[str] = []
    page_lines: list[int] = []
    page = 0
    for number, raw in enumerate(re.split(r"\r\n|[\n\r\f\v\x85\u2028\u2029]", text), start=1):
        line = _FOREIGN.sub("", raw).strip(" \t\u3000\u00a0")
        bare_number = int(line) if _BARE_NUMBER.fullmatch(line) else 0
        # A number alone on its line is one of a page only where it continues the numbers before it: figures
        # of the text may stand alone on a broken line, too.
        if _PAGE.fullmatch(line) or page < bare_number <= page + _PAGES_SKIPPED:
            page = bare_number or page
            page_lines.append(number)
            continue
        lines.append(line)
    return "\n".join(lines), tuple(page_lines)


def _join_broken_lines(text: str) -> str:
    """Broken lines as whole paragraphs, with a space only between words and numbers."""
    paragraphs: list[str] = []
    # A paragraph ends where a sentence ends before an empty line; an empty line inside a sentence is a page's
    # end.
    for part in re.split(rf"(?:(?<=[{_ENDS}])|(?<=[{_ENDS}][”’）)]))\s*\n\s*\n\s*", text.strip()):
        one_line = re.sub(r"(?<=[0-9A-Za-z])\s+(?=[0-9A-Za-z])", "\x00", part.strip())
        paragraphs.append(re.sub(r"\s+", "", one_line).replace("\x00", " "))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


# -- clauses -------------------------------------------------------------------------------------------------
def _split_into_clauses(text: str, shelf: Mapping[str, str]) -> list[_ReadClause]:
    """Every numbered clause as it stands in the text, whatever its number."""
    marks = [mark for mark in _MARK.finditer(text) if _begins_a_clause(text, mark, shelf)]
    clauses = []
    for mark, following in zip_longest(marks, marks[1:]):
        end = following.start() if following else len(text)
        body = _without_tail(text[mark.end() : end])
        clauses.append(_ReadClause(_clause_number(mark), _title_of(body), _join_broken_lines(body)))
    return clauses


def _clause_number(mark: re.Match[str]) -> str:
    return re.sub(r"\s", "", mark[1])


def _begins_a_clause(text: str, mark: re.Match[str], shelf: Mapping[str, str]) -> bool:
    """Whether this （三） begins a clause: "第（三）条" inside a sentence only refers to one."""
    before = text[: mark.start()]
    trimmed = before.rstrip()
    at_line_start = not trimmed or before.rstrip(" \t").endswith("\n")
    sentence_over = not trimmed or trimmed.endswith(_SENTENCE_ENDS)
    last_sentence = re.split(rf"[{_ENDS}）)”]", before)[-1]
    below_a_chapter = bool(_CHAPTER.match(last_sentence))
    title_fits = _title_fits(_clause_number(mark), _title_of(text[mark.end() : mark.end() + 200]), shelf)
    if at_line_start:
        return sentence_over or below_a_chapter or title_fits or trimmed.endswith(("：", ":"))
    return title_fits and (sentence_over or below_a_chapter)


def _title_of(body: str) -> str:
    """The first sentence, where it is short enough for a title; otherwise the first line."""
    sentence = re.sub(r"\s", "", re.split(rf"[{_ENDS}]", body, maxsplit=1)[0])
    if len(sentence) <= _LONGEST_TITLE:
        return sentence
    first_line = body.strip().split("\n", 1)[0]
    return re.sub(r"\s", "", first_line)[:_LONGEST_TITLE]


def _without_tail(body: str) -> str:
    """The clause alone: without the head of the next chapter, and without the imprint at the end."""
    for line in re.finditer(r"\n[ \t]*(?=\S)", body):
        above = body[: line.start()]
        if _CHAPTER.match(body, line.end()) and above.rstrip().endswith(_SENTENCE_ENDS):
            body = above
            break
    whole_sentences = _LAST_SENTENCE.match(body)
    return whole_sentences[0] if whole_sentences else body


# -- the shelf -----------------------------------------------------------------------------------------------
def _likeness(title: str, ours: str) -> float:
    """How much of our short title stands in the official one, 0 to 1; the better part where it has two."""
    shares = []
    for part in re.split("[与和、]", ours):
        if not part:
            shares.append(0.0)
            continue
        blocks = SequenceMatcher(None, title, part, autojunk=False).get_matching_blocks()
        shares.append(sum(block.size for block in blocks if block.size > 1) / len(part))
    return max(shares)


def _title_fits(number: str, title: str, shelf: Mapping[str, str]) -> bool:
    """Whether a title is that of the clause: half of ours stands in it, and more than of any other's."""
    if number not in shelf:
        return False
    own = _likeness(title, shelf[number])
    if own < _ALIKE:
        return False
    others = [other_title for other_number, other_title in shelf.items() if other_number != number]
    return all(own > _likeness(title, other_title) for other_title in others)


def _problems_of(clauses: list[_ReadClause], shelf: Mapping[str, str]) -> list[str]:
    if not clauses:
        return ["文件中没有找到按（一）（二）……编号的条款。请核对文件是否为该文号的全文。"]
    numbers = [clause.number for clause in clauses]
    return [
        *_problems_of_count(numbers, shelf),
        *_problems_of_order(numbers, shelf),
        *_problems_of_titles(clauses, shelf),
    ]


def _problems_of_count(numbers: list[str], shelf: Mapping[str, str]) -> Iterator[str]:
    for number in shelf:
        if number not in numbers:
            yield f"第{number}条：文件中没有找到。"
    for number in shelf:
        if numbers.count(number) > 1:
            yield f"第{number}条：在文件中出现了{numbers.count(number)}次，应只有一次。"
    for number in dict.fromkeys(numbers):
        if number not in shelf:
            yield f"第{number}条：政策条款中没有这一条。"


def _problems_of_order(numbers: list[str], shelf: Mapping[str, str]) -> Iterator[str]:
    places = {number: place for place, number in enumerate(shelf)}
    known = [number for number in dict.fromkeys(numbers) if number in places]
    for before, later in pairwise(known):
        if places[later] < places[before]:
            yield f"第{later}条：排在第{before}条之后，次序不对。"


def _problems_of_titles(clauses: list[_ReadClause], shelf: Mapping[str, str]) -> Iterator[str]:
    for clause in clauses:
        number = clause.number
        if number in shelf and not _title_fits(number, clause.title, shelf):
            yield f"第{number}条：标题不符。应为“{shelf[number]}”，文件中是“{clause.title}”。"
