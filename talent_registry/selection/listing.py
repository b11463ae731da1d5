"""Lists of the selection: drawn up from the recommended nominees and frozen with everything they rest on.

A list keeps the facts of each nominee, the scheme, the places, the rule and the figures of the law, so that
selection.verifying can derive it again from these alone, years later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal import audit, locks
from portal.cases.actions import NotNow
from portal.policy.rules import digest_of
from talent_registry.models import Exclusion, ListedNominee, Nomination, SelectionList, SelectionRound
from talent_registry.selection.list_basis import ListBasis, facts_from_register
from talent_registry.selection.ranking import Candidate, Placed, Reason, draw, rank
from talent_registry.selection.scheme import read
from talent_registry.selection.scoring import Facts, parts
from talent_registry.selection.workflow import NominationState, RoundState

_BEFORE_THE_FREEZE = (RoundState.RECOMMENDATION, RoundState.RANKED)


def draw_up(
    round_: SelectionRound, *, by: Any, on: date, reason: str, refresh: Collection[int] | None = None
) -> SelectionList:
    """Rank the recommended nominees within the quotas and keep the list as the next version.

    Before the round is frozen everybody's facts are read from the register as of the round's day. After that
    they are those of the version before, except of the nominations in `refresh`, which are read again;
    whoever has an `Exclusion` by now is out. Part of a caller's action, which checks the permission, moves
    the round and sets `standing_list`. Raises `NotNow` when nobody is recommended.
    """
    with transaction.atomic():
        locks.hold(f"selection {round_.pk} list")
        state = SelectionRound.objects.values_list("case__state", flat=True).get(pk=round_.pk)
        previous = latest(round_)
        nominations = recommended(round_)
        if not nominations:
            raise NotNow(f"{round_}没有已推荐的人选，不能形成名单。")
        if previous is None or state in _BEFORE_THE_FREEZE:
            basis = ListBasis.of_today(round_)
            frozen = {}
        else:
            basis = ListBasis.of_list(previous)
            frozen = _frozen_nominees(previous, without=set(refresh or ()))
        entrants = _entrants(round_, nominations, basis, frozen)
        new_list = _new_list(round_, basis, previous, by=by, reason=reason)
        nominees = in_ranked_order(new_list, entrants)
        previous_nominees = list(previous.nominees.all()) if previous else []
        new_list.digest = digest_of_list(round_.year, new_list, nominees)
        new_list.moved = moves_between(previous_nominees, nominees)
        _keep(new_list, nominees)
        _record_in_audit(round_, new_list, by=by, on=on)
    return new_list


def _frozen_nominees(previous: SelectionList, *, without: set[int]) -> dict[int, ListedNominee]:
    """The nominees of a list by nomination, without those who are to be read again."""
    nominees = {}
    for listed in previous.nominees.all():
        if listed.nomination_id not in without:
            nominees[listed.nomination_id] = listed
    return nominees


def _entrants(
    round_: SelectionRound,
    nominations: Sequence[Nomination],
    basis: ListBasis,
    frozen: Mapping[int, ListedNominee],
) -> list[ListedNominee]:
    """Everybody who takes part, not yet placed: frozen ones as they were, the others from the register."""
    to_read = [nomination for nomination in nominations if nomination.pk not in frozen]
    facts = facts_from_register(round_, to_read, basis)
    exclusions = Exclusion.objects.filter(nomination__round=round_)
    excluded = set(exclusions.values_list("nomination_id", flat=True))
    entrants = []
    for nomination in nominations:
        if nomination.pk in frozen:
            entrant = _copied(frozen[nomination.pk])
        else:
            entrant = _entrant(round_, nomination, facts[nomination.pk], basis)
        entrant.nomination = nomination
        entrant.facts = {**entrant.facts, "excluded": nomination.pk in excluded}
        entrants.append(entrant)
    return entrants


def _new_list(
    round_: SelectionRound, basis: ListBasis, previous: SelectionList | None, *, by: Any, reason: str
) -> SelectionList:
    return SelectionList(
        round=round_,
        version=previous.version + 1 if previous else 1,
        by=by,
        reason=reason.strip(),
        as_of=round_.as_of,
        scheme=basis.scheme.data(),
        places=round_.places,
        quotas=basis.quotas,
        rule_version=basis.rule_version,
        law=basis.figures,
    )


def _keep(new_list: SelectionList, nominees: list[ListedNominee]) -> None:
    new_list.save(force_insert=True)
    for nominee in nominees:
        nominee.list = new_list
    ListedNominee.objects.bulk_create(nominees, batch_size=1000)


def _record_in_audit(round_: SelectionRound, new_list: SelectionList, *, by: Any, on: date) -> None:
    audit.record(
        "selection.draw_up",
        by=by,
        obj=new_list,
        region=round_.case.region_id,
        detail={
            "year": round_.year,
            "version": new_list.version,
            "digest": new_list.digest,
            "on": on.isoformat(),
            "moved": len(new_list.moved),
        },
    )


def recommended(round_: SelectionRound) -> list[Nomination]:
    """The nominations that are ranked: recommended ones, also after the result was decided."""
    listed = ListedNominee.objects.filter(list__round=round_).values("nomination")
    ranked = Q(case__state__in=[NominationState.RECOMMENDED, NominationState.SELECTED])
    # Whom their league did not recommend ends as not selected too, and was on no list.
    ranked_not_selected = Q(case__state=NominationState.NOT_SELECTED, pk__in=listed)
    nominations = Nomination.objects.filter(ranked | ranked_not_selected, round=round_)
    nominations = nominations.select_related("case", "worker")
    return list(nominations.defer("worker__id_number", "worker__phone").order_by("pk"))


def latest(round_: SelectionRound) -> SelectionList | None:
    """The newest version of the round's list, whether it is in force or not."""
    return round_.lists.select_related("rule_version").order_by("-version").first()


def preview(
    round_: SelectionRound,
    nominations: Iterable[Nomination],
    quotas: Mapping[str, Mapping[str, int]] | None = None,
) -> list[Placed]:
    """How these nominations would be ranked as things are now; `Placed.candidate.key` is the nomination.

    Nothing is kept.
    """
    chosen = list(nominations)
    basis = ListBasis.of_today(round_)
    facts = facts_from_register(round_, chosen, basis)
    candidates = []
    for nomination in chosen:
        entrant = _entrant(round_, nomination, facts[nomination.pk], basis)
        candidates.append(_candidate(nomination, entrant))
    limits = basis.quotas if quotas is None else quotas
    return rank(
        candidates,
        places=round_.places,
        leagues=limits.get("league"),
        industries=limits.get("industry"),
    )


# -- nominees of a list --------------------------------------------------------------------------------------


def _entrant(
    round_: SelectionRound, nomination: Nomination, facts: dict[str, Any], basis: ListBasis
) -> ListedNominee:
    """A nominee with facts and score, not yet placed."""
    points = parts(Facts.read(facts), basis.scheme, nomination.panel_score)
    return ListedNominee(
        nomination=nomination,
        league_code=nomination.case.league_code,
        industry=nomination.industry,
        facts=facts,
        parts=points,
        score=sum(points.values()),
        draw=draw(round_.year, bytes(nomination.worker.id_digest)),
    )


def _copied(listed: ListedNominee) -> ListedNominee:
    """A nominee as frozen on an earlier list, not yet placed."""
    return ListedNominee(
        league_code=listed.league_code,
        industry=listed.industry,
        facts=listed.facts,
        parts=listed.parts,
        score=listed.score,
        draw=listed.draw,
    )


def _candidate(key: Any, listed: ListedNominee) -> Candidate:
    return Candidate(
        key=key,
        league=listed.league_code,
        industry=listed.industry,
        parts=listed.parts,
        draw=listed.draw,
        eligible=listed.facts["outcome"] == "eligible",
        on_registry=listed.facts["on_registry"],
        excluded=listed.facts.get("excluded", False),
    )


def in_ranked_order(selection_list: SelectionList, entrants: Iterable[ListedNominee]) -> list[ListedNominee]:
    """The entrants of a list in order, each with place, outcome and reason."""
    ranking = rank(
        [_candidate(entrant, entrant) for entrant in entrants],
        places=selection_list.places,
        leagues=selection_list.quotas["league"],
        industries=selection_list.quotas["industry"],
    )
    nominees = []
    for placed in ranking:
        nominee: ListedNominee = placed.candidate.key
        nominee.position = placed.position
        nominee.selected = placed.selected
        nominee.reason = placed.reason.value
        nominee.detail = placed.detail
        nominees.append(nominee)
    return nominees


# -- digest and moves ----------------------------------------------------------------------------------------


def digest_of_list(year: int, selection_list: SelectionList, nominees: Iterable[ListedNominee]) -> str:
    """SHA-256 over canonical JSON: numbers and codes, never names, labels, or the number of the version."""
    in_order = sorted(nominees, key=lambda nominee: nominee.position)
    figures = {code: figure["value"] for code, figure in selection_list.law.items()}
    return digest_of(
        {
            "year": year,
            "scheme": read(selection_list.scheme).digest(),
            "places": selection_list.places,
            "quotas": selection_list.quotas,
            "as_of": selection_list.as_of.isoformat(),
            "rule": selection_list.rule_version.digest,
            "law": figures,
            "nominees": [_digested(nominee) for nominee in in_order],
        }
    )


def _digested(nominee: ListedNominee) -> list[Any]:
    """What the digest of a list covers of one nominee."""
    return [
        nominee.position,
        nominee.nomination.case.number,
        nominee.league_code,
        nominee.industry,
        nominee.facts,
        nominee.parts,
        nominee.score,
        nominee.draw,
        nominee.selected,
        nominee.reason,
    ]


def moves_between(previous: Iterable[ListedNominee], new: Iterable[ListedNominee]) -> list[dict[str, Any]]:
    """Who is in, out or excluded otherwise than before, in the order of the new list.

    Nothing has moved against no list.
    """
    before = {nominee.nomination_id: _outcome(nominee) for nominee in previous}
    moves = []
    for nominee in sorted(new, key=lambda nominee: nominee.position):
        was = before.get(nominee.nomination_id)
        outcome = _outcome(nominee)
        if was is not None and was != outcome:
            moves.append({"nomination": nominee.nomination_id, "from": was, "to": outcome})
    return moves


def _outcome(nominee: ListedNominee) -> str:
    if nominee.reason == Reason.EXCLUDED:
        return "excluded"
    return "selected" if nominee.selected else "not_selected"


__all__ = ["draw_up", "latest", "preview", "recommended"]
