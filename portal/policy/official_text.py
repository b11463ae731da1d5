"""Reading the official text of a document: which words of the office's file belong to which clause of the
shelf.

The file is plain text as it comes out of a PDF: lines broken anywhere inside a sentence, page numbers between
them, Mongolian script in the letterhead. Clauses are the paragraphs （一）, （二） …; chapters 一、 二、 are
none. A file is taken whole or not at all: `read_clauses` refuses it unless it has every clause of the shelf
once, in order, under a title that fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_DIGITS = "一二三四五六七八九十"
# A number may be broken over two lines as well.
_MARK = re.compile(rf"[（(]\s*([{_DIGITS}](?:\s*[{_DIGITS}]){{0,2}})\s*[）)]")
_CHAPTER = re.compile(rf"\s*[{_DIGITS}]{{1,3}}\s*、")
# Mongolian letters with the joiners and narrow spaces between them, and the marks of bold type that
# converters leave.
_FOREIGN = re.compile(r"[\u1800-\u18af\u200b-\u200d\u202f\ufeff\U00011660-\U0001167f]|\*\*")
_DASH = r"[-－—–―‐·•]"
_PAGE = re.compile(
    rf"{_DASH}+\s*\d{{1,4}}\s*{_DASH}+|第\s*\d{{1,4}}\s*页(?:\s*[,，/]?\s*共\s*\d{{1,4}}\s*页)?|\d{{1,4}}\s*/\s*\d{{1,4}}"
)
_BARE_NUMBER = re.compile(r"\d{1,4}")
_PAGES_SKIPPED = 3  # pages without a number that may lie between two with one
# The last end of a sentence, with the bracket or quotation mark that closes behind it, or with the note that
# follows it.
_ENDS = "。！？"
_LAST_SENTENCE = re.compile(
    rf".*[{_ENDS}](?:[”’）)]|\s*[（(](?:[^（()）]|[（(][^（()）]*[）)])*[）)])*", re.DOTALL
)
MOST_BYTES = 1024 * 1024
_LONGEST_TITLE = 60
_ALIKE = 0.5


class TextRefused(Exception):
    """The file's clauses do not match the shelf. `problems` says which clause, what was expected and what was
    found.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ReadText:
    """What was read: the words of each clause by its number, their titles, and the lines left out as numbers
    of pages.
    """

    clauses: Mapping[str, str]
    titles: Mapping[str, str]
    page_lines: tuple[int, ...]


@dataclass(frozen=True)
class _Found:
    number: str
    title: str
    text: str


def decoded(data: bytes) -> str:
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
    """The clauses of a file. `shelf` is the title of every clause by its number, in order. Raises
    TextRefused.
    """
    stream, page_lines = _stream(decoded(data))
    found = _clauses(stream, shelf)
    if problems := _problems(found, shelf):
        raise TextRefused(problems)
    return ReadText(
        {one.number: one.text for one in found}, {one.number: one.title for one in found}, page_lines
    )


# -- lines ---------------------------------------------------------------------------------------------------
def _stream(text: str) -> tuple[str, tuple[int, ...]]:
    """The lines without page numbers and foreign script, blank lines as such; and which lines were page
    numbers.
    """
    lines, left_out, page = [], [], 0
    for number, raw in enumerate(re.split(r"\r\n|[\n\r\f\v\x85\u2028\u2029]", text), start=1):
        line = _FOREIGN.sub("", raw).strip(" \t\u3000\u00a0")
        bare = int(line) if _BARE_NUMBER.fullmatch(line) else 0
        # A number alone on its line is one of a page only where it continues the numbers before it: figures
        # of the text may stand alone on a broken line, too.
        if _PAGE.fullmatch(line) or page < bare <= page + _PAGES_SKIPPED:
            page = bare or page
            left_out.append(number)
            continue
        lines.append(line)
    return "\n".join(lines), tuple(left_out)


def _joined(text: str) -> str:
    """Broken lines put together again: nothing between Chinese characters, a space between words and numbers."""
    paragraphs: list[str] = []
    # A paragraph ends where a sentence ends before an empty line; an empty line inside a sentence is a page's
    # end.
    for part in re.split(rf"(?:(?<=[{_ENDS}])|(?<=[{_ENDS}][”’）)]))\s*\n\s*\n\s*", text.strip()):
        one_line = re.sub(r"(?<=[0-9A-Za-z])\s+(?=[0-9A-Za-z])", "\x00", part.strip())
        paragraphs.append(re.sub(r"\s+", "", one_line).replace("\x00", " "))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


# -- clauses -------------------------------------------------------------------------------------------------
def _clauses(stream: str, shelf: Mapping[str, str]) -> list[_Found]:
    """Every numbered clause as it stands in the text, whatever its number."""
    marks = [mark for mark in _MARK.finditer(stream) if _begins_a_clause(stream, mark, shelf)]
    found = []
    for mark, following in zip_longest(marks, marks[1:]):
        end = following.start() if following else len(stream)
        body = _without_tail(stream[mark.end() : end])
        found.append(_Found(_number(mark), _title(body), _joined(body)))
    return found


def _number(mark: re.Match[str]) -> str:
    return re.sub(r"\s", "", mark[1])


def _begins_a_clause(stream: str, mark: re.Match[str], shelf: Mapping[str, str]) -> bool:
    """Not every （三） begins a clause: "第（三）条" inside a sentence refers to one, and a broken line may
    begin with it.
    """
    before = stream[: mark.start()]
    sentence_over = not before.strip() or before.rstrip()[-1] in f"{_ENDS}）)”"
    fits = _fits(_number(mark), _title(stream[mark.end() : mark.end() + 200]), shelf)
    below_a_chapter = bool(_CHAPTER.match(re.split(rf"[{_ENDS}）)”]", before)[-1]))
    if before.rstrip(" \t").endswith("\n") or not before.strip():
        return sentence_over or below_a_chapter or fits or before.rstrip().endswith(("：", ":"))
    return fits and (sentence_over or below_a_chapter)


def _title(body: str) -> str:
    """The first sentence, where it is short enough for a title; otherwise the first line."""
    first = re.sub(r"\s", "", re.split(rf"[{_ENDS}]", body, maxsplit=1)[0])
    return (
        first
        if len(first) <= _LONGEST_TITLE
        else re.sub(r"\s", "", body.strip().split("\n", 1)[0])[:_LONGEST_TITLE]
    )


def _without_tail(body: str) -> str:
    """Without what follows the clause but is none of it: the head of the next chapter, the imprint at the
    end.
    """
    for line in re.finditer(r"\n[ \t]*(?=\S)", body):
        if _CHAPTER.match(body, line.end()) and body[: line.start()].rstrip().endswith(tuple(f"{_ENDS}）)”")):
            body = body[: line.start()]
            break
    whole = _LAST_SENTENCE.match(body)
    return whole[0] if whole else body


# -- the shelf -----------------------------------------------------------------------------------------------
def _likeness(title: str, ours: str) -> float:
    """How much of our short title stands in the official one, part by part (服务保障与人才名录 has two): 0 to
    1.
    """
    shares = []
    for part in re.split("[与和、]", ours):
        blocks = SequenceMatcher(None, title, part, autojunk=False).get_matching_blocks()
        shares.append(sum(block.size for block in blocks if block.size > 1) / len(part) if part else 0)
    return max(shares)


def _fits(number: str, title: str, shelf: Mapping[str, str]) -> bool:
    """Whether a title is that of the clause: at least half of ours stands in it, and more than of any other
    clause's.
    """
    if number not in shelf:
        return False
    own = _likeness(title, shelf[number])
    return own >= _ALIKE and all(
        own > _likeness(title, other) for other_number, other in shelf.items() if other_number != number
    )


def _problems(found: list[_Found], shelf: Mapping[str, str]) -> list[str]:
    if not found:
        return ["文件中没有找到按（一）（二）……编号的条款。请核对文件是否为该文号的全文。"]
    numbers = [one.number for one in found]
    problems = [f"第{number}条：文件中没有找到。" for number in shelf if number not in numbers]
    problems += [
        f"第{number}条：在文件中出现了{numbers.count(number)}次，应只有一次。"
        for number in shelf
        if numbers.count(number) > 1
    ]
    problems += [
        f"第{number}条：政策条款中没有这一条。" for number in dict.fromkeys(numbers) if number not in shelf
    ]
    places = {number: place for place, number in enumerate(shelf)}
    known = [number for number in dict.fromkeys(numbers) if number in places]
    problems += [
        f"第{later}条：排在第{before}条之后，次序不对。"
        for before, later in zip(known, known[1:], strict=False)
        if places[later] < places[before]
    ]
    for one in found:
        if one.number in shelf and not _fits(one.number, one.title, shelf):
            problems.append(f"第{one.number}条：标题不符。应为“{shelf[one.number]}”，文件中是“{one.title}”。")
    return problems
