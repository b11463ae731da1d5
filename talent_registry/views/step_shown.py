"""What is shown before a step that cannot be taken back: whom it is about, what moved, and what everybody will read."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.accounts.access import can
from portal.cases.notices import publishing
from portal.pages.notice_shown import facts_of, table_of
from portal.pages.view_log import record_shown
from talent_registry.models import ListedNominee, SelectionList, SelectionRound
from talent_registry.selection import announcing, listing
from talent_registry.selection.explain import Words, moves_in_words
from talent_registry.selection.scheme import points_text

# These show names: the list is settled by the first, public by the second, final by the others.
SHOWN_BEFORE = frozenset({"freeze", "notice", "confirm", "publish"})
# So many are named on the page; the list has all of them.
_MOST_NAMED = 200


def shown_before(round_: SelectionRound, step: str, user: Any, on: date) -> dict[str, Any]:
    """What the page of a step shows besides its figures; nothing for steps that can be repeated or taken back."""
    made = round_.standing_list or listing.latest(round_)
    if step not in SHOWN_BEFORE or made is None:
        return {}
    public = _public(round_, step, on)
    return {
        "made": made,
        "may_see_list": can(user, "selection.manage"),
        "moved": _moved(round_, user),
        # What is public names them itself.
        "named": [] if public else _named(round_, made, user),
        "most_named": _MOST_NAMED,
        **public,
    }


def _named(round_: SelectionRound, made: SelectionList, user: Any) -> list[dict[str, Any]]:
    """Who is selected, by place."""
    selected = made.nominees.visible_to(user).filter(selected=True)
    named = list(
        selected.select_related("nomination__worker__employer", "nomination__case")
        .defer("nomination__worker__phone")
        .order_by("position")[:_MOST_NAMED]
    )
    record_shown([one.nomination.worker_id for one in named], by=user, asked=[f"{round_.year}年遴选名单"])
    return _rows(named)


def _rows(named: list[ListedNominee]) -> list[dict[str, Any]]:
    leagues = Words.read().leagues
    return [
        {
            "one": one,
            "nomination": one.nomination,
            "league": leagues.get(one.league_code, one.league_code),
            "score": points_text(one.score),
        }
        for one in named
    ]


def _moved(round_: SelectionRound, user: Any) -> list[tuple[SelectionList, list[str]]]:
    """Every version of the list after the first, the latest first, with why it was made and who moved."""
    later = round_.lists.filter(version__gt=1).order_by("-version")
    return [(made, moves_in_words(made, made.nominees.visible_to(user))) for made in later]


def _public(round_: SelectionRound, step: str, on: date) -> dict[str, Any]:
    """The notice as everybody will read it, or reads it now."""
    if step == "notice":
        drafted = announcing.as_it_would_be(round_, on)
        if drafted is None:
            return {}
        notice, version = drafted
    elif round_.notice is not None:
        notice, version = round_.notice, publishing.current_version(round_.notice)
    else:
        return {}
    return {
        "notice": notice,
        "version": version,
        "facts_of_notice": facts_of(notice, version),
        "table": table_of(version),
    }
