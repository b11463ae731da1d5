"""Fonts: official faces first, one conversion for ever, no character without a glyph."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest
from fontTools import subset
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from portal.letters import fonts, outlines, tasks

ROOT = Path(__file__).resolve().parent.parent.parent
WORDS = "内蒙古自治区人力资源和社会保障厅〔2026〕1号"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped serif face with a few characters only, so that a conversion takes no time."""
    font = TTFont(pylopdf_fonts_zh_cn.serif_path())
    chooser = subset.Subsetter(subset.Options(notdef_outline=True))
    chooser.populate(text=WORDS)
    chooser.subset(font)
    path = tmp_path_factory.mktemp("fonts") / "small.otf"
    font.save(path)
    return path


@pytest.fixture
def own_cache(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Path) -> Path:
    """A cache of its own, with the small face in the place of the shipped ones."""
    settings.VAR_DIR, settings.FONT_DIR = tmp_path / "var", tmp_path / "office"
    faces = (
        fonts._Source(fonts.SONG, small, 0),
        fonts._Source(fonts.HEADING, small, 34),
        fonts._Source(fonts.HEI, small, 0),
    )
    monkeypatch.setattr(fonts, "_sources", lambda: faces)
    return fonts.cache_dir()


def area(path: Path, character: str) -> float:
    font = TTFont(path)
    glyphs = font.getGlyphSet()
    pen = AreaPen(glyphs)
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return abs(pen.value)


def test_a_converted_font_draws_the_same_shapes_with_truetype_outlines(small: Path, tmp_path: Path) -> None:
    outlines.convert(small, tmp_path / "out.ttf", family="JHT Song")
    font = TTFont(tmp_path / "out.ttf")
    assert "glyf" in font and "CFF " not in font and font.sfntVersion == "\0\1\0\0"
    assert set(font.getBestCmap()) == set(TTFont(small).getBestCmap())
    plain = TTFont(small)
    assert [font["hmtx"][n][0] for n in font.getGlyphOrder()] == [
        plain["hmtx"][n][0] for n in plain.getGlyphOrder()
    ]
    for character in WORDS:
        assert area(tmp_path / "out.ttf", character) == pytest.approx(area(small, character), rel=0.01)


def test_the_heading_face_is_heavier_and_draws_every_stroke(small: Path, tmp_path: Path) -> None:
    outlines.convert(small, tmp_path / "bold.ttf", family="JHT Heading", heavier=34)
    for character in "内蒙古厅":
        assert 1.15 < area(tmp_path / "bold.ttf", character) / area(small, character) < 2.2
    glyphs = TTFont(tmp_path / "bold.ttf").getGlyphSet()
    plain = TTFont(small).getGlyphSet()
    for name in plain.keys() & glyphs.keys():
        before, after = RecordingPen(), RecordingPen()
        plain[name].draw(before)
        glyphs[name].draw(after)
        contours = [sum(operator == "closePath" for operator, _ in pen.value) for pen in (before, after)]
        assert contours[0] == contours[1], name


def test_preparing_goes_from_preparing_to_ready_and_is_done_once(own_cache: Path) -> None:
    assert fonts.status() == "preparing"
    assert fonts.shipped_faces()[0].path.suffix == ".otf"
    tasks.prepare_fonts()
    assert fonts.status() == "ready"
    made = {path: path.stat().st_mtime_ns for path in own_cache.glob("*.ttf")}
    assert len(made) == 3 and {face.path for face in fonts.shipped_faces()} == set(made)
    tasks.prepare_fonts()
    fonts.prepare()
    assert {path: path.stat().st_mtime_ns for path in own_cache.glob("*.ttf")} == made


def test_missing_shipped_fonts_are_told(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_sources", lambda: (fonts._Source(fonts.SONG, own_cache / "none.otf", 0),))
    assert fonts.status() == "missing"


def test_only_one_process_prepares_at_a_time(own_cache: Path) -> None:
    with fonts._sole() as alone:
        assert alone
        assert fonts.prepare() is False
    assert fonts.prepare() is True


PREPARING = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(VAR_DIR=Path(sys.argv[1]), FONT_DIR=Path(sys.argv[1]))
from portal.letters import fonts, outlines
source = Path(sys.argv[2])
fonts._sources = lambda: (fonts._Source(fonts.SONG, source, 0),)
def slow(source, target, **options):
    target.write_bytes(b"half a font")
    print("writing", flush=True)
    import time; time.sleep(60)  # killed long before, in the middle of writing
outlines.convert = slow
fonts.prepare()
"""


@pytest.mark.kill
def test_a_kill_while_preparing_leaves_no_half_font(own_cache: Path, small: Path, settings) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARING, str(settings.VAR_DIR), str(small)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert fonts.status() == "preparing" and len(list(own_cache.glob("*.part"))) == 1
    assert fonts.prepare() is True
    assert fonts.status() == "ready" and not list(own_cache.glob("*.part"))


def test_folders_of_processes_that_are_gone_are_removed(own_cache: Path) -> None:
    own = fonts._own_folder()
    gone = own_cache / "in-use-gone"
    gone.mkdir()
    (gone / "font").write_bytes(b"x" * 10)
    assert fonts._own_folder() != own
    assert own.is_dir() and not gone.exists()


def test_official_faces_come_first_and_are_taken_from_the_folder(
    own_cache: Path, small: Path, settings
) -> None:
    assert fonts.stacks()["body"].startswith('"仿宋_GB2312"') and fonts.stacks()["heading"].startswith(
        '"方正小标宋简体"'
    )
    Path(settings.FONT_DIR).mkdir(parents=True)
    font = TTFont(small)
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = "FangSong_GB2312"
    font.save(Path(settings.FONT_DIR) / "simfang.ttf")
    (Path(settings.FONT_DIR) / "broken.ttf").write_bytes(b"no font at all")
    assert [(face.family, face.path.name) for face in fonts.office_faces()] == [
        ("FangSong_GB2312", "simfang.ttf")
    ]
    assert "simfang.ttf" in fonts.face_rules()


def test_a_wide_font_in_the_folder_makes_a_rare_character_drawable(
    own_cache: Path, settings, monkeypatch
) -> None:
    monkeypatch.setattr(fonts, "_machine_family", lambda character: None)
    with pytest.raises(fonts.UndrawableCharacter) as caught:
        fonts.ensure_drawable("王喆")
    assert caught.value.code_point in str(caught.value)
    Path(settings.FONT_DIR).mkdir(parents=True)
    shutil.copy(pylopdf_fonts_zh_cn.serif_path(), Path(settings.FONT_DIR) / "wide.otf")
    fonts.ensure_drawable("王喆")
    assert "Noto Serif SC" in fonts.stacks()["kai"]


@pytest.mark.parametrize("name", ["〇", "珺", "喆", "赟", "䶮", "𬱖", "那顺·巴雅尔", "〔2026〕"])
def test_names_with_rare_characters_can_be_drawn(name: str) -> None:
    fonts.ensure_drawable(name)


@pytest.mark.parametrize(
    ("character", "code"), [("\ue000", "U+E000"), ("\U000323af", "U+323AF"), ("\U0010fffd", "U+10FFFD")]
)
def test_a_character_without_a_glyph_is_named(character: str, code: str, monkeypatch) -> None:
    monkeypatch.setattr(fonts, "_machine_family", lambda character: None)
    with pytest.raises(fonts.UndrawableCharacter) as caught:
        fonts.ensure_drawable(f"王{character}明")
    assert (caught.value.character, caught.value.code_point) == (character, code)
    assert code in str(caught.value)


def test_a_character_of_extension_b_is_drawn_from_a_font_of_the_machine_or_refused(tmp_path: Path) -> None:
    from tests.letters import pdfs
    from tests.letters.test_render import sheet

    if fonts._machine_family("𠮷") is None:
        with pytest.raises(fonts.UndrawableCharacter, match="U\\+20BB7"):
            fonts.ensure_drawable("𠮷")
        return
    from portal.letters import render

    (built,) = render.render([sheet(1, "𠮷田")])
    shown = dict(pdfs.drawn(built.pdf))
    assert shown["𠮷"] and shown["田"]


def test_the_subsetter_answer_agrees_with_what_the_renderer_found() -> None:
    from weasyprint.text import ffi

    assert (fonts.subsetter_status() == "ready") == bool(
        ffi.harfbuzz_subset and ffi.harfbuzz.hb_version_atleast(4, 1, 0)
    )


def test_asking_for_the_status_takes_no_time() -> None:
    fonts.status()

    def seconds() -> float:
        started = time.perf_counter()
        for _ in range(100):
            fonts.status()
        return time.perf_counter() - started

    # The best of several: a machine that is busy with others takes a processor away now and then.
    assert min(seconds() for _ in range(10)) < 0.5
