"""Nominating: every move for every role, who sees what, and two at once."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection

from portal.accounts.access import Refused
from portal.cases import applicants
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.letters.models import Letter
from talent_registry.models import Nomination
from talent_registry.selection import nominating
from tests.cast import OTOG, make_account, make_worker
from tests.roles import compared, everybody, refusal, undone
from tests.selection.nominees import (
    drafted,
    make_employer,
    make_round,
    make_skilled,
    move_round,
    nominated,
    today,
    with_account,
)


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def unit(employer_agent) -> Any:
    return make_employer(agents=(employer_agent,))


# -- for every role ------------------------------------------------------------------------------------------
MOVES = {
    "accept": lambda pk, by: nominating.accept(pk, by=by, on=today()),
    "return_for_correction": lambda pk, by: nominating.return_for_correction(
        pk, missing=["岗位证明"], by=by, on=today()
    ),
    "refuse": lambda pk, by: nominating.refuse(pk, reason="成果不是本人完成。", by=by, on=today()),
    "withdraw": lambda pk, by: nominating.withdraw(pk, by=by, on=today(), reason="本人要求。"),
}


@pytest.mark.sweep
def test_every_move_for_every_role(round_, cast, clerk) -> None:
    """The window of the place and its league; everybody else is refused, and nothing has happened."""
    one = nominated(make_skilled(), round_, clerk)
    people = everybody(cast)
    with compared() as expect:
        for move, act in MOVES.items():
            for person in people:
                may = person.role in {"window_clerk", "league_reviewer"} and person.region[:4] == "1506"
                with undone():
                    expect(
                        f"{person.name} {move}",
                        refusal(partial(act, one.pk, person.user)),
                        None if may else Refused,
                    )
                    state, letters = Case.objects.get(pk=one.pk).state, Letter.objects.count()
                    expect(f"{person.name} {move}: moved", state != "submitted", may)
                    expect(f"{person.name} {move}: a letter", bool(letters) and not may, False)


def test_the_agent_alone_hands_in_what_the_unit_nominates(round_, cast, unit, employer_agent) -> None:
    one = nominated(
        make_skilled(unit=unit),
        round_,
        employer_agent,
        channel="employer",
        employer_id=unit.pk,
        state="draft",
    )
    people = everybody(cast)
    with compared() as expect:
        for person in people:
            may = person.name == "employer_agent"
            with undone():
                came = refusal(lambda by=person.user: nominating.submit(one.pk, by=by, on=today()))
                expect(
                    person.name,
                    (came, Case.objects.get(pk=one.pk).state),
                    (None, "submitted") if may else (Refused, "draft"),
                )


def test_who_sees_a_nomination(round_, cast, unit, employer_agent, clerk) -> None:
    worker = make_skilled(unit=unit)
    own = with_account(worker)
    one = nominated(worker, round_, employer_agent, channel="employer", employer_id=unit.pk)
    stranger = make_account("other.agent", "别家", "employer_agent", OTOG)
    make_employer("别家单位", agents=(stranger,))
    seen = {
        name: Nomination.objects.visible_to(user).filter(pk=one.pk).exists()
        for name, user in {
            "own": own,
            "agent": employer_agent,
            "clerk": clerk,
            "reviewer": cast("reviewer"),
            "other": stranger,
            "baotou": cast("baotou_clerk"),
            "expert": cast("panel_expert"),
            "nobody": make_account("w2", "别人", "worker", OTOG),
        }.items()
    }
    assert seen == {
        "own": True,
        "agent": True,
        "clerk": True,
        "reviewer": True,
        "other": False,
        "baotou": False,
        "expert": False,
        "nobody": False,
    }


# -- two at once ---------------------------------------------------------------------------------------------
def _at_once(*acts: Any) -> list[Any]:
    """Each in a thread with its own connection; what each said or raised."""
    said: list[Any] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(place: int, act: Any) -> None:
        try:
            ready.wait(10)
            said[place] = act()
        except (NotNow, Refused) as refusal:
            said[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


def test_two_at_once_nominate_one_person_once(committed, cast) -> None:
    round_ = make_round(cast("registry_officer"))
    worker, clerk, reviewer = make_skilled(), cast("clerk"), cast("reviewer")
    said = _at_once(lambda: drafted(round_, worker, clerk), lambda: drafted(round_, worker, reviewer))
    assert sorted(isinstance(one, NotNow) for one in said) == [False, True]
    assert Nomination.objects.count() == 1 and Case.objects.filter(kind="registry.nomination").count() == 1


def test_two_officers_at_once_decide_once(committed, cast) -> None:
    round_ = make_round(cast("registry_officer"))
    clerk, reviewer = cast("clerk"), cast("reviewer")
    one = nominated(make_skilled(), round_, clerk)
    said = _at_once(
        lambda: nominating.accept(one.pk, by=clerk, on=today()),
        lambda: nominating.refuse(one.pk, reason="成果不是本人完成。", by=reviewer, on=today()),
    )
    assert sorted(isinstance(answer, NotNow) for answer in said) == [False, True]
    case = Case.objects.get(pk=one.pk)
    assert case.version == 3 and Letter.objects.count() == (1 if case.state == "refused" else 0)


def test_a_round_that_moves_on_waits_for_what_is_being_handed_in(committed, cast) -> None:
    """Either the nomination was handed in before the assessment, or it is told that it came too late."""
    officer, clerk = cast("registry_officer"), cast("clerk")
    round_ = make_round(officer)
    one = nominated(make_skilled(), round_, clerk, state="draft")
    said = _at_once(
        lambda: nominating.submit(one.pk, by=clerk, on=today()),
        lambda: move_round(round_.pk, officer, "assessed"),
    )
    state = Case.objects.get(pk=one.pk).state
    assert Case.objects.get(pk=round_.pk).state == "assessed"
    assert (state == "draft" and "不再接受申报" in str(said[0])) or state == "submitted"


def test_a_worker_without_a_job_on_record_is_nobodys_colleague(unit, employer_agent) -> None:
    make_worker("无业", employer=unit)
    assert not applicants.people_of(employer_agent, unit.pk).exists()
