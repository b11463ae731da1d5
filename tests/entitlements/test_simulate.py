"""What if: numbers as a loop over people finds them, drafts that nobody can change afterwards, nothing real
touched.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.actions import NotNow
from portal.entitlements import simulation
from portal.entitlements.matching import match
from portal.entitlements.models import MatchRun, MatchState, Offer, Simulation
from portal.jobs.models import Job, JobState
from portal.jobs.runner import cancel, run_job
from portal.policy.explain import check
from portal.policy.facts import FACTS
from portal.policy.law import law_on
from portal.policy.models import Determination, Parameter, ParameterValue
from portal.workforce.models import CompetitionResult, KnownFacts, Worker
from tests.by_two import changed_by_two
from tests.cast import KUNDULUN, ORDOS, OTOG, PEOPLE, make_honour, make_worker
from tests.entitlements.given import ON, certified, employed, insured, welder
from tests.workforce.test_relation import as_typed

pytestmark = pytest.mark.django_db
MONTHS, CEILING = "training.skill-upgrade.insured-months", "training.skill-upgrade.ceiling"
HONOURS, LEAVE, PRIZE = "registry.inclusion-honours", "leave.annual.months", "award.worldskills.prize"
UPGRADE, INCLUSION = "training.skill-upgrade", "registry.direct-inclusion"
RAISED = {"junior": "1500.00", "intermediate": "2000.00", "senior": "3000.00"}


def figure(code: str) -> Parameter:
    return Parameter.objects.get(code=code)


def drafted(by: Any, draft: dict[str, Any], on: date = ON) -> Simulation:
    made = simulation.draw_up("放宽缴费月数", on=on, by=by)
    for code, value in draft.items():
        simulation.set_figure(made.pk, figure(code), value, by=by)
    return Simulation.objects.get(pk=made.pk)


def computed(by: Any, draft: dict[str, Any], on: date = ON) -> Simulation:
    made = drafted(by, draft, on)
    run_job(simulation.run(made.pk, by=by).pk)
    made.refresh_from_db()
    assert made.job.state == JobState.DONE, made.job.message
    return made


def crowd(count: int, recorder: Any, verifier: Any) -> None:
    """People near the lines that the figures draw, something unknown of many of them."""
    chance = random.Random(9)
    for number in range(count):
        worker = make_worker(f"王{number}", region=chance.choice([OTOG, KUNDULUN, ORDOS, "150000"]))
        if chance.random() < 0.9:
            employed(
                worker,
                continuous_months=chance.choice([None, 3, 11, 12, 60]),
                worked_years=chance.choice([None, 2, 12]),
            )
        if chance.random() < 0.9:
            insured(
                worker, chance.choice([None, 0, 5, 6, 11, 12, 36]), chance.choice([None, False, False, True])
            )
        for level in chance.sample([20, 30, 40, 50], chance.choice([0, 1, 1, 2])):
            certified(
                worker, level, ON - timedelta(days=chance.choice([30, 300, 400])), occupation=f"工种{level}"
            )
        if chance.random() < 0.3:
            kind = chance.choice(["national_technical_expert", "may_day_medal", "northern_border_craftsman"])
            make_honour(worker, recorded_by=recorder, verified_by=verifier, type=kind)
        if chance.random() < 0.2:
            CompetitionResult.objects.create(
                worker=worker,
                competition="worldskills",
                name="世界技能大赛",
                edition=chance.choice([44, 47]),
                rank=1,
                for_inner_mongolia=True,
                prize=chance.choice(["gold", "silver"]),
                role="competitor",
                source="窗口登记",
            )


def naively(draft: dict[str, Any], on: date) -> tuple[dict[tuple[Any, ...], Counter[str]], dict[str, int]]:
    """The same by asking the check about one person after the other, under the law and under the draft."""
    law = law_on(on)
    found: dict[tuple[Any, ...], Counter[str]] = {}
    people = {"gained": 0, "lost": 0}
    for known in KnownFacts.objects.select_related("worker"):
        facts = as_typed({name: getattr(known, name) for name in FACTS})
        benefits = simulation.benefits_reading(list(draft))
        both = zip(
            check(facts, on, benefits, law=law),
            check(facts, on, benefits, law=law.with_draft(draft)),
            strict=True,
        )
        moves = set()
        for was, now in both:
            place = (was["benefit"], known.worker.work_region_id[:4] + "00", known.skill_level)
            counts = found.setdefault(place, Counter())
            for side, answer in (("was", was), ("now", now)):
                counts[side] += answer["outcome"] == "eligible"
                counts[f"unknown_{side}"] += answer["outcome"] == "undetermined"
                counts[f"no_amount_{side}"] += answer["outcome"] == "eligible" and answer["amount"] is None
                counts[f"cents_{side}"] += int(Decimal(answer["amount"] or 0) * 100)
            held, holds = was["outcome"] == "eligible", now["outcome"] == "eligible"
            counts["gained"] += holds and not held
            counts["lost"] += held and not holds
            moves |= {
                move
                for move, moved in (("gained", holds and not held), ("lost", held and not holds))
                if moved
            }
        for move in moves:
            people[move] += 1
    return found, people


DRAFTS = [
    {MONTHS: 6, CEILING: RAISED},
    # Stricter, a level without an amount, an honour fewer, no months at all, another prize: gains, losses and
    # what nobody can tell.
    {
        MONTHS: 36,
        CEILING: {"junior": "10.10"},
        HONOURS: ["may_day_medal"],
        LEAVE: None,
        PRIZE: {"44": {"gold": "7.00"}},
    },
]


@pytest.mark.parametrize("draft", DRAFTS, ids=["wider", "stricter"])
def test_it_counts_what_a_loop_over_people_counts(
    db: None, clerk: Any, reviewer: Any, policy_officer: Any, draft: dict[str, Any]
) -> None:
    crowd(60, clerk, reviewer)
    made = computed(policy_officer, draft)
    found, people = naively(draft, ON)
    result: Any = made.result
    rows = {(row["benefit"], row["league"], row["level"]): row for row in result["rows"]}
    paid = {row["benefit"]: row["paid"] for row in result["benefits"]}
    assert list(paid) == simulation.benefits_reading(list(draft)) and people == result["people"]
    names = ("was", "now", "gained", "lost", "unknown_was", "unknown_now")
    for place, counts in found.items():
        row = rows.pop(place, None)
        if row is None:
            assert not any(counts[name] for name in names)
            continue
        assert {name: row[name] for name in names} == {name: counts[name] for name in names}, place
        for side in ("was", "now"):
            unpriced = counts[f"no_amount_{side}"] if paid[place[0]] else 0
            assert row[f"unpriced_{side}"] == unpriced
            settled = paid[place[0]] and not (counts[side] and counts[side] == unpriced)
            assert row[f"cost_{side}"] == (
                f"{Decimal(counts[f'cents_{side}']) / 100:.2f}" if settled else None
            ), place
    assert not rows, "rows of people who do not exist"
    # What is looked at here happened: the oracle and the computation do not agree on nothing.
    assert result["people"]["gained"] > 0 or result["people"]["lost"] > 0
    for total in result["benefits"]:
        assert all(
            total[name] == sum(row[name] for row in result["rows"] if row["benefit"] == total["benefit"])
            for name in names
        )
    assert made.inputs["people"] == Worker.objects.count()


def test_the_same_inputs_give_the_same_digest_and_others_do_not(db: None, policy_officer: Any) -> None:
    worker = welder()
    insured(make_worker("李静"), months=8)
    first = computed(policy_officer, {MONTHS: 6})
    second = simulation.repeat(first.pk, by=policy_officer)
    run_job(second.job_id)
    second.refresh_from_db()
    assert (second.digest, second.inputs, second.result) == (first.digest, first.inputs, first.result)

    # The order in which the rows stand says nothing: every row is written anew, the last one first.
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM workforce_knownfacts")
        cursor.execute("DELETE FROM workforce_knownfacts")
        cursor.execute("INSERT INTO workforce_knownfacts SELECT * FROM kept ORDER BY worker_id DESC")
    assert simulation.compute({MONTHS: 6}, ON).digest == first.digest

    # One month more of one person, which moves nobody over any line.
    changed_by_two(worker.insurance, months=worker.insurance.months + 1)
    third = simulation.compute({MONTHS: 6}, ON)
    assert third.result == first.result and third.digest != first.digest
    assert {name for name in third.inputs if third.inputs[name] != first.inputs[name]} == {"facts"}
    assert simulation.compute({MONTHS: 5}, ON).digest != third.digest


def test_nothing_real_changes(db: None, policy_officer: Any) -> None:
    welder()
    match(ON, cause="试")
    real = (ParameterValue, Parameter, Offer, MatchState, MatchRun, Determination)
    before = [sorted(model.objects.values_list(), key=str) for model in real]
    law = law_on(ON)
    computed(policy_officer, {MONTHS: 999, CEILING: None})
    assert [sorted(model.objects.values_list(), key=str) for model in real] == before
    assert law_on(ON) == law


def test_a_draft_takes_only_what_a_rule_reads_and_fits_its_kind(db: None, policy_officer: Any) -> None:
    made = drafted(policy_officer, {})
    not_read = Parameter.objects.exclude(code__in=simulation.readable_parameters()).order_by("code")[0]
    for parameter, value in [
        (not_read, 1),
        (figure(MONTHS), -1),
        (figure(MONTHS), "6"),
        (figure(MONTHS), True),
        (figure(CEILING), {"junior": "1.001"}),
        (figure(CEILING), {}),
        (figure(HONOURS), []),
        (figure("leave.annual.days"), [[10, 5], [1, 3]]),
    ]:
        with pytest.raises(ValidationError):
            simulation.set_figure(made.pk, parameter, value, by=policy_officer)
    made.refresh_from_db()
    assert made.draft == {}
    simulation.set_figure(made.pk, figure(MONTHS), 6, by=policy_officer)
    simulation.set_figure(made.pk, figure(CEILING), None, by=policy_officer)
    assert simulation.remove_figure(made.pk, MONTHS, by=policy_officer).draft == {CEILING: None}
    for title, on in ((" ", ON), ("长" * 81, ON), ("早", date(2019, 2, 19)), ("晚", date(2099, 1, 1))):
        with pytest.raises(ValidationError):
            simulation.draw_up(title, on=on, by=policy_officer)


def test_what_was_started_stays_as_it_was(db: None, policy_officer: Any) -> None:
    made = drafted(policy_officer, {})
    with pytest.raises(NotNow, match="没有任何调整"):
        simulation.run(made.pk, by=policy_officer)
    simulation.set_figure(made.pk, figure(MONTHS), 6, by=policy_officer)
    simulation.run(made.pk, by=policy_officer)
    for late in (
        lambda: simulation.run(made.pk, by=policy_officer),
        lambda: simulation.remove_figure(made.pk, MONTHS, by=policy_officer),
        lambda: simulation.set_figure(made.pk, figure(MONTHS), 3, by=policy_officer),
        lambda: simulation.repeat(made.pk, by=policy_officer),
    ):
        with pytest.raises(NotNow):
            late()
    assert Job.objects.count() == 1
    # To be changed it is copied, at any time.
    copy = simulation.repeat(made.pk, by=policy_officer, begin=False)
    assert (copy.job_id, copy.draft) == (None, {MONTHS: 6})
    actions = list(
        Entry.objects.filter(action__startswith="simulation.").order_by("id").values_list("action", flat=True)
    )
    assert actions == ["simulation.draw_up", "simulation.change", "simulation.run", "simulation.draw_up"]


def waiting(by: Any, code: str = MONTHS, value: Any = 6, since: date = ON) -> ParameterValue:
    return ParameterValue.objects.create(
        parameter=figure(code), value=value, since=since, document="内人社发〔2026〕9号", entered_by=by
    )


def test_a_value_that_waits_begins_a_draft(db: None, policy_officer: Any, second_policy_officer: Any) -> None:
    value = waiting(policy_officer)
    made = simulation.draw_up("待复核", on=ON, by=second_policy_officer, value=value)
    assert (made.draft, made.value) == ({MONTHS: 6}, value)
    not_read = (
        Parameter.objects.exclude(code__in=simulation.readable_parameters())
        .filter(kind="integer")
        .order_by("code")[0]
    )
    with pytest.raises(ValidationError, match="没有待遇"):
        simulation.draw_up("不用", on=ON, by=policy_officer, value=waiting(policy_officer, not_read.code))
    value.confirmed_by, value.confirmed_at = second_policy_officer, timezone.now()
    value.save()
    with pytest.raises(ValidationError, match="已复核"):
        simulation.draw_up("晚了", on=ON, by=policy_officer, value=value)


def test_killed_and_taken_again_it_comes_to_the_same(
    db: None, policy_officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    welder()
    made = drafted(policy_officer, {MONTHS: 37})
    job = simulation.run(made.pk, by=policy_officer)

    class Killed(BaseException):
        """Nothing of ours catches it, as nothing catches the end of a process."""

    real = simulation._count_groups

    def killed(*args: Any) -> Any:
        raise Killed

    monkeypatch.setattr(simulation, "_count_groups", killed)
    with pytest.raises(Killed):
        run_job(job.pk)
    made.refresh_from_db(), job.refresh_from_db()
    assert (made.result, job.state) == (None, JobState.RUNNING)
    monkeypatch.setattr(simulation, "_count_groups", real)
    run_job(job.pk)
    assert not Simulation.objects.get(pk=made.pk).digest, "a living job is not taken twice"
    Job.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    run_job(job.pk)
    made.refresh_from_db(), job.refresh_from_db()
    assert (job.state, made.result["people"]) == (JobState.DONE, {"gained": 0, "lost": 1})
    # A third delivery finds it done.
    run_job(job.pk)
    assert Simulation.objects.get(pk=made.pk).digest == made.digest


def test_stopped_it_keeps_no_result(db: None, policy_officer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = drafted(policy_officer, {MONTHS: 6})
    job = simulation.run(made.pk, by=policy_officer)
    real = simulation._count_groups

    def meanwhile(*args: Any) -> Any:
        cancel(job.pk, by=policy_officer)
        return real(*args)

    monkeypatch.setattr(simulation, "_count_groups", meanwhile)
    run_job(job.pk)
    made.refresh_from_db(), job.refresh_from_db()
    assert (job.state, made.digest, made.result) == (JobState.CANCELLED, "", None)
    # Stopped is not under way: once more it runs.
    monkeypatch.setattr(simulation, "_count_groups", real)
    second = simulation.repeat(made.pk, by=policy_officer)
    run_job(second.job_id)
    assert Simulation.objects.get(pk=second.pk).digest


def test_who_may(cast: Any, policy_officer: Any, worker_user: Any) -> None:
    made = computed(policy_officer, {MONTHS: 6})
    for fixture, _, _, role, _ in PEOPLE:
        user, may = cast(fixture), role == "policy_officer"
        assert list(Simulation.objects.visible_to(user)) == ([made] if may else []), role
        if not may:
            refuse_all(user, made)
    refuse_all(worker_user, made)


def refuse_all(user: Any, made: Simulation) -> None:
    for act in (
        lambda: simulation.draw_up("试", on=ON, by=user),
        lambda: simulation.set_figure(made.pk, figure(MONTHS), 1, by=user),
        lambda: simulation.remove_figure(made.pk, MONTHS, by=user),
        lambda: simulation.run(made.pk, by=user),
        lambda: simulation.repeat(made.pk, by=user),
    ):
        with pytest.raises(Refused):
            act()
