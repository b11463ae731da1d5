"""A stored file handed to somebody who may have it: the copy that is shown, or the original as it came.

Who may is asked before. Whatever stands against it is said in words and written to the audit: a file that is gone or was
changed, one that no scanner has seen yet, one that cannot be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal import scanned_files, scanner
from portal.file_formats import named_after
from portal.file_inspection import FileRefused
from portal.shown_copies import copy_of
from portal.stored_files import Store, Unreadable

# Writes what happened to the audit: what, and with which particulars.
Note = Callable[..., None]
_ASK = "请联系系统管理员，并告知材料名称；需要尽快办理的，可请提交人重新上传。"
_WORDS = {
    "missing": f"这份材料的文件不在存储中，不能查看。{_ASK}",
    "changed": f"这份材料的文件与提交时不一致（摘要不符或无法解密），为安全起见不予显示。{_ASK}",
    "unscanned": "这份材料未经病毒扫描（扫描服务暂时没有响应），扫描完成前只有提交人可以查看。请稍后再打开。",
    "infected": "病毒扫描发现这份材料含有恶意程序，已隔离，任何人不能打开。请联系提交人重新提交。",
}
# The same, short, for the audit.
_NOTED = {
    "missing": "文件缺失",
    "changed": "摘要不符",
    "unscanned": "未经病毒扫描",
    "infected": "发现病毒",
}
_STATUS = {"missing": 404}


class NotShown(Exception):
    """Why a file is not handed out, in words, with the status of the answer."""

    def __init__(self, words: str, status: int = 409) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Opened:
    """What is handed out. What is shown nowhere is only saved."""

    name: str
    kind: str
    only_saved: bool = False
    content: bytes = field(default=b"", repr=False)


def open_shown(store: Store, row: Any, *, by: Any, note: Note) -> Opened:
    """What is shown of a file; of a kind that cannot be shown, the file itself to be saved. Raises NotShown."""
    try:
        _require_scanned(store, row, by, note)
        copy = copy_of(store, row.stored_as, digest=row.digest, kind=row.content_type, name=row.file_name)
        if copy.kind:
            return Opened(named_after(copy.kind, row.file_name), copy.kind, content=copy.content)
        return Opened(row.download_name, row.content_type, True, store.read(row.stored_as, digest=row.digest))
    except Unreadable as unreadable:
        raise _noted(str(unreadable), note) from unreadable
    except FileRefused as refused:
        raise NotShown(str(refused)) from refused


def open_original(store: Store, row: Any, *, by: Any, note: Note) -> Opened:
    """The file as it was handed in, to be saved. Raises NotShown."""
    try:
        _require_scanned(store, row, by, note)
        content = store.read(row.stored_as, digest=row.digest)
    except Unreadable as unreadable:
        raise _noted(str(unreadable), note) from unreadable
    return Opened(row.download_name, row.content_type, True, content)


def is_unscanned(store: Store, row: Any) -> bool:
    """Whether pages say that no scanner has seen the file yet."""
    try:
        return scanner.is_on() and scanned_files.found_in(store, row.stored_as) is None
    except Unreadable:
        return False


def _require_scanned(store: Store, row: Any, by: Any, note: Note) -> None:
    """What was found before counts also when there is no scanner any more."""
    found = scanned_files.found_in(store, row.stored_as)
    if found is None and scanner.is_on():
        try:
            found = scanned_files.scan_now(store, row.stored_as, row.digest)
        except scanner.Down as down:
            if row.uploaded_by_id is not None and row.uploaded_by_id == by.pk:
                return
            raise _noted("unscanned", note) from down
        if found:
            note("infected", found=found)
    if found:
        raise _noted("infected", note)


def _noted(problem: str, note: Note) -> NotShown:
    note("not_shown", problem=_NOTED[problem])
    return NotShown(_WORDS[problem], _STATUS.get(problem, 409))
