"""Of people of whom everything is verified, one list comes out whichever way their facts are read: person by person
from what is recorded, as it was before anything was verified; person by person from what is verified; from what is
gathered of everybody; and from what a list has frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from portal.workforce.facts import record_counts
from portal.workforce.models import AttestedFact, CompetitionResult, SkillCredential
from talent_registry.models import ListedNominee, Nomination, SelectionList
from talent_registry.selection import register
from talent_registry.selection.assessment import assessed
from talent_registry.selection.gathering import gather
from talent_registry.selection.list_basis import OUTCOME_FACTS, ListBasis
from talent_registry.selection.listing import digest_of_list, in_ranked_order
from talent_registry.selection.scoring import Facts, parts
from talent_registry.selection.verifying import verify
from tests.cast import KUNDULUN, OTOG, confirm_everything, make_honour, make_worker
from tests.selection.nominees import today
from tests.selection.test_listing import announced, ranked, recommended

pytestmark = pytest.mark.django_db
__all__ = ["recommended"]
PEOPLE = [(OTOG, 40), (KUNDULUN, 60), (OTOG, 60), (KUNDULUN, 80), (OTOG, 50), (KUNDULUN, 40)]


@pytest.fixture
def nominations(recommended: Any, clerk: Any, reviewer: Any) -> list[Nomination]:
    """Six with different levels, honours and results, of whom everything is verified."""
    made: list[Nomination] = recommended(PEOPLE, places=3, quotas=[("league", "150600", 1)])
    own = {"source": "窗口登记"}
    for place, nomination in enumerate(made):
        worker = nomination.worker
        SkillCredential.objects.create(worker=worker, occupation="焊工", level=30, number=f"L{place}", **own)
        if place % 2:
            make_honour(worker, recorded_by=clerk, verified_by=reviewer, type="northern_border_craftsman")
            CompetitionResult.objects.create(
                worker=worker,
                competition="regional",
                name="技能大赛",
                rank=place,
                role="competitor",
                held_on=today(),
                **own,
            )
        if place % 3 == 0:
            AttestedFact.objects.create(
                worker=worker, code="outstanding_mentor", value=True, since=today(), **own
            )
    # Somebody who takes no part is gathered like everybody else.
    SkillCredential.objects.create(worker=make_worker("李静"), occupation="焊工", level=60, number="X", **own)
    confirm_everything()
    return made


def list_from(made: SelectionList, rows: Iterable[Mapping[str, Any]]) -> tuple[list[Any], str]:
    """(order and outcome, digest) of the list that these rows of the register give."""
    codes = register.codes_of_today()
    basis = ListBasis.of_list(made)
    listed = {one.nomination.worker_id: one for one in made.nominees.select_related("nomination__case")}
    entrants = []
    for row in rows:
        if row["worker_id"] not in listed:
            continue
        one = listed[row["worker_id"]]
        known = Facts.read(codes.named(row))
        facts = {**known.data(), **{name: row[name] for name in OUTCOME_FACTS}, "excluded": False}
        points = parts(known, basis.scheme, one.nomination.panel_score)
        entrants.append(
            ListedNominee(
                nomination=one.nomination,
                league_code=one.league_code,
                industry=one.industry,
                facts=facts,
                parts=points,
                score=sum(points.values()),
                draw=one.draw,
            )
        )
    in_order = in_ranked_order(made, entrants)
    said = [(one.nomination_id, one.position, one.selected, one.reason, one.score) for one in in_order]
    return said, digest_of_list(made.round.year, made, in_order)


def kept(made: SelectionList) -> tuple[list[Any], str]:
    rows = made.nominees.order_by("position")
    return [
        (one.nomination_id, one.position, one.selected, one.reason, one.score) for one in rows
    ], made.digest


def read_anew(made: SelectionList, workers: Any = None) -> list[dict[str, Any]]:
    """Rows of the register as of the list's day: of workers from their records, of everybody as gathered."""
    basis = ListBasis.of_list(made)
    codes = register.codes_of_today()
    return list(assessed(made.round, basis.scheme, basis.rules, basis.law, codes, workers).rows())


def as_before_anything_was_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        register, "record_counts", lambda record="", *, verified: record_counts(record, verified=False)
    )


def test_one_list_whichever_way_it_is_read(
    nominations: list[Nomination], registry_officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = nominations[0].round
    made = ranked(round_, registry_officer)
    said, digest = kept(made)
    assert len(said) == len(PEOPLE) and len({score for *_, score in said}) > 3
    assert sum(selected for _, _, selected, _, _ in said) == 3
    workers = [nomination.worker_id for nomination in nominations]
    # Person by person, from what is verified.
    assert list_from(made, read_anew(made, workers)) == (said, digest)
    # From what is gathered of everybody.
    gather(round_.as_of, register.codes_of_today())
    assert len(read_anew(made)) == len(workers) + 1
    assert list_from(made, read_anew(made)) == (said, digest)
    # From what the list has frozen.
    announced(round_, made, registry_officer)
    assert verify(round_) == []
    # As it was read before anything was verified.
    as_before_anything_was_verified(monkeypatch)
    assert list_from(made, read_anew(made, workers)) == (said, digest)


def test_what_is_only_stated_tells_the_two_apart(
    nominations: list[Nomination], registry_officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given one higher certificate that nobody has seen, then the earlier way gives another list."""
    round_ = nominations[0].round
    SkillCredential.objects.create(
        worker=nominations[0].worker, occupation="炼焦工", level=80, number="U", source="窗口登记"
    )
    made = ranked(round_, registry_officer)
    workers = [nomination.worker_id for nomination in nominations]
    gather(round_.as_of, register.codes_of_today())
    assert list_from(made, read_anew(made)) == list_from(made, read_anew(made, workers)) == kept(made)
    as_before_anything_was_verified(monkeypatch)
    assert list_from(made, read_anew(made, workers)) != kept(made)
