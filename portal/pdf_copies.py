"""A PDF as it is shown: its pages and what is drawn on them, and nothing that acts, points elsewhere or carries other
files. Only `portal.file_opening` opens one.

What stays is listed, not what goes. Stamps, seals and filled-in fields become part of the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pikepdf.settings

from portal.file_faults import DAMAGED_PDF, Fault

_MOST_OBJECTS = 200_000
_MOST_PAGES = 2_000
# Keys and kinds of objects by which a PDF acts, or carries other files past this check.
_ACTING = {"/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF"}
_ACTING_KINDS = {"/JavaScript", "/Launch", "/ImportData", "/RichMedia", "/EmbeddedFile", "/FileAttachment"}
_ACTIONS = {
    "/GoTo", "/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/URI", "/Sound", "/Movie", "/Hide", "/Named",
    "/SubmitForm", "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition", "/Trans",
    "/GoTo3DView", "/RichMediaExecute",
}  # fmt: skip
_OF_ROOT = {"/Type", "/Pages", "/OCProperties"}
_OF_LAYERS = {"/BaseState", "/ON", "/OFF"}
_OF_PAGES = {"/Type", "/Parent", "/Kids", "/Count", "/Resources", "/MediaBox", "/CropBox", "/Rotate"}
_OF_PAGE = {
    "/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/UserUnit", "/Group",
}  # fmt: skip
# Of a stream: data that lie in another file, other forms of a picture, and what programs note for themselves.
_NOT_OF_STREAM = {
    "/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI", "/AF", "/Metadata", "/PieceInfo", "/Alternates", "/A", "/AA",
}  # fmt: skip
# A small file must not unpack to gigabytes.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=256 << 20, png_max_memory=256 << 20, run_length_max_memory=256 << 20
)


def copy_of(content: bytes, *, check: bool) -> bytes:
    """The copy that is shown. Whatever opens without a password is read, also when its owner has one against changes.
    With `check`, a document that would run programs or carries other files is refused. Raises Fault.
    """
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if len(pdf.pages) == 0:
                raise Fault("没有内容，请重新生成后上传。")
            if len(pdf.pages) > _MOST_PAGES or len(pdf.objects) > _MOST_OBJECTS:
                raise Fault("过于复杂，请打印后重新扫描上传。")
            if check:
                _check_passive(pdf)
            copy = _without_actions(pdf)
        with pikepdf.open(io.BytesIO(copy), suppress_warnings=True) as shown:
            if left := acting_parts(shown):
                raise Fault(f"含有无法去除的内容（{left[0]}），请打印为普通PDF或扫描后上传。")
    except pikepdf.PasswordError as error:
        raise Fault("已加密，打开时要输入密码。请取消打开密码后再上传。") from error
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError) as error:
        raise Fault(DAMAGED_PDF) from error
    return copy


def _without_actions(pdf: pikepdf.Pdf) -> bytes:
    if "/AcroForm" in pdf.Root:
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")
    for page in pdf.pages:
        _keep_only(page.obj, _OF_PAGE)
        above, steps = page.obj.get("/Parent"), 0
        while isinstance(above, pikepdf.Dictionary) and steps < 64:
            _keep_only(above, _OF_PAGES)
            above, steps = above.get("/Parent"), steps + 1
    _keep_only(pdf.Root, _OF_ROOT)
    _keep_layers(pdf)
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for part in list(_containers(pdf)):
        for key in list(part.keys()):
            value = part[key]
            if (
                isinstance(part, pikepdf.Stream)
                and key in _NOT_OF_STREAM
                or _is_action(value)
                or _is_file(value)
            ):
                del part[key]
    out = io.BytesIO()
    pdf.save(
        out,
        encryption=False,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        fix_metadata_version=False,
    )
    return out.getvalue()


def _keep_only(part: pikepdf.Object, keys: set[str]) -> None:
    for key in list(part.keys()):
        if key not in keys:
            del part[key]


def _keep_layers(pdf: pikepdf.Pdf) -> None:
    """Which layers are drawn stays as the document says; that others can be chosen does not."""
    layers = pdf.Root.get("/OCProperties")
    if not isinstance(layers, pikepdf.Dictionary):
        return
    _keep_only(layers, {"/OCGs", "/D"})
    if isinstance(layers.get("/D"), pikepdf.Dictionary):
        _keep_only(layers.D, _OF_LAYERS)


def acting_parts(pdf: pikepdf.Pdf) -> list[str]:
    """What in a document acts or leads elsewhere: nothing, in a copy that is shown."""
    found = [f"Root{key}" for key in pdf.Root.keys() if key not in _OF_ROOT]  # noqa: SIM118 (no mapping)
    for page in pdf.pages:
        found += [f"Page{key}" for key in page.obj.keys() if key not in _OF_PAGE]  # noqa: SIM118
    for part in _containers(pdf):
        for key in part.keys():  # noqa: SIM118
            if _is_action(part[key]) or _is_file(part[key]):
                found.append(str(key))
    return found


def _containers(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary and stream of a document, with those that stand directly in another."""
    rest: list[Any] = list(pdf.objects)
    seen = 0
    while rest:
        part = rest.pop()
        seen += 1
        if seen > 4 * _MOST_OBJECTS:
            raise Fault("过于复杂，请打印后重新扫描上传。")
        if isinstance(part, pikepdf.Array):
            rest.extend(item for item in part if _holds_more(item))
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            rest.extend(part[key] for key in part.keys() if _holds_more(part[key]))  # noqa: SIM118


def _is_action(value: Any) -> bool:
    if not isinstance(value, pikepdf.Dictionary):
        return False
    kind = value.get("/S")
    return isinstance(kind, pikepdf.Name) and str(kind) in _ACTIONS


def _is_file(value: Any) -> bool:
    if not isinstance(value, pikepdf.Dictionary):
        return False
    return "/EF" in value or str(value.get("/Type", "")) in {"/Filespec", "/F"}


def _holds_more(value: Any) -> bool:
    """Direct containers only: whatever is indirect is among the objects already."""
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def _check_passive(pdf: pikepdf.Pdf) -> None:
    """Refuse a document that runs programs or carries other files: every object of it, and the trailer."""
    for part in (pdf.trailer, *_containers(pdf)):
        for key in part.keys():  # noqa: SIM118
            if _acts(key, part[key]):
                raise Fault("含有脚本、动态表单或附带的其他文件，不能接收。请打印为普通PDF或扫描后上传。")


def _acts(key: str, value: Any) -> bool:
    """Whether an entry of an object makes the document act, or carries another file."""
    if key in _ACTING:
        return True
    names_a_kind = key in {"/S", "/Subtype", "/Type"} and isinstance(value, pikepdf.Name)
    return names_a_kind and str(value) in _ACTING_KINDS
