"""The archive that a workbook is, looked at before anything of it is unpacked."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.limits import Most

NOT_A_WORKBOOK = (
    "文件不是Excel工作簿，或已损坏。请在Excel中打开核对，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
TOO_LARGE = "工作簿过大，无法读取。请另存为“CSV UTF-8（逗号分隔）”后重新上传。"
_BOMB = "工作簿解压后异常庞大（{0}），不能读取。请在Excel中新建工作簿，只把表格内容复制过去，保存后重新上传。"
_ODS = "文件是ODS表格（OpenDocument）。请用WPS或Excel打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
_XLSB = "文件是二进制工作簿（.xlsb）。请在Excel中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
_OTHER_ENCODING = (
    "工作簿内部的文字编码或结构不是Excel所用的，不能读取。"
    "请在Excel中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_MOST_INDEX = 8 << 20
_END = b"PK\5\6"
_END_64 = b"PK\6\7"
_LONGEST_END = 22 + 65_535
# The end of an archive beyond 4 GB (56 bytes) and what says where it is (20), before the usual end.
_OF_64 = 76


def check_archive(path: Path, most: Most) -> None:
    """FileRefused for what is no workbook, or unpacks to more than anybody's table."""
    _check_listing(path, most)
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        names = [_plain(part.filename) for part in parts]
        if len(parts) > most.parts or len(set(names)) != len(names):
            raise FileRefused(NOT_A_WORKBOOK)
        _check_kind(archive, names)
        if sum(part.file_size for part in parts) > most.unpacked:
            raise FileRefused(TOO_LARGE)
        for part in parts:
            if part.file_size > max(most.packed_well, part.compress_size * most.ratio):
                raise FileRefused(_BOMB.format(part.filename[:60]))


def _plain(name: str) -> str:
    """A name as readers compare it, who mind neither case nor the kind of stroke."""
    return name.replace("\\", "/").lstrip("/").lower()


def _check_listing(path: Path, most: Most) -> None:
    """The list of what is in an archive is itself bounded: all of it is read at once."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - _LONGEST_END - _OF_64, 0))
        ending = file.read()
    at = ending.rfind(_END)
    if at < 0 or len(ending) < at + 22:
        raise FileRefused(NOT_A_WORKBOOK)
    entries, listing = struct.unpack("<HI", ending[at + 10 : at + 16])
    # Some programs write the numbers of archives beyond 4 GB for every archive; these count then.
    if ending[at - 20 : at].startswith(_END_64) and at >= _OF_64:
        entries, listing = struct.unpack("<QQ", ending[at - _OF_64 + 32 : at - _OF_64 + 48])
    if entries > most.parts or listing > most.listing:
        raise FileRefused(TOO_LARGE)


def _check_kind(archive: zipfile.ZipFile, names: list[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise FileRefused(_XLSB)
    if "mimetype" in names and "content.xml" in names:
        mimetype = archive.getinfo("mimetype") if "mimetype" in archive.NameToInfo else None
        if mimetype and mimetype.file_size < 200 and b"spreadsheet" in archive.read(mimetype):
            raise FileRefused(_ODS)
    raise FileRefused(NOT_A_WORKBOOK)


def check_xml(beginning: bytes) -> None:
    """FileRefused for XML in another encoding than Excel's, and for one that defines entities of its own."""
    if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in beginning:
        raise FileRefused(_OTHER_ENCODING)
    declared = beginning[:200].partition(b"?>")[0].lower()
    if b"encoding" in declared and b"utf-8" not in declared and b"ascii" not in declared:
        raise FileRefused(_OTHER_ENCODING)
    if b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
        raise FileRefused(_OTHER_ENCODING)


def tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part of a workbook, whole."""
    if archive.getinfo(name).file_size > _MOST_INDEX:
        raise FileRefused(NOT_A_WORKBOOK)
    content = archive.read(name)
    check_xml(content)
    # The size is checked, and there are no entities.
    return ElementTree.fromstring(content)  # noqa: S314
