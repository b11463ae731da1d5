"""Which fonts letters are set in, whether every character can be drawn, and the one-time preparation of fast
fonts.

The official faces of GB/T 9704 (方正小标宋, 仿宋_GB2312, 楷体_GB2312, 黑体) come first in every list: an
office that owns them drops the files into settings.FONT_DIR. Behind them stand the free faces that are
shipped (Noto Serif SC, Noto Sans SC), then every other font in FONT_DIR, then fonts of the machine that are
known to hold a rare character.

The shipped OpenType outlines are slow to subset, so they are converted once to TrueType outlines
(portal.letters.outlines) and kept in VAR_DIR. Until that is done the shipped files serve as they are: only
slower, and headings less bold.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import pylopdf_fonts_zh_cn
from django.conf import settings

from portal.letters.harfbuzz import has_subsetter

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

Status = Literal["ready", "preparing", "missing"]

# Raised by one whenever the conversion changes what it writes: old files in the cache are then left alone and
# removed.
RECIPE = 2
# How much heavier headings are drawn than the text face, in thousandths of the em: what 小标宋 is beside 宋.
HEADING_WEIGHT = 34

SONG, HEADING, HEI = "JHT Song", "JHT Heading", "JHT Hei"
# The names under which the official faces are sold and installed, by their use in a letter.
OFFICIAL: dict[str, tuple[str, ...]] = {
    "heading": (
        "方正小标宋简体",
        "方正小标宋_GBK",
        "方正小标宋_GB18030",
        "方正小标宋",
        "FZXiaoBiaoSong-B05S",
        "FZXiaoBiaoSong-B05",
    ),
    "body": ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "方正仿宋_GBK", "方正仿宋简体"),
    "kai": ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "方正楷体_GBK", "LXGW WenKai"),
    "hei": ("黑体", "SimHei", "方正黑体_GBK", "方正黑体简体"),
    "song": ("宋体", "SimSun"),
}
_SHIPPED: dict[str, tuple[str, ...]] = {
    "heading": (HEADING, SONG),
    "body": (SONG, HEI),
    "kai": (SONG, HEI),
    "hei": (HEI, SONG),
    "song": (SONG, HEI),
}
# Fonts that claim every character and draw a box or a code.
_NOT_REAL = ("lastresort", "last resort", "adobe blank", "adobeblank", "unifont", "noto sans symbols")


class UndrawableCharacter(ValueError):
    """No font at hand draws this character. The letter must not be printed with a box in its place."""

    def __init__(self, character: str) -> None:
        self.character = character
        self.code_point = f"U+{ord(character):04X}"
        super().__init__(
            f"字符“{character}”（{self.code_point}）在现有字体中没有字形，不能打印。"
            "请将含有该字的字体文件放入字体文件夹后重新生成。"
        )


@dataclass(frozen=True)
class Face:
    """One font file under the family name that stylesheets use."""

    family: str
    path: Path


@dataclass(frozen=True)
class _Source:
    """A shipped file and what is made from it."""

    family: str
    path: Path
    heavier: int


def _sources() -> tuple[_Source, ...]:
    serif = Path(pylopdf_fonts_zh_cn.serif_path())
    sans = Path(pylopdf_fonts_zh_cn.sans_path())
    return _Source(SONG, serif, 0), _Source(HEADING, serif, HEADING_WEIGHT), _Source(HEI, sans, 0)


def cache_dir() -> Path:
    return Path(settings.VAR_DIR) / "fonts-cache"


@lru_cache(maxsize=8)
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _prepared(source: _Source) -> Path:
    name = source.family.rpartition(" ")[2].lower()
    return cache_dir() / f"{name}-{_fingerprint(source.path)}-{source.heavier}-r{RECIPE}.ttf"


def status() -> Status:
    """`ready` when every shipped face is converted, `preparing` before that, `missing` when the shipped files
    are gone.
    """
    sources = _sources()
    if not all(source.path.is_file() for source in sources):
        return "missing"
    return "ready" if all(_prepared(source).is_file() for source in sources) else "preparing"


def subsetter_status() -> Status:
    """Whether WeasyPrint finds the HarfBuzz subsetter (Debian: libharfbuzz-subset0). Without it a letter
    takes 40 × longer.
    """
    return "ready" if has_subsetter() else "missing"


@contextmanager
def _sole() -> Iterator[bool]:
    """Whether this process alone prepares fonts now. The lock ends with the process, however it ends."""
    cache_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (cache_dir() / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def prepare() -> bool:
    """Convert what is not converted yet, about 40 s of CPU a face. False when another process is at it.

    A kill leaves only a part file, which the next run removes; finished faces stay finished.
    """
    with _sole() as alone:
        if not alone:
            return False
        targets = {_prepared(source): source for source in _sources()}
        for path in cache_dir().iterdir():
            is_outdated = path.suffix == ".ttf" and path not in targets
            if path.suffix == ".part" or is_outdated:
                path.unlink()
        for target, source in targets.items():
            if not target.is_file():
                _convert(source, target)
    return True


def _convert(source: _Source, target: Path) -> None:
    from portal.letters import outlines

    part = target.with_suffix(f".{os.getpid()}.part")
    outlines.convert(source.path, part, family=source.family, heavier=source.heavier)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _family_names(path: Path) -> list[str]:
    """Every family name a font file carries, in any language; empty for a file that is no font."""
    from fontTools.ttLib import TTLibError

    try:
        names = []
        for font in _fonts_of(path):
            for record in font["name"].names:
                if record.nameID in {1, 16, 4}:
                    names.append(record.toUnicode())
        return names
    except (TTLibError, OSError, UnicodeDecodeError):
        return []


def _fonts_of(path: Path) -> list[TTFont]:
    """The fonts of a file: several in a collection."""
    from fontTools.ttLib import TTCollection, TTFont

    if path.suffix.lower() == ".ttc":
        return list(TTCollection(path, lazy=True).fonts)
    return [TTFont(path, lazy=True)]


@lru_cache(maxsize=4)
def _office_faces(listing: tuple[tuple[str, int], ...]) -> tuple[Face, ...]:
    official_names = {name for names in OFFICIAL.values() for name in names}
    faces = []
    for file_name, _ in listing:
        path = Path(file_name)
        names = _family_names(path)
        if not names:
            continue
        # The official name if it is one, whatever else the file calls itself.
        official = [name for name in names if name in official_names]
        faces.append(Face((official or names)[0], path))
    return tuple(faces)


def office_faces() -> tuple[Face, ...]:
    """What the office dropped into FONT_DIR."""
    folder = Path(settings.FONT_DIR)
    if not folder.is_dir():
        return ()
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".ttf", ".otf", ".ttc"})
    return _office_faces(tuple((str(path), path.stat().st_mtime_ns) for path in files))


def shipped_faces() -> tuple[Face, ...]:
    """The shipped faces: converted where that is done, as shipped otherwise."""
    faces = []
    for source in _sources():
        prepared = _prepared(source)
        faces.append(Face(source.family, prepared if prepared.is_file() else source.path))
    return tuple(faces)


# Families of this machine's own fonts that hold a rare character some letter needed; they only ever grow.
_machine_families: dict[str, None] = {}


def stacks() -> dict[str, str]:
    """The value of `font-family` for each use, official faces first."""
    office = [face.family for face in office_faces()]
    lists = {}
    for use, official in OFFICIAL.items():
        families = dict.fromkeys([*official, *_SHIPPED[use], *office, *_machine_families])
        lists[use] = ", ".join(f'"{family}"' for family in families)
    return lists


def face_rules() -> str:
    """The `@font-face` rules for the files used now."""
    return "\n".join(
        f'@font-face {{ font-family: "{face.family}"; src: url("{face.path.absolute().as_uri()}"); }}'
        for face in (*office_faces(), *shipped_faces())
    )


@lru_cache(maxsize=32)
def _characters(path: Path) -> frozenset[int]:
    """The code points that the first font of a file has a glyph for."""
    return frozenset(_fonts_of(path)[0].getBestCmap() or ())


def _machine_family(character: str) -> str | None:
    """A font of this machine that holds the character, as fontconfig knows it; Chinese serif faces are
    preferred.
    """
    command = shutil.which("fc-list")
    if command is None:
        return None
    listed = subprocess.run(  # noqa: S603 (a fixed command; the argument is one code point)
        [command, f":charset={ord(character):x}", "--format=%{family[0]}\n"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout.splitlines()
    families = {name for name in listed if name and _is_real(name)}
    return min(families, key=_preference, default=None)


def _is_real(family: str) -> bool:
    return not any(word in family.lower() for word in _NOT_REAL)


def _preference(family: str) -> tuple[bool, bool, bool, str]:
    return "SC" not in family, "Serif" not in family, "Mono" in family, family


# Characters already found drawable, by the set of files they were looked up in.
_drawable: tuple[tuple[Path, ...], set[str]] = ((), set())


def _needs_no_glyph(character: str) -> bool:
    """Spaces and controls have nothing to draw; a variation selector only modifies the character before it."""
    if unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
        return True
    return unicodedata.name(character, "").startswith("VARIATION SELECTOR")


def ensure_drawable(text: str) -> None:
    """Raise `UndrawableCharacter` for the first character of `text` that no font in the lists has a glyph
    for.
    """
    global _drawable
    files = tuple(face.path for face in (*shipped_faces(), *office_faces()))
    if _drawable[0] != files:
        _drawable = (files, set())
    checked = _drawable[1]
    for character in sorted(set(text) - checked):
        if not _needs_no_glyph(character) and not _is_in(files, character):
            family = _machine_family(character)
            if family is None:
                raise UndrawableCharacter(character)
            _machine_families[family] = None
        checked.add(character)


def _is_in(files: tuple[Path, ...], character: str) -> bool:
    return any(ord(character) in _characters(path) for path in files)


def _own_folder() -> Path:
    """A folder for the copies of fonts that a FontConfiguration makes; those of processes that are gone are
    removed.

    Its lock is held as long as the process lives, however that ends: a process that is killed cannot clean
    up.
    """
    cache_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in cache_dir().glob("in-use-*"):
        with suppress(OSError), (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=cache_dir()))
    lock = (folder / ".lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    _locks.append(lock)
    return folder.rename(cache_dir() / f"in-use-{folder.name.removeprefix('.new-')}")


# Locks of this process's folders.
_locks: list[IO[str]] = []


class _Setting:
    """One FontConfiguration and the parsed stylesheets of a process; made anew when the files behind them
    change.
    """

    def __init__(self) -> None:
        self.key: tuple[object, ...] = ()
        self.configuration: FontConfiguration | None = None
        self.sheets: dict[str, CSS] = {}


_setting = _Setting()


@atexit.register
def _let_go() -> None:
    # While the interpreter still works: the configuration removes its folder when it goes.
    _setting.configuration, _setting.sheets = None, {}


def setting(name: str, read: Callable[[], str]) -> tuple[FontConfiguration, CSS]:
    """The process's font configuration and the stylesheet that `read` returns, read and parsed once under
    `name`.

    In the stylesheet «heading», «body», «kai», «hei» and «song» stand for the font lists.
    """
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    key = (face_rules(), tuple(_machine_families))
    if _setting.configuration is None or _setting.key != key:
        _setting.key, _setting.sheets, _setting.configuration = key, {}, FontConfiguration()
        # The configuration copies every font file; by itself it would leave the copies in the machine's
        # temporary folder.
        _setting.configuration._folder = _own_folder()
    if name not in _setting.sheets:
        source = read()
        for use, families in stacks().items():
            source = source.replace(f"«{use}»", families)
        _setting.sheets[name] = CSS(string=f"{key[0]}\n{source}", font_config=_setting.configuration)
    return _setting.configuration, _setting.sheets[name]
