"""Letters per second and core, from a record in the database to a stored PDF, against one `write_pdf()` each.

The baseline sets the same letters in the same fonts, as shipped, one `HTML(...).write_pdf()` a letter with
fontTools as the subsetter, and stores nothing. CPU time is compared, of one process: it is what a core does,
whatever else the machine does.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

WANTED = 100
KIND = "bench.inclusion"
_NAMES = (
    "张珺喆",
    "王建国",
    "赟格日乐",
    "李〇一",
    "包乌日娜",
    "陈志强",
    "斯琴高娃",
    "赵婧雯",
    "孙立军",
    "那顺巴雅尔",
)
_OCCUPATIONS = ("焊工", "电工", "钳工", "数控车工", "矿山机械维修工")


def _issue(count: int) -> list[int]:
    from portal.letters import kinds
    from portal.letters.actions import Draft, issue_many
    from portal.letters.reference import load_issuers

    kind = kinds.Kind(
        KIND,
        "纳入通知书",
        "关于纳入内蒙古自治区高技能领军人才名录的通知",
        "letters/inclusion.html",
        needs=("name",),
    )
    kinds.register(kind)
    load_issuers()
    drafts = []
    for place in range(count):
        name = _NAMES[place % len(_NAMES)]
        drafts.append(Draft(addressee=name, region="150624", context=_context(place, name)))
    issued = issue_many(kind=KIND, issuer="150000", drafts=drafts, by=None, on=date(2026, 11, 22))
    return [letter.pk for letter in issued]


def _context(place: int, name: str) -> dict[str, str]:
    return {
        "name": name,
        "id_number": "150624********001X",
        "honour": "全国技术能手",
        "honour_document": f"人社部发〔2024〕{place % 90 + 1}号",
        "policy_title": "关于提高技术工人待遇的实施意见",
        "policy_number": "内党办发〔2019〕6号",
        "clause": "第一条",
        "included_on": "2026年11月22日",
        "entry_number": f"NM-2026-{place:05d}",
        "employer": "内蒙古某某机械制造有限责任公司",
        "occupation": _OCCUPATIONS[place % len(_OCCUPATIONS)],
        "skill_level": "高级技师",
        "region": "鄂尔多斯市鄂托克旗",
    }


def _ours(ids: list[int]) -> float:
    """CPU seconds for a letter, as the worker's task does it."""
    from django.conf import settings

    from portal.letters import building
    from portal.letters.models import LetterFile

    started = time.process_time()
    for start in range(0, len(ids), building.PER_TASK):
        building.build(ids[start : start + building.PER_TASK])
    spent = time.process_time() - started
    stored = LetterFile.objects.filter(letter_id__in=ids, state="built")
    missing = [file.path for file in stored if not (Path(settings.MEDIA_ROOT) / file.path).is_file()]
    if len(stored) != len(ids) or missing:
        raise RuntimeError(f"{len(ids)} letters, {len(stored)} built, {len(missing)} files missing")
    return spent / len(ids)


def _naive(ids: list[int]) -> float:
    """CPU seconds for a letter the naive way: everything anew for each, fontTools subsetting."""
    from weasyprint import CSS, HTML
    from weasyprint.pdf import fonts as weasyprint_fonts
    from weasyprint.text.fonts import FontConfiguration

    from portal.letters import composing, render
    from portal.letters.models import Letter

    style = _naive_style()
    subsetter: Any = weasyprint_fonts.harfbuzz_subset
    weasyprint_fonts.harfbuzz_subset = None
    try:
        started = time.process_time()
        for letter in Letter.objects.filter(pk__in=ids).order_by("pk"):
            sheet = composing.compose(letter)
            configuration = FontConfiguration()
            head = f"<head><title>{sheet.title}</title></head>"
            html = f'<html lang="zh-CN">{head}<body>{sheet.html}</body></html>'
            css = CSS(string=style, font_config=configuration)
            HTML(string=html).write_pdf(
                stylesheets=[css],
                font_config=configuration,
                pdf_variant=render.PDF_VARIANT,
            )
        return (time.process_time() - started) / len(ids)
    finally:
        weasyprint_fonts.harfbuzz_subset = subsetter


def _naive_style() -> str:
    """The letters' style with the fonts as shipped.

    Headings are in the text face: the heavier one is made by our own preparation and would cost the
    baseline a third subset.
    """
    from portal.letters import fonts, render

    rules = []
    for source in fonts._sources():
        if source.family != fonts.HEADING:
            address = source.path.absolute().as_uri()
            rules.append(f'@font-face {{ font-family: "{source.family}"; src: url("{address}"); }}')
    style = render._stylesheet("letter")
    for use, families in fonts.stacks().items():
        style = style.replace(f"«{use}»", families)
    return "\n".join([*rules, style])


def main(argv: Sequence[str] | None = None) -> int:
    """Print both costs and the ratio; 1 when it is below 100."""
    parser = argparse.ArgumentParser(prog="bench letters", description=__doc__)
    parser.add_argument("--letters", type=int, default=150, help="letters built our way in each round")
    parser.add_argument("--naive", type=int, default=1, help="letters built the naive way in each round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both; the best of each counts")
    options = parser.parse_args(argv)

    from portal.letters import fonts

    # The renderer's own warning about the baseline's subsetter is what the baseline is about.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    print(f"subsetter {fonts.subsetter_status()}, fonts {fonts.status()}", flush=True)
    if fonts.status() == "preparing":
        started = time.monotonic()
        fonts.prepare()
        print(f"converted the shipped fonts, once: {time.monotonic() - started:.0f} s", flush=True)
    ids = _issue(50 + options.rounds * options.letters)
    first = _ours(ids[:50])
    # In turns, and the best of each: what else the machine does in the meantime slows both alike.
    ours, naive = [], []
    for start in range(50, len(ids), options.letters):
        ours.append(_ours(ids[start : start + options.letters]))
        naive.append(_naive(ids[start : start + options.naive]))
    ratio = min(naive) / min(ours)
    print(
        "the first 50 letters of a process, renderer and fonts loaded meanwhile: "
        f"{first * 1000:.1f} ms CPU a letter"
    )
    _print_costs("record in the database to stored PDF, 2 pages", ours)
    _print_costs("naive: one write_pdf() a letter, fontTools subsetting", naive)
    print(f"ratio {ratio:.0f} ×, wanted ≥ {WANTED} ×")
    return 0 if ratio >= WANTED else 1


def _print_costs(what: str, rounds: list[float]) -> None:
    each = ", ".join(f"{seconds * 1000:.1f}" for seconds in rounds)
    print(f"{what}: {each} ms CPU a letter; best {1 / min(rounds):.2f} letters/s a core")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
