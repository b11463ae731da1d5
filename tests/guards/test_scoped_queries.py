"""Views start from what the user may see: a page, an endpoint or an export that starts elsewhere fails here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from tests.installed import ROOT, folders, python_files

# Where requests are answered. Actions and tasks work for the office as a whole and check permissions
# themselves.
WHOLE = [ROOT / "portal" / name for name in ("window", "my", "api", "pages")]
# Elsewhere in the portal and in every programme, by the name of the file or of its folder.
NAMES = ("views", "api", "urls")
# Ways into a scoped model that are safe for whoever asks, because they give what is public or the person's
# own.
SAFE = {"visible_to", "public", "none"}


def scoped_models() -> set[str]:
    return {
        model.__name__ for model in apps.get_models() if hasattr(model._default_manager.all(), "visible_to")
    }


def view_files() -> list[Path]:
    return [path for path in python_files() if "management" not in path.parts and _answers_requests(path)]


def _answers_requests(path: Path) -> bool:
    if any(path.is_relative_to(folder) for folder in WHOLE):
        return True
    [folder] = [folder for folder in folders() if path.is_relative_to(folder)]
    return any(part.startswith(NAMES) for part in path.relative_to(folder).parts)


def unscoped(source: str, models: set[str]) -> Iterator[tuple[int, str]]:
    """(line, text) of each `Model.objects.something` on a scoped model whose first step is none of the safe
    ones.
    """
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
            continue
        manager = node.value
        asked = (
            manager.attr in {"objects", "_default_manager"}
            and isinstance(manager.value, ast.Name)
            and manager.value.id in models
        )
        if asked and node.attr not in SAFE:
            assert isinstance(manager.value, ast.Name)
            yield node.lineno, f"{manager.value.id}.{manager.attr}.{node.attr}"


@pytest.mark.parametrize("path", view_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_views_start_from_what_the_user_may_see(path: Path) -> None:
    found = [
        f"line {line}: {text}" for line, text in unscoped(path.read_text(encoding="utf-8"), scoped_models())
    ]
    assert not found, "start with visible_to(user): " + "; ".join(found)


def test_the_guard_sees_an_unscoped_query() -> None:
    source = "def page(request):\n    return Worker.objects.filter(name='x')\n"
    assert list(unscoped(source, {"Worker"})) == [(2, "Worker.objects.filter")]
    assert not list(unscoped("Worker.objects.visible_to(u).filter(name='x')", {"Worker"}))


def test_what_holds_personal_data_is_scoped() -> None:
    personal = {
        "Worker",
        "Case",
        "Honour",
        "PayeeAccount",
        "Letter",
        "RegistryEntry",
        "Evidence",
        "Objection",
        "Nomination",
        "Assessment",
    }
    assert personal <= scoped_models()
