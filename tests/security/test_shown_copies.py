"""What people see of a file that somebody handed in: a copy that does nothing, while the original rests sealed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pillow_heif
import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from portal.audit.models import Entry
from portal.cases.evidence import files
from portal.cases.models import Evidence
from portal.file_formats import HEIC, JPEG, OFD, PDF, PNG
from portal.file_inspection import FileRefused, Shown, inspect, shown_of, sm3
from portal.shown_copies import copy_of
from tests.cases.conftest import pdf, picture, takes_evidence, upload
from tests.cases.test_evidence import case, encrypted_pdf, handed_in
from tests.cases.test_evidence_formats import archive

__all__ = ["case", "takes_evidence"]
N, D, A = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array


def document(spoil: Callable[[pikepdf.Pdf, Any], None]) -> bytes:
    """A page with a line drawn on it, spoilt."""
    made, out = pikepdf.new(), io.BytesIO()
    page = made.add_blank_page()
    page.Contents = made.make_stream(b"0 0 m 100 100 l S")
    spoil(made, page.obj)
    made.save(out, deterministic_id=True)
    return out.getvalue()


def action(kind: str, **more: Any) -> Any:
    return D(Type=N.Action, S=N("/" + kind), **more)


def in_catalogue(made: Any, page: Any) -> None:
    made.Root.OpenAction = action("URI", URI="http://evil.example/")
    made.Root.AA = D(WC=action("GoToR", F="other.pdf", D=A([0, N.Fit])))
    made.Root.Names = D(Dests=D(Names=A(["x", A([page, N.Fit])])))
    made.Root.URI = D(Base="http://evil.example/")


def in_a_page(made: Any, page: Any) -> None:
    page.AA = D(O=action("SubmitForm", F="http://evil.example/"))
    link = D(
        Type=N.Annot, Subtype=N.Link, Rect=A([0, 0, 50, 50]), A=action("URI", URI="http://evil.example/")
    )
    page.Annots = A([made.make_indirect(link)])


def in_a_form(made: Any, page: Any) -> None:
    field = made.make_indirect(
        D(
            Type=N.Annot,
            Subtype=N.Widget,
            FT=N.Btn,
            T="go",
            Rect=A([0, 0, 50, 50]),
            A=action("SubmitForm", F="http://evil.example/"),
        )
    )
    page.Annots = A([field])
    made.Root.AcroForm = D(Fields=A([field]))


def in_outlines_and_threads(made: Any, page: Any) -> None:
    entry = made.make_indirect(D(Title="x", A=action("GoToR", F="other.pdf")))
    made.Root.Outlines = made.make_indirect(D(First=entry, Last=entry, Count=1))
    made.Root.Threads = A([made.make_indirect(D(I=D(Title="x")))])


def in_what_is_drawn(made: Any, page: Any) -> None:
    """A picture whose data lie in another file, and a form that stands for a page of one."""
    elsewhere = made.make_stream(b"", Type=N.XObject, Subtype=N.Form, BBox=A([0, 0, 1, 1]))
    elsewhere.F = "http://evil.example/picture"
    elsewhere.Ref = D(F="other.pdf", Page=0)
    elsewhere.Metadata = made.make_stream(b"<x/>")
    page.Resources = D(XObject=D(A=elsewhere))


ACTING = {
    "the catalogue": in_catalogue,
    "a page": in_a_page,
    "a form": in_a_form,
    "outlines and threads": in_outlines_and_threads,
    "what is drawn": in_what_is_drawn,
}
TRACES = (
    b"evil.example",
    b"other.pdf",
    b"/URI",
    b"/GoToR",
    b"/SubmitForm",
    b"/AA",
    b"/OpenAction",
    b"/Annots",
)


def unpacked(content: bytes) -> bytes:
    """Everything of a document in the clear."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as made:
        made.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
        )
    return out.getvalue()


@pytest.mark.parametrize("spoil", ACTING.values(), ids=ACTING)
def test_a_document_that_points_elsewhere_is_taken_and_shown_without(spoil: Any) -> None:
    given_in = document(spoil)
    taken = inspect(upload(given_in))
    assert taken.content == given_in
    shown = unpacked(taken.shown.content)
    assert not [trace for trace in TRACES if trace in shown]
    assert b"100 100 l" in shown


def scripted(made: Any, page: Any) -> None:
    in_catalogue(made, page)
    made.Root.OpenAction = action("JavaScript", JS="app.alert(1)")
    made.Root.AcroForm = D(Fields=A([]), XFA=made.make_stream(b"<xdp/>"))
    made.attachments["a.exe"] = b"MZ"


def test_one_of_earlier_years_that_acts_is_shown_without() -> None:
    """It was taken before anybody looked; what comes today is refused."""
    content = document(scripted)
    with pytest.raises(FileRefused, match="脚本"):
        inspect(upload(content))
    shown = unpacked(shown_of(content, PDF, name="旧.pdf", check=False).content)
    assert not [
        trace for trace in (*TRACES, b"JavaScript", b"/XFA", b"EmbeddedFile", b"/EF") if trace in shown
    ]


def test_seals_and_what_was_filled_in_become_part_of_the_page() -> None:
    def sealed(made: Any, page: Any) -> None:
        look = made.make_stream(
            b"1 0 0 rg 0 0 30 30 re f", Type=N.XObject, Subtype=N.Form, BBox=A([0, 0, 30, 30])
        )
        seal = D(Type=N.Annot, Subtype=N.Stamp, Rect=A([10, 10, 40, 40]), F=4, AP=D(N=look))
        page.Annots = A([made.make_indirect(seal)])

    shown = unpacked(inspect(upload(document(sealed))).shown.content)
    assert b"1 0 0 rg" in shown and b"/Annots" not in shown and b"/Stamp" not in shown


def test_a_copy_made_twice_is_the_same_and_what_is_hung_on_is_left_out() -> None:
    content = document(in_a_page) + b"PK\x03\x04 an archive behind it <script>alert(1)</script>"
    first, second = (shown_of(content, PDF, name="x.pdf") for _ in range(2))
    assert first == second and b"script" not in unpacked(first.content)


def test_an_owners_password_is_none_and_a_users_is_said(tmp_path: Path) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document(in_a_page))) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="owner", user=""))
    shown = inspect(upload(out.getvalue())).shown.content
    with pikepdf.open(io.BytesIO(shown)) as copy:
        assert not copy.is_encrypted
    with pytest.raises(FileRefused, match="打开时要输入密码。请取消打开密码"):
        inspect(upload(encrypted_pdf()))


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (b"<html><script>alert(1)</script>", "网页"),
        (b"GIF89a", "GIF"),
        (b"MZ", "程序"),
        (b"x", "夹有其他内容"),
    ],
)
def test_a_document_that_begins_late_is_told_so(before: bytes, says: str) -> None:
    with pytest.raises(FileRefused) as refused:
        inspect(upload(before + pdf()))
    assert says in str(refused.value) and "PDF" in str(refused.value)


# -- pictures ------------------------------------------------------------------------------------------------
def photograph(kind: str = "JPEG", *, turned: int = 6, profile: bytes | None = None) -> bytes:
    """A red and a blue half, lying on its side, with a place and a camera's name."""
    shot = Image.new("RGB", (80, 40), "red")
    shot.paste((0, 0, 255), (40, 0, 80, 40))
    notes = shot.getexif()
    notes[0x0112], notes[0x010F] = turned, "CAMERA-SECRET"
    notes.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    more = {"comment": b"COMMENT-SECRET"} if kind == "JPEG" else {}
    shot.save(out, kind, exif=notes.tobytes(), icc_profile=profile, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_drawn_anew_upright_and_without_what_the_camera_noted(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    taken = inspect(upload(photograph(kind, profile=profile)))
    shown = taken.shown.content
    assert b"SECRET" in taken.content and b"SECRET" not in shown
    with Image.open(io.BytesIO(shown)) as copy:
        assert copy.size == (40, 80) and not dict(copy.getexif()) and "icc_profile" not in copy.info
        red, blue = copy.convert("RGB").getpixel((20, 10)), copy.convert("RGB").getpixel((20, 70))
    assert red[0] > 200 > red[2] and blue[2] > 200 > blue[0]


def test_a_telephones_picture_is_kept_and_shown_as_one_that_browsers_know() -> None:
    out = io.BytesIO()
    pillow_heif.register_heif_opener()
    Image.new("RGB", (64, 48), "red").save(out, "HEIF")
    taken = inspect(upload(out.getvalue(), "IMG_0001.HEIC"))
    assert (taken.content_type, taken.name, taken.shown.kind) == (HEIC, "IMG_0001.HEIC", JPEG)
    with Image.open(io.BytesIO(taken.shown.content)) as copy:
        assert copy.format == "JPEG" and copy.size == (64, 48)


def test_pictures_are_bounded_in_what_they_unpack_to() -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < 500_000
    with pytest.raises(FileRefused, match="尺寸过大（30000×30000）"):
        inspect(upload(out.getvalue()))
    large = picture("JPEG", (6000, 5000))
    with Image.open(io.BytesIO(inspect(upload(large)).shown.content)) as copy:
        assert copy.size[0] * copy.size[1] <= 16_000_000 and copy.size[0] > 3000


@pytest.mark.parametrize("hung_on", [b"<script>alert(1)</script>", b"PK\x03\x04", b"<?php system($_GET[0]);"])
def test_what_is_hung_on_a_picture_is_not_shown(hung_on: bytes) -> None:
    for kind, made in ((JPEG, picture("JPEG")), (PNG, picture("PNG"))):
        shown = inspect(upload(made + hung_on)).shown
        assert shown.kind == kind and hung_on not in shown.content


@given(st.sampled_from(["JPEG", "PNG", "PDF"]), st.integers(0, 1000), st.binary(max_size=6), st.booleans())
@settings(max_examples=12, deadline=None)
def test_what_is_cut_or_changed_is_shown_or_refused_in_words(
    kind: str, at: int, other: bytes, cut: bool
) -> None:
    whole = pdf() if kind == "PDF" else picture(kind)
    place = at * len(whole) // 1001
    content = whole[:place] if cut else whole[:place] + other + whole[place + len(other) :]
    if not content:
        return
    try:
        assert isinstance(inspect(upload(content)).shown, Shown)
    except FileRefused as refused:
        assert str(refused).endswith("。")


# -- kept and handed out -------------------------------------------------------------------------------------
def test_the_original_rests_sealed_with_its_digests_and_the_copy_beside_it(case: Any, clerk: Any) -> None:
    content = document(in_a_page)
    kept = handed_in(case, clerk, content)
    copy = copy_of(files.STORE, kept.stored_as, digest=kept.digest, kind=PDF, name="x")
    assert copy.digests["of"] == {"sha256": hashlib.sha256(content).hexdigest(), "sm3": sm3(content)}
    assert copy.digests["sha256"] == hashlib.sha256(copy.content).hexdigest() != kept.digest
    for path in (files.path_of(kept.stored_as), files.STORE.beside(kept.stored_as, "shown")):
        sealed = path.read_bytes()
        assert b"%PDF" not in sealed and b"sha256" not in sealed and path.stat().st_mode & 0o077 == 0


def test_the_page_shows_the_copy_and_only_who_reviews_or_audits_has_the_original(
    case: Any, clerk: Any, cast: Any, worker_user: Any, as_user: Any
) -> None:
    content = document(in_a_page)
    kept = handed_in(case, clerk, content)
    shown = as_user(clerk).get(reverse("window:evidence", args=[kept.pk]))
    assert shown.status_code == 200 and b"evil.example" not in unpacked(shown.content)
    address = reverse("window:evidence_original", args=[kept.pk])
    for person in (clerk, worker_user):
        assert as_user(person).get(address).status_code == 403
    assert as_user(cast("baotou_reviewer")).get(address).status_code == 404
    for who in ("reviewer", "auditor"):
        answer = as_user(cast(who)).get(address)
        assert answer.content == content
        assert answer["Content-Disposition"].startswith("attachment")
        assert (
            answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
        )
    noted = Entry.objects.filter(action="evidence.original")
    assert noted.count() == 2 and noted[0].detail["digest"] == kept.digest


def test_a_certificate_that_no_browser_shows_is_saved(case: Any, clerk: Any, as_user: Any) -> None:
    kept = handed_in(case, clerk, archive("OFD.xml", "Doc_0/Document.xml"), name="证照.pdf")
    assert (kept.content_type, kept.file_name) == (OFD, "证照.ofd")
    answer = as_user(clerk).get(reverse("window:evidence", args=[kept.pk]))
    assert answer["Content-Disposition"].startswith("attachment") and answer["Content-Type"] == OFD
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_file_of_an_earlier_release_gets_its_copy_when_it_is_opened_or_by_night(
    case: Any, clerk: Any
) -> None:
    opened, by_night = handed_in(case, clerk, pdf("1")), handed_in(case, clerk, pdf("2"))
    copies = [files.STORE.beside(kept.stored_as, "shown") for kept in (opened, by_night)]
    before = [path.read_bytes() for path in copies]
    for path in copies:
        path.unlink()
    assert files.open_file(opened, by=clerk).kind == PDF
    assert files.make_copies() == 1 and files.make_copies() == 0
    assert all(path.exists() for path in copies) and [path.read_bytes() for path in copies] != before


@pytest.mark.parametrize("what", ["original", "copy"])
@pytest.mark.parametrize("how", ["gone", "changed", "of another"])
def test_a_file_that_is_not_what_it_was_is_said_and_noted(
    case: Any, clerk: Any, cast: Any, as_user: Any, what: str, how: str
) -> None:
    kept, other = handed_in(case, clerk, pdf("1")), handed_in(case, clerk, pdf("2"))

    def lies_at(evidence: Evidence) -> Path:
        return (
            files.path_of(evidence.stored_as)
            if what == "original"
            else files.STORE.beside(evidence.stored_as, "shown")
        )

    if how == "gone":
        lies_at(kept).unlink()
    elif how == "changed":
        sealed = bytearray(lies_at(kept).read_bytes())
        sealed[-20] ^= 1
        lies_at(kept).write_bytes(sealed)
    else:
        lies_at(kept).write_bytes(lies_at(other).read_bytes())
    name = "window:evidence_original" if what == "original" else "window:evidence"
    answer = as_user(cast("reviewer")).get(reverse(name, args=[kept.pk]))
    if what == "copy" and how == "gone":
        assert answer.status_code == 200
        return
    assert answer.status_code == (404 if how == "gone" else 409)
    said = answer.content.decode()
    assert ("不在存储中" if how == "gone" else "与提交时不一致") in said and "重新上传" in said
    noted = Entry.objects.get(action="evidence.not_shown")
    assert noted.detail["problem"] == ("文件缺失" if how == "gone" else "摘要不符")
