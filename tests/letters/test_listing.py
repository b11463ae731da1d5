"""Lists under a red header."""

from __future__ import annotations

from datetime import date

import pytest

from portal import sealed_files
from portal.letters.fonts import UndrawableCharacter
from portal.letters.models import Issuer
from portal.lists.printed import Column, Listing
from tests.letters import pdfs

COLUMNS = [Column("序号", 1, middle=True), Column("姓名", 2), Column("用人单位", 5)]
ISSUER = Issuer(code="150000", name="内蒙古自治区人力资源和社会保障厅", mark="内人社匠", is_sample=True)


def listing(**options):
    return Listing(
        issuer=ISSUER,
        title="内蒙古自治区高技能领军人才名录",
        columns=COLUMNS,
        on=date(2026, 11, 16),
        legal_basis="根据《关于提高技术工人待遇的实施意见》（内党办发〔2019〕6号）公布。",
        **options,
    )


def made(rows, **options):
    return listing(**options).built(rows)


def test_the_head_of_the_table_is_on_every_page_and_the_red_header_on_the_first() -> None:
    built = made(
        ((number, "张珺喆", "鄂托克旗焊接厂") for number in range(1, 61)), number="内人社匠〔2026〕3号"
    )
    words = pdfs.text(built.pdf)
    assert built.pages > 1 and words.count("用人单位") == built.pages
    assert words.count("内人社匠〔2026〕3号") == 1 and "共60条" in words and f"— {built.pages} —" in words
    assert "演示数据" in words and all(
        outline for character, outline in pdfs.drawn(built.pdf) if character.strip()
    )


def test_a_list_laid_out_in_parts_loses_no_row_and_numbers_its_pages_through(monkeypatch) -> None:
    from portal.lists import printed

    monkeypatch.setattr(printed, "_ROWS", 30)
    built = made((number, f"第{number}人", "厂") for number in range(1, 71))
    words = pdfs.text(built.pdf)
    places = [words.index(f"第{number}人") for number in range(1, 71)]
    assert places == sorted(places)
    assert [f"— {page} —" in words for page in range(1, built.pages + 2)] == [True] * built.pages + [False]
    assert words.count("（盖章）") == 1


def people(count: int) -> list[tuple[object, ...]]:
    return [(number, f"第{number}人", "厂") for number in range(1, count + 1)]


def test_a_long_list_written_part_by_part_reads_like_one_made_at_once(monkeypatch) -> None:
    from portal.lists import printed as module

    monkeypatch.setattr(module, "_ROWS", 30)
    told: list[int] = []
    pages = listing().write(
        people(70), total=70, folder="lists/1.parts", target="lists/1.pdf", made=told.append
    )
    content = sealed_files.read("lists/1.pdf")
    assert told == [30, 60, 70]
    assert pdfs.text(content) == pdfs.text(made(people(70)).pdf)
    assert [f"— {page} —" in pdfs.text(content) for page in range(1, pages + 2)] == [True] * pages + [False]
    assert all(outline for character, outline in pdfs.drawn(content) if character.strip())
    assert b"pdfaid:part" in content


def test_a_long_list_goes_on_where_it_was_stopped(monkeypatch) -> None:
    from portal.letters import render
    from portal.lists import printed as module

    monkeypatch.setattr(module, "_ROWS", 30)
    laid_out = []
    lay_out = render._part
    monkeypatch.setattr(
        render, "_part", lambda html, page, **more: laid_out.append(page) or lay_out(html, page, **more)
    )

    def stop(done: int) -> None:
        if done == 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        listing().write(people(70), total=70, folder="lists/1.parts", target="lists/1.pdf", made=stop)
    assert not sealed_files.path_of("lists/1.pdf").exists()
    listing().write(
        people(70), total=70, folder="lists/1.parts", target="lists/1.pdf", made=lambda done: None
    )
    assert len(laid_out) == 3, "each part once"


def test_rows_that_are_not_the_announced_number_are_refused() -> None:
    with pytest.raises(ValueError, match="announced"):
        listing().write(
            people(3), total=4, folder="lists/1.parts", target="lists/1.pdf", made=lambda done: None
        )


def test_an_empty_list_says_so() -> None:
    assert "目前没有符合条件的记录" in pdfs.text(made([]).pdf)


def test_a_row_with_too_few_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        made([(1, "张珺喆")])


def test_a_character_that_cannot_be_printed_is_refused(monkeypatch) -> None:
    from portal.letters import fonts

    monkeypatch.setattr(fonts, "_machine_family", lambda character: None)
    with pytest.raises(UndrawableCharacter):
        made([(1, "王\ue000", "厂")])
