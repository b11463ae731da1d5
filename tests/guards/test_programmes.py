"""The portal names no programme, and no programme is left out by what looks over the whole house."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from portal.accounts.access import PERMISSIONS
from portal.cases.workflow import workflows
from portal.policy.benefits import BY_CODE
from portal.programmes import ProgrammeConfig, programmes
from portal.run.preparation import CODE
from portal.window.office import audit_labels
from tests.installed import ROOT, folders, our_apps, python_files, template_folders, templates
from tests.template import made_of

PORTAL = ROOT / "portal"
SETTINGS = PORTAL / "settings.py"
# Which apps there are is said in the settings; which migrations there once were is history and names them for
# ever.
MAY_NAME = {SETTINGS, PORTAL / "run" / "releases.py"}
# Programmes in a folder of their own beside the portal; those that tests bring are in tests/.
BESIDE = [one for one in programmes() if Path(one.path).parent == ROOT]


# -- no name of a programme in the portal --------------------------------------------------------------------
def codes_of(programme: ProgrammeConfig) -> set[str]:
    """The codes that are the programme's. A benefit's is the law's, also where a kind of case is called as
    it.
    """
    kinds = {one.kind for one in workflows() if one.page.startswith(f"{programme.address}:")}
    return (kinds - BY_CODE.keys()) | programme.permissions.keys() | programme.audit_actions.keys()


def names_in_python(source: str, programme: ProgrammeConfig) -> Iterator[tuple[int, str]]:
    """(line, text) of each import of the programme, name of one of its addresses, and code of its own."""
    codes = codes_of(programme)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
            found = [name for name in modules if name.split(".")[0] == programme.name.split(".")[0]]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            is_name = text.startswith(f"{programme.address}:") or text in codes
            found = [text] if is_name or re.search(rf"\b{programme.label}\b", text) else []
        else:
            continue
        yield from ((node.lineno, name) for name in found)


def names_in_template(text: str, programme: ProgrammeConfig) -> list[str]:
    """Addresses of the programme, and templates of its folder, that a template names."""
    quoted = re.findall(r"""["']([^"'{}%]+)["']""", text)
    return [one for one in quoted if one.startswith((f"{programme.address}:", f"{programme.address}/"))]


@pytest.mark.parametrize("programme", programmes(), ids=lambda programme: programme.label)
def test_the_portal_names_no_programme(programme: ProgrammeConfig) -> None:
    named = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in python_files()
        if path.is_relative_to(PORTAL) and path not in MAY_NAME
        for line, text in names_in_python(path.read_text(encoding="utf-8"), programme)
    ]
    assert named == []


@pytest.mark.parametrize("programme", programmes(), ids=lambda programme: programme.label)
def test_shared_templates_name_no_programme(programme: ProgrammeConfig) -> None:
    """Its own stand in templates/<address>/; letters are found by the programme that registers them."""
    own = {folder / programme.address for folder in template_folders()} | {ROOT / "templates" / "letters"}
    named = {
        str(path.relative_to(ROOT)): found
        for path in templates()
        if not own & set(path.parents)
        if (found := names_in_template(path.read_text(encoding="utf-8"), programme))
    }
    assert named == {}


def test_only_the_settings_say_which_programmes_there_are() -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    for programme in BESIDE:
        assert text.count(programme.name) == 1, "its line in INSTALLED_APPS"


def test_the_guard_sees_a_name() -> None:
    programme = programmes()[0]
    source = f'from {programme.name} import models\nreverse("{programme.address}:list")\n'
    assert [line for line, _ in names_in_python(source, programme)] == [1, 2]
    permission = next(iter(programme.permissions))
    assert [*names_in_python(f'require(by, "{permission}")', programme)] == [(1, permission)]
    assert names_in_template("{% url '" + programme.address + ":list' %}", programme)


def test_every_app_beside_the_portal_is_a_programme() -> None:
    """An app of another config would be installed and not be seen by anything here."""
    beside = [
        Path(config.path) for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)
    ]
    not_ours = [path for path in beside if not any(path.is_relative_to(folder) for folder in folders())]
    # Packages may stand in an environment inside this folder.
    assert [path for path in not_ours if "site-packages" not in path.parts] == []
    assert programmes()


# -- what a programme says of itself -------------------------------------------------------------------------
@pytest.mark.parametrize("programme", programmes(), ids=lambda programme: programme.label)
def test_what_a_programme_says_is_taken_as_said(programme: ProgrammeConfig) -> None:
    for code, row in programme.permissions.items():
        assert PERMISSIONS[code] == row
    for said, words in (
        (programme.audit_actions, audit_labels.LABELS),
        (programme.audit_things, audit_labels.THINGS),
        (programme.audit_details, audit_labels.KEYS),
    ):
        assert said.items() <= words.items()


@pytest.mark.parametrize("programme", programmes(), ids=lambda programme: programme.label)
def test_addresses_are_called_as_the_programme(programme: ProgrammeConfig) -> None:
    from importlib import import_module

    if programme.has("urls"):
        assert import_module(f"{programme.name}.urls").app_name == programme.address


def test_every_kind_of_case_has_a_page_of_the_house() -> None:
    houses = {"window", *(programme.address for programme in programmes())}
    assert {one.page.split(":")[0] for one in workflows()} <= houses


# -- nothing that looks over the house leaves a programme out ------------------------------------------------
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def left_out_by_the_checks(names: Iterable[str]) -> list[str]:
    """Which part of pyproject.toml, or of the image, does not name exactly the programmes `names`."""
    wanted, tool = sorted(names), pyproject()
    one_way = tool["importlinter"]["contracts"][0]
    independent = [one for one in tool["importlinter"]["contracts"] if one["type"] == "independence"]
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lists = {
        "mypy: files": sorted(tool["mypy"]["files"]) == sorted(["portal", *wanted]),
        "importlinter: root_packages": sorted(tool["importlinter"]["root_packages"])
        == sorted(["portal", *wanted]),
        "importlinter: the portal uses no programme": one_way["source_modules"] == ["portal"]
        and sorted(one_way["forbidden_modules"]) == wanted,
        "importlinter: programmes use no other (a contract of type independence)": len(wanted) < 2
        or [sorted(one["modules"]) for one in independent] == [wanted],
        "Dockerfile: COPY": all(f"COPY {name} /srv/portal/{name}\n" in image for name in wanted),
    }
    return [name for name, holds in lists.items() if not holds]


def test_static_checks_look_at_every_programme() -> None:
    assert left_out_by_the_checks(one.name for one in BESIDE) == []


def test_a_start_prepares_for_every_programme() -> None:
    assert sorted(CODE) == sorted(["portal", *(one.name for one in BESIDE)])


def test_a_change_of_any_app_makes_new_test_databases() -> None:
    for config in our_apps():
        files = set(Path(config.path).rglob("*.py"))
        assert made_of(files).keys() >= {str(path.relative_to(ROOT)) for path in files}, config.name


def test_every_template_is_looked_at() -> None:
    """djlint and the guards read templates/: a programme's pages are in templates/<address>/."""
    assert [one.name for one in BESIDE if [*Path(one.path).rglob("*.html")]] == []


def test_a_programme_more_is_missed() -> None:
    """What stands in lists is held against the installed apps: one that is forgotten fails."""
    assert len(left_out_by_the_checks([*(one.name for one in BESIDE), "forgotten"])) == 5
