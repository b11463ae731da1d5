"""The code under test: the portal and the programmes that are installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.apps import AppConfig, apps

from portal.programmes import programmes

ROOT = Path(__file__).resolve().parent.parent


def folders() -> list[Path]:
    """The portal's folder and that of each programme."""
    return [ROOT / "portal", *(Path(programme.path) for programme in programmes())]


def our_apps() -> list[AppConfig]:
    """The apps whose code is in these folders, rather than in a package."""
    return [
        config
        for config in apps.get_app_configs()
        if any(Path(config.path).is_relative_to(folder) for folder in folders())
    ]


def python_files() -> Iterator[Path]:
    """The code of these folders, without migrations."""
    for folder in folders():
        yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def template_folders() -> list[Path]:
    """Where the templates of the house and of these apps are."""
    own = (Path(config.path) / "templates" for config in our_apps())
    return [ROOT / "templates", *(folder for folder in own if folder.is_dir())]


def templates() -> list[Path]:
    """Every template that a page or a letter can be made from."""
    return [path for folder in template_folders() for path in sorted(folder.rglob("*.html"))]
