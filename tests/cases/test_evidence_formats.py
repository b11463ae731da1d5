"""What a file is called once it is kept, which PDF are taken as they come, and what is said of other formats."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pikepdf
import pytest
from django.urls import reverse
from PIL import Image

from portal.cases.models import Evidence
from portal.file_formats import ENDINGS, JPEG, PDF, PNG, named_after
from portal.file_inspection import FileRefused, inspect
from tests.cases.conftest import pdf, picture, upload
from tests.cases.test_evidence import case, handed_in

pytestmark = pytest.mark.django_db
__all__ = ["case"]


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (PDF, "证书.hta", "证书.pdf"),
        (PDF, "证书.html", "证书.pdf"),
        (PDF, "证书.PDF", "证书.PDF"),
        (PDF, "证书.pdf.js", "证书.pdf"),
        (PDF, "证书", "证书.pdf"),
        (PDF, "证书.pdf.", "证书.pdf"),
        (PDF, "证书.lnk ", "证书.pdf"),
        (PDF, "2024.5.1证书", "2024.5.1证书.pdf"),
        (PDF, "证书2024.05", "证书2024.05.pdf"),
        (PDF, ".bat", "未命名文件.pdf"),
        (JPEG, "照片.pdf", "照片.jpg"),
        (JPEG, "照片.JPEG", "照片.JPEG"),
        (JPEG, "照片.png", "照片.jpg"),
        (PNG, "截图.jpg", "截图.png"),
        (PNG, "截图.mp4", "截图.png"),
    ],
)
def test_a_file_is_called_after_what_it_is(kind: str, given: str, kept: str) -> None:
    assert named_after(kind, given) == kept
    assert named_after(kind, kept) == kept
    assert kept.lower().endswith(ENDINGS[kind])


@pytest.mark.parametrize(
    ("content", "name", "kind", "kept"),
    [
        (pdf(), "申报材料.xhtml", PDF, "申报材料.pdf"),
        (picture("JPEG"), "申报材料.pdf", JPEG, "申报材料.jpg"),
        (picture("PNG"), "申报材料.svg", PNG, "申报材料.png"),
    ],
)
def test_it_is_downloaded_under_that_name_and_type(
    case: Any, clerk: Any, as_user: Any, content: bytes, name: str, kind: str, kept: str
) -> None:
    evidence = handed_in(case, clerk, content, name=name)
    address = reverse("window:evidence", args=[evidence.pk])
    response = as_user(clerk).get(address, {"download": ""})
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == (kind, "nosniff")
    assert evidence.file_name == kept
    assert kept.rpartition(".")[2] in response["Content-Disposition"]
    assert name.rpartition(".")[2] not in response["Content-Disposition"]
    # Also one that was kept before files were called after their content.
    assert Evidence(content_type=kind, file_name=name).download_name == kept


def saved(**options: Any) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out, **options)
    return out.getvalue()


@pytest.mark.parametrize("strength", [3, 4, 6])
def test_a_pdf_that_opens_without_a_password_is_taken(strength: int) -> None:
    options = {"owner": "secret", "R": strength, "metadata": strength > 3, "aes": strength > 3}
    protected = saved(encryption=pikepdf.Encryption(**options))
    assert inspect(upload(protected)).content_type == PDF


def test_a_pdf_that_asks_for_a_password_is_not() -> None:
    with pytest.raises(FileRefused, match="打开时要输入密码"):
        inspect(upload(saved(encryption=pikepdf.Encryption(owner="a", user="b"))))


def test_a_protected_pdf_that_acts_is_refused_all_the_same() -> None:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.save(out, encryption=pikepdf.Encryption(owner="a"))
    with pytest.raises(FileRefused, match="脚本"):
        inspect(upload(out.getvalue()))


@pytest.mark.parametrize(
    "before", [b"\n", b"\r\n\r\n", b" \t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\0\0\n"]
)
def test_white_space_before_a_pdf_is_no_fault(before: bytes) -> None:
    assert inspect(upload(before + pdf())).content_type == PDF


@pytest.mark.parametrize("before", [b"<html>", b"GIF89a", b"x", b"MZ", b"\n" * 2000])
def test_anything_else_before_it_is(before: bytes) -> None:
    with pytest.raises(FileRefused):
        inspect(upload(before + pdf()))


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in names:
            packed.writestr(name, "<x/>")
    return buffer.getvalue()


def drawn(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, kind)
    return buffer.getvalue()


def boxed(brand: bytes, *others: bytes) -> bytes:
    box = b"ftyp" + brand + b"\0\0\0\0" + b"".join(others)
    return (len(box) + 4).to_bytes(4, "big") + box + b"\0" * 200


@pytest.mark.parametrize(
    ("content", "called", "remedy"),
    [
        (boxed(b"heic", b"mif1"), "已损坏", "重新扫描或拍照"),
        (boxed(b"mif1", b"heix"), "已损坏", "重新扫描或拍照"),
        (boxed(b"msf1", b"hevc"), "已损坏", "重新扫描或拍照"),
        (boxed(b"avif", b"mif1"), "AVIF", "JPG"),
        (boxed(b"isom", b"mp42"), "视频", "扫描件"),
        (archive("[Content_Types].xml", "word/document.xml"), "Word文档", "PDF"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "Excel表格", "PDF"),
        (archive("材料.pdf"), "ZIP压缩包", "解压"),
        (b"PK\x03\x04 broken", "ZIP压缩包", "解压"),
        (b"Rar!\x1a\x07", "RAR压缩包", "解压"),
        (b"7z\xbc\xaf\x27\x1c", "7z压缩包", "解压"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版Word", "PDF"),
        (drawn("GIF"), "GIF图片", "JPG或PNG"),
        (drawn("BMP"), "BMP图片", "JPG或PNG"),
        (drawn("TIFF"), "TIFF图片", "JPG或PNG"),
        (drawn("WEBP"), "WebP图片", "JPG或PNG"),
        (b"  <!DOCTYPE html><html></html>", "网页", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "网页", "PDF"),
    ],
)
def test_another_format_is_named_with_what_to_do(content: bytes, called: str, remedy: str) -> None:
    with pytest.raises(FileRefused) as refused:
        inspect(upload(content, "技师证书.pdf"))
    assert called in str(refused.value)
    assert remedy in str(refused.value)
