"""Letters to PDF: many in one layout run, split into one PDF/A-2u file each.

Laying out 50 letters in one document and subsetting each font once is what makes a letter cost some 30 ms
instead of seconds. Splitting drops what makes a file PDF/A (metadata, output intent, language, title), so
each file gets its own.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.sax.saxutils import escape

import pikepdf
import segno
from django.conf import settings
from django.utils import timezone
from pikepdf import Array, Dictionary, Name, Object, Stream, String
from weasyprint import CSS, HTML, Document
from weasyprint import __version__ as weasyprint_version
from weasyprint.urls import URLFetcher

from portal import sealed_files
from portal.letters import fonts
from portal.letters.sheets import TOGETHER, Built, Sheet

PDF_VARIANT = "pdf/a-2u"
RENDERER = f"weasyprint {weasyprint_version}, pikepdf {pikepdf.__version__}"


def _signature_rule(count: int) -> str:
    """The width of the signature block by the number of characters of the issuer's name: see `.signed` in
    letter.css.
    """
    width = max(count, 8)
    margin = max(0.0, 4 - max(0.0, count - 7.5) / 2)
    return f".sign-{count} {{ width: {width}em; margin-right: {margin}em; }}\n"


_SIGNATURE_WIDTHS = "".join(_signature_rule(count) for count in range(1, 29))


@contextmanager
def _no_collection() -> Iterator[None]:
    # Layout makes millions of objects and no garbage cycles worth looking for meanwhile.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _stylesheet(style: str) -> str:
    path = Path(settings.BASE_DIR) / "templates" / "letters" / f"{style}.css"
    source = path.read_text(encoding="utf-8")
    if style == "letter":
        source += _SIGNATURE_WIDTHS
    return source


def _lay_out(
    html: str, style: str, title: str, *, read: Callable[[], str] | None = None, also: str = ""
) -> Document:
    configuration, sheet = fonts.setting(style, read or (lambda: _stylesheet(style)))
    sheets = [sheet, CSS(string=also)] if also else [sheet]
    head = f"<head><title>{escape(title)}</title></head>"
    page = HTML(string=f'<html lang="zh-CN">{head}<body>{html}</body></html>', url_fetcher=_Nothing())
    return page.render(stylesheets=sheets, font_config=configuration, pdf_variant=PDF_VARIANT)


class _Nothing(URLFetcher):
    """A letter is made of text and drawings only: nothing a person typed can make the renderer open a file or
    an address.
    """

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        raise ValueError(f"a letter may not load {url[:40]}")


def _written(document: Document) -> pikepdf.Pdf:
    pdf = pikepdf.open(io.BytesIO(document.write_pdf(pdf_variant=PDF_VARIANT)))
    # The last guard behind `ensure_drawable`: the renderer itself notes every character it had no glyph for.
    for font in document.fonts.values():
        for code_point in font.missing:
            raise fonts.UndrawableCharacter(chr(code_point))
    return pdf


def xmp(title: str, author: str, created: datetime) -> bytes:
    """The metadata packet of a PDF/A-2u file; the same facts stand in its document information."""
    moment = timezone.localtime(created).isoformat(timespec="seconds")
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>{escape(RENDERER)}</pdf:Producer>
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>""".encode()


def _declare(pdf: pikepdf.Pdf, title: str, author: str, created: datetime, profile: Object) -> None:
    """Give the file what PDF/A-2u asks for: identification, output intent, language; and a title in the
    window bar.
    """
    root = pdf.Root
    root.Metadata = Stream(pdf, xmp(title, author, created), Type=Name.Metadata, Subtype=Name.XML)
    root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=profile,
            )
        ]
    )
    root.Lang = String("zh-CN")
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    moment = timezone.localtime(created).strftime("D:%Y%m%d%H%M%S%z")
    moment = f"{moment[:-2]}'{moment[-2:]}'"
    info = {
        "/Title": title,
        "/Author": author,
        "/Producer": RENDERER,
        "/CreationDate": moment,
        "/ModDate": moment,
    }
    for key, value in info.items():
        pdf.docinfo[key] = value


def _saved(pdf: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    # PDF/A-2 wants the identifier in the trailer; from the content, so that the same letter gives the same
    # file.
    pdf.save(
        target,
        deterministic_id=True,
        compress_streams=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        recompress_flate=False,
        min_version="1.7",
    )
    return target.getvalue()


def qr_drawing(text: str, x: float, y: float, side: float) -> bytes:
    """Page content that draws the QR code of `text` as a square of `side` points whose lower left corner is
    at (x, y).
    """
    # A fixed mask spares the search for the prettiest one; readers take the mask from the code itself.
    modules = segno.make(text, error="m", mask=2, boost_error=False, micro=False).matrix
    unit = side / len(modules)
    parts = [f"\nq 0 0 0 rg {unit:.4f} 0 0 {-unit:.4f} {x:.3f} {y + side:.3f} cm"]
    for row, line in enumerate(modules):
        column = 0
        for dark, run in groupby(line):
            length = len(list(run))
            if dark:
                parts.append(f"{column} {row} {length} 1 re")
            column += length
    parts.append("f Q\n")
    return "\n".join(parts).encode()


def _draw_qr(pdf: pikepdf.Pdf, document: Document, first: int, last: int, sheet: Sheet) -> None:
    for index in range(first, last):
        place = document.pages[index].anchors.get(f"{sheet.anchor}-qr")
        if place is None:
            continue
        # Anchors are in CSS pixels from the top left corner; a page is in points from the bottom left.
        left, top, right, bottom = (value * 0.75 for value in place)
        page = pdf.pages[index - first]
        height = float(page.mediabox[3])
        drawing = qr_drawing(sheet.qr, left, height - bottom, right - left)
        # Streams around the page's own one, which stays compressed as it is.
        page.Contents = Array([pdf.make_stream(b"q\n"), page.Contents, pdf.make_stream(b"\nQ" + drawing)])


def _first_pages(document: Document, sheets: Sequence[Sheet]) -> list[int]:
    """Index of the first page of each sheet, and the number of pages behind them."""
    where: dict[str, int] = {}
    for index, page in enumerate(document.pages):
        for anchor in page.anchors:
            where.setdefault(anchor, index)
    return [*(where[sheet.anchor] for sheet in sheets), len(document.pages)]


def _split(document: Document, sheets: Sequence[Sheet]) -> list[Built]:
    starts = _first_pages(document, sheets)
    built = []
    with _written(document) as whole:
        profile = whole.Root.OutputIntents[0].DestOutputProfile
        for number, sheet in enumerate(sheets):
            first, last = starts[number], starts[number + 1]
            with pikepdf.new() as single:
                single.pages.extend(whole.pages[first:last])
                if sheet.qr:
                    _draw_qr(single, document, first, last, sheet)
                _declare(single, sheet.title, sheet.author, sheet.created, single.copy_foreign(profile))
                built.append(Built(_saved(single), last - first))
    return built


def render(sheets: Sequence[Sheet]) -> list[Built]:
    """One PDF/A-2u file for each sheet, in their order. All must share one style; TOGETHER of them are laid
    out at a time.

    Raises `fonts.UndrawableCharacter` when any sheet holds a character without a glyph: check with
    `fonts.ensure_drawable` beforehand to know which one.
    """
    built: list[Built] = []
    with _no_collection():
        for start in range(0, len(sheets), TOGETHER):
            part = sheets[start : start + TOGETHER]
            for sheet in part:
                fonts.ensure_drawable(sheet.html + sheet.title)
            document = _lay_out("".join(sheet.html for sheet in part), part[0].style, part[0].title)
            built.extend(_split(document, part))
    return built


def _part(
    html: str, first_page: int, *, style: str, extra: str, replace: Mapping[str, str], title: str
) -> pikepdf.Pdf:
    """A part of a long document, its pages numbered from `first_page`."""

    def stylesheet() -> str:
        source = _stylesheet(style) + extra
        for word, value in replace.items():
            source = source.replace(word, value)
        return source

    fonts.ensure_drawable(html + title)
    variant = f"{style} {hash((extra, tuple(replace.items())))}"
    start = f"@page :first {{ counter-reset: page {first_page}; }}"
    return _written(_lay_out(html, variant, title, read=stylesheet, also=start))


def render_parts(
    parts: Iterable[str],
    style: str,
    *,
    extra: str = "",
    replace: Mapping[str, str] | None = None,
    title: str,
    author: str,
    created: datetime,
) -> Built:
    """One document laid out in parts, such as a long list, with page numbers that run through.

    `extra` is put behind the stylesheet, and `replace` is replaced in it: what differs from one list to the
    next.
    """
    with pikepdf.new() as whole, _no_collection():
        profile = None
        for html in parts:
            page = len(whole.pages) + 1
            with _part(html, page, style=style, extra=extra, replace=replace or {}, title=title) as pdf:
                profile = profile or whole.copy_foreign(pdf.Root.OutputIntents[0].DestOutputProfile)
                whole.pages.extend(pdf.pages)
        if profile is None:
            raise ValueError("a document has at least one part")
        _declare(whole, title, author, created, profile)
        return Built(_saved(whole), len(whole.pages))


def write_parts(
    parts: Iterable[tuple[int, str]],
    style: str,
    *,
    folder: str,
    target: str,
    made: Callable[[int], None],
    extra: str = "",
    replace: Mapping[str, str] | None = None,
    title: str,
    author: str,
    created: datetime,
) -> int:
    """render_parts for what is too long for the memory: every part goes through a file of its own in
    `folder`, encrypted (portal.sealed_files).

    `parts` are (what `made` is told once the part is there, HTML). Parts that are in `folder` already are
    taken as they are. The finished document replaces `target` at once; returns its number of pages.
    """
    names: list[str] = []
    pages = 0
    for number, (done, html) in enumerate(parts, start=1):
        name = f"{folder}/{number:04}.pdf"
        if not sealed_files.path_of(name).is_file():
            # The garbage of a layout is collected part by part, or it would add up. All of it is young: nothing
            # was collected meanwhile.
            with (
                _no_collection(),
                _part(html, pages + 1, style=style, extra=extra, replace=replace or {}, title=title) as pdf,
                sealed_files.writing(name, made=True) as file,
            ):
                pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            gc.collect(0)
        with pikepdf.open(io.BytesIO(sealed_files.read(name))) as pdf:
            pages += len(pdf.pages)
        names.append(name)
        made(done)
    with sealed_files.writing(target, made=True) as file:
        join(map(sealed_files.read, names), file, title=title, author=author, created=created)
    return pages


def join(
    files: Iterable[bytes],
    target: BinaryIO,
    *,
    title: str,
    author: str,
    created: datetime,
    double_sided: bool = False,
) -> int:
    """Write the letters in `files`, PDFs, into one file for the printer, in their order; returns its number of
    pages.

    `double_sided` puts an empty page behind a letter with an odd number of pages, so that none begins on
    another's back.
    """
    with pikepdf.new() as whole:
        profile = None
        for content in files:
            with pikepdf.open(io.BytesIO(content)) as single:
                if profile is None:
                    profile = whole.copy_foreign(single.Root.OutputIntents[0].DestOutputProfile)
                whole.pages.extend(single.pages)
                if double_sided and len(single.pages) % 2:
                    box = single.pages[-1].mediabox
                    whole.add_blank_page(page_size=(float(box[2]), float(box[3])))
        if profile is None:
            raise ValueError("there is no letter to print")
        _declare(whole, title, author, created, profile)
        count = len(whole.pages)
        whole.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version="1.7")
        return count
