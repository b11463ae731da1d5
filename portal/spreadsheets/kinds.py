"""What kind of file somebody handed in, told by how it begins and not by its name."""

from __future__ import annotations

import re
from pathlib import Path

from portal.spreadsheets.header import FileRefused

_OLD_WORKBOOK = (
    "文件是旧版Excel（.xls）或设有密码。"
    "请在Excel中打开后另存为“Excel 工作簿（.xlsx）”，并取消密码，再重新上传。"
)
_PDF = "文件是PDF，不是表格。请上传 .xlsx 或 .csv 文件。"
_PICTURE = "文件是图片，不是表格。请上传 .xlsx 或 .csv 文件。"
_KNOWN_BY_FIRST_BYTES = (
    (b"\xd0\xcf\x11\xe0", _OLD_WORKBOOK),
    (b"%PDF", _PDF),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
)
_WEB_ARCHIVE = (
    "文件内容是单个文件网页（MHT），不是Excel工作簿：一些系统导出的“.xls”就是这样的文件。"
    "请在Excel或WPS中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_XML_SHEET = (
    "文件内容是“XML 表格 2003”，不是Excel工作簿。"
    "请在Excel或WPS中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_MARKED_UP = re.compile(rb"(?:\xef\xbb\xbf|[\xff\xfe\s]|<!--.*?-->)*<[!?a-z]", re.DOTALL | re.IGNORECASE)
_MIME = re.compile(rb"\s*(?:mime-version|content-type)\s*:", re.IGNORECASE)
# So much of a file tells its kind.
BEGINNING = 4096


def kind_of(path: Path) -> str:
    """ ".csv" or ".xlsx", by how the file begins. Raises FileRefused for what is known to be neither."""
    with path.open("rb") as file:
        return kind_of_beginning(file.read(BEGINNING))


def kind_of_beginning(beginning: bytes) -> str:
    """`kind_of` of a file that begins so."""
    if not beginning:
        raise FileRefused("文件是空的。请填写后重新上传。")
    if is_web_page(beginning):
        return ".xlsx"
    for first_bytes, message in _KNOWN_BY_FIRST_BYTES:
        if beginning.startswith(first_bytes):
            raise FileRefused(message)
    return ".xlsx" if beginning.startswith(b"PK") else ".csv"


def is_web_page(beginning: bytes) -> bool:
    """Whether a file that begins so is a web page with tables, whatever its name. FileRefused for the kinds of such
    files that are not read.
    """
    plain = beginning.replace(b"\0", b"").lower()
    if _MIME.match(plain):
        raise FileRefused(_WEB_ARCHIVE)
    if not _MARKED_UP.match(plain):
        return False
    is_sheet = b"office:spreadsheet" in plain or b'progid="excel.sheet"' in plain
    if is_sheet and b"<html" not in plain:
        raise FileRefused(_XML_SHEET)
    return True
