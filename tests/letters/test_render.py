"""What a file is: PDF/A-2u of its own, in official layout, with a code that leads to its verification."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from portal.letters import building, composing, fonts, render
from portal.letters.models import LetterFile
from portal.letters.sheets import Sheet
from tests.letters import pdfs

WHEN = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)


def sheet(number: int, words: str = "内蒙古") -> Sheet:
    html = (
        f'<section class="letter" id="letter-{number}"><div class="issuer chars-8">机关</div><p>{words}</p>'
        f'<div class="qr" id="letter-{number}-qr"></div></section>'
    )
    return Sheet(
        f"letter-{number}",
        html,
        "letter",
        f"第{number}封",
        "机关",
        WHEN,
        qr=f"http://127.0.0.1:8000/letters/verify/{number}/",
    )


def test_each_file_declares_pdf_a_with_its_own_title() -> None:
    one, two = render.render([sheet(1), sheet(2)])
    for number, built in ((1, one), (2, two)):
        with pikepdf.open(io.BytesIO(built.pdf)) as pdf:
            assert pdf.pdf_version == "1.7" and pdf.trailer.ID
            assert str(pdf.Root.Lang) == "zh-CN"
            intent = pdf.Root.OutputIntents[0]
            assert intent.S == "/GTS_PDFA1" and intent.DestOutputProfile.N == 3
            assert bytes(intent.DestOutputProfile.read_bytes()[36:40]) == b"acsp"
            assert str(pdf.docinfo.Title) == f"第{number}封"
            assert str(pdf.docinfo.CreationDate) == "D:20261116093000+08'00'"
            with pdf.open_metadata() as xmp:
                assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "U")
                assert xmp["dc:title"] == f"第{number}封"
                assert xmp["xmp:CreateDate"] == "2026-11-16T09:30:00+08:00"
            for page in pdf.pages:
                for font in page.Resources.Font.values():
                    assert "/ToUnicode" in font and "+" in str(font.BaseFont)
                    descriptor = font.DescendantFonts[0].FontDescriptor
                    assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_files_hold_no_other_letters_text_and_no_names_of_their_links() -> None:
    one, two = render.render([sheet(1, "张珺喆"), sheet(2, "王建国")])
    assert "张珺喆" in pdfs.text(one.pdf) and "王建国" not in pdfs.text(one.pdf)
    with pikepdf.open(io.BytesIO(two.pdf)) as pdf:
        assert "/Names" not in pdf.Root and len(pdf.pages) == 1


def test_more_letters_than_are_laid_out_together_keep_their_order() -> None:
    built = render.render([sheet(number, f"第{number}人") for number in range(1, 54)])
    assert len(built) == 53
    assert "第53人" in pdfs.text(built[52].pdf) and "第1人" in pdfs.text(built[0].pdf)


def test_page_numbers_begin_at_one_in_each_letter_and_change_sides() -> None:
    built = render.render([sheet(1, "内蒙古自治区" * 300), sheet(2, "内蒙古自治区" * 300)])
    for each in built:
        words = pdfs.text(each.pdf)
        assert (
            each.pages > 2
            and "— 1 —" in words
            and f"— {each.pages} —" in words
            and f"— {each.pages + 1} —" not in words
        )


def test_the_qr_code_holds_the_address_of_the_verification() -> None:
    import segno

    url = "http://127.0.0.1:8000/letters/verify/7K2MQ9XR4V8T/"
    drawing = render.qr_drawing(url, 100, 50, 60).decode()
    matrix = [
        bytearray(row) for row in segno.make(url, error="m", mask=2, boost_error=False, micro=False).matrix
    ]
    drawn = [bytearray(len(matrix)) for _ in matrix]
    for line in drawing.splitlines():
        if line.endswith(" re"):
            column, row, length, height = (int(part) for part in line.split()[:4])
            assert height == 1
            drawn[row][column : column + length] = b"\1" * length
    assert drawn == matrix


def test_what_a_person_typed_opens_no_file_and_no_address(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>'
    )
    html = f'<section class="letter" id="letter-1"><img src="{secret.as_uri()}"><p>正文</p></section>'
    (built,) = render.render([Sheet("letter-1", html, "letter", "题", "机关", WHEN)])
    assert "secret" not in pdfs.text(built.pdf)


@pytest.mark.django_db
def test_markup_in_a_name_is_text(issue) -> None:
    letter = issue(addressee="<b>王</b>建国")
    building.build([letter.pk])
    assert "<b>王</b>建国：" in pdfs.text(building.read(LetterFile.objects.get(letter=letter)))


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("高技能领军人才证书", ["高技能领军人才证书"]),
        (
            "关于纳入内蒙古自治区高技能领军人才名录的通知",
            ["关于纳入内蒙古自治区", "高技能领军人才名录的通知"],
        ),
        (
            "关于不予纳入内蒙古自治区高技能领军人才名录的决定",
            ["关于不予纳入内蒙古自治区", "高技能领军人才名录的决定"],
        ),
    ],
)
def test_titles_are_broken_by_sense(title, lines) -> None:
    assert composing.title_lines(title) == lines


@pytest.mark.parametrize("length", range(21, 120))
def test_no_title_line_is_wider_than_the_type_area_and_none_is_lost(length) -> None:
    title = ("关于将某某同志纳入内蒙古自治区高技能领军人才名录、给予一次性奖励的通知" * 4)[:length]
    lines = composing.title_lines(title)
    assert "".join(lines) == title and all(0 < len(line) <= 20 for line in lines)


def test_the_renderer_refuses_to_hand_out_a_box(monkeypatch) -> None:
    monkeypatch.setattr(fonts, "ensure_drawable", lambda text: None)
    with pytest.raises(fonts.UndrawableCharacter, match="U\\+E000"):
        render.render([sheet(1, "王\ue000")])


def test_a_print_file_keeps_the_order_and_puts_no_letter_on_anothers_back() -> None:
    files = []
    for built in render.render([sheet(1, "甲"), sheet(2, "乙" * 2000), sheet(3, "丙")]):
        files.append(built.pdf)
    single, double = io.BytesIO(), io.BytesIO()
    count = render.join(files, single, title="打印", author="匠惠通", created=WHEN)
    padded = render.join(files, double, title="打印", author="匠惠通", created=WHEN, double_sided=True)
    assert padded > count and padded % 2 == 0
    words = pdfs.text(single.getvalue())
    assert words.index("甲") < words.index("乙") < words.index("丙")
    with pikepdf.open(double) as pdf, pdf.open_metadata() as xmp:
        assert xmp["pdfaid:part"] == "2"
