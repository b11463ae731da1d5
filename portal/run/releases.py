"""Which releases' data this code can go on with.

The migrations that releases up to 2026-11 had made were folded into one per app. Migrations that landed since
are never changed, removed or folded: tests/guards/test_landed.py holds that, so every later data folder
upgrades.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

Migration = tuple[str, str]

# (app, name) of the migrations that were folded. Whoever has applied one of them holds data of an earlier
# release.
FOLDED: frozenset[Migration] = frozenset(
    {
        ("audit", "0002_chain"),
        ("cases", "0002_guards"),
        ("cases", "0003_notices"),
        ("cases", "0004_notice_guards"),
        ("cases", "0005_counted_in_the_index"),
        ("entitlements", "0001_guides"),
        ("entitlements", "0002_offers"),
        ("entitlements", "0003_facts_a_look_has_seen"),
        ("letters", "0002_guards"),
        ("policy", "0002_cells_and_official_text"),
        ("workforce", "0002_statistics"),
        ("workforce", "0003_agents"),
        ("workforce", "0004_known_facts"),
        ("workforce", "0005_what_changed_in_the_facts"),
        ("talent_registry", "0002_guards"),
        ("talent_registry", "0003_list_files"),
        ("talent_registry", "0004_selection"),
        ("talent_registry", "0005_selection_guards"),
        ("talent_registry", "0006_panel_extension"),
        ("talent_registry", "0007_days_of_handling"),
        ("talent_registry", "0008_notice_days_from_the_law"),
        ("talent_registry", "0009_assessment_bits"),
    }
)


def on_disk(packages: Iterable[Path]) -> set[Migration]:
    """(app, name) of every migration in these packages. An app is called by the name of its folder."""
    return {
        (file.parent.parent.name, file.stem)
        for package in packages
        for file in package.rglob("migrations/[0-9]*.py")
    }


def why_not(applied: Collection[Migration], known: Collection[Migration], *, data: str, instead: str) -> str:
    """Why this code must leave a database alone, and what to do; empty when it may go on.

    `data` says whose data it is, `instead` what else this release could be given.
    """
    ours = {app for app, _ in known}
    strange = sorted(migration for migration in set(applied) - set(known) if migration[0] in ours)
    if not strange:
        return ""
    shown = ", ".join(f"{app}.{name}" for app, name in strange[:3])
    more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
    if FOLDED.intersection(strange):
        return (
            f"{data} was made by a release before this one, whose migrations are folded now ({shown}{more}), and "
            f"cannot be upgraded. Nothing was changed. Start it with the release that made it, or {instead}."
        )
    return (
        f"{data} was made by a newer release: it has migrations that this one does not know ({shown}{more}). "
        f"Nothing was changed. Start it with that release or a later one, or {instead}."
    )
