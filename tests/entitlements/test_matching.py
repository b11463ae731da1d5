"""Looking over the register: masks agree with single answers, offers come from differences, nobody is offered
a thing twice.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.entitlements.catalogue import BITS, OFFERED, benefits_in
from portal.entitlements.matching import match
from portal.entitlements.models import MatchRun, MatchState, Offer
from portal.entitlements.tasks import match_register
from portal.policy.benefits import CATALOGUE
from portal.policy.engine import current_rules
from portal.policy.law import law_on
from portal.policy.sets import Relation, evaluate, masks
from portal.regions.models import Region
from portal.workforce.facts import relation
from portal.workforce.models import BenefitClaim, SkillCredential
from tests.by_two import all_changed_by_two, changed_by_two, removed_by_two
from tests.cast import BAOTOU, KUNDULUN, OTOG, confirm, make_worker
from tests.entitlements.given import ON, certified, employed, graduated, insured, welder
from tests.listed import listed
from tests.policy.test_determinations import confirmed
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db
UPGRADE, SCHOOLING, TALENT = "training.skill-upgrade", "schooling.equivalence", "business.registration"


def test_every_benefit_has_its_bit_for_ever(db: None) -> None:
    assert {benefit.code for benefit in CATALOGUE} <= set(BITS)
    assert set(OFFERED) <= set(BITS)
    # What is stored is read by these numbers: they are only ever added to.
    assert list(BITS)[:3] == ["registry.direct-inclusion", "registry.nomination", "expert.checkup-and-leave"]
    assert (BITS[UPGRADE], BITS["leave.annual"]) == (11, 20)


def test_masks_say_what_single_answers_say(db: None) -> None:
    # given: people of whom something holds, something does not, and something is unknown
    people = [welder(), make_worker("李静"), make_worker("张伟", region=KUNDULUN)]
    insured(people[1], months=None, drawing=None)
    employed(people[1])
    certified(people[1], level=30)
    graduated(people[2])
    listed(people[2])
    # when
    match(ON, cause="试")
    # then
    answers = evaluate(Relation(relation(ON)), on=ON, form="answers").rows()
    said: dict[int, dict[str, set[str]]] = {}
    for row in answers:
        said.setdefault(row["subject_id"], {}).setdefault(row["outcome"], set()).add(row["benefit"])
    for standing in MatchState.objects.all():
        assert set(benefits_in(standing.eligible)) == said[standing.worker_id].get("eligible", set())
        assert set(benefits_in(standing.undetermined)) == said[standing.worker_id].get("undetermined", set())
    assert MatchState.objects.count() == 3


def test_offers_are_what_is_newly_held(db: None) -> None:
    worker = welder()
    first = match(ON, cause="试")
    assert (first.people, first.changed) == (1, 1)
    assert set(Offer.objects.values_list("benefit", flat=True)) >= {UPGRADE, "title.engineering-review"}
    assert Offer.objects.get(benefit=UPGRADE).distinction == "焊工 senior 2026-05-10"
    # Nothing happened: nothing is written.
    before = list(Offer.objects.order_by("id").values())
    second = match(ON, cause="试")
    assert (second.changed, second.offered, second.expired) == (0, 0, 0)
    assert list(Offer.objects.order_by("id").values()) == before
    # A school class came in: that, and that alone.
    graduated(worker)
    third = match(ON, cause="试")
    assert (third.changed, third.offered) == (1, 1)
    assert third.counts[SCHOOLING] == {"eligible": 1, "undetermined": 0, "gained": 1, "lost": 0}
    assert third.counts[UPGRADE]["eligible"] == 1


def test_what_falls_away_lapses_and_holds_again_without_a_second_telling(db: None, clerk: Any) -> None:
    worker = welder()
    match(ON, cause="试")
    offer = Offer.objects.get(benefit=UPGRADE)
    from portal.entitlements.offers import notify

    notify(offer.pk, by=clerk, on=ON)
    told_at = Offer.objects.get(pk=offer.pk).notified_at
    # when the insurance turns out to be shorter, and then is put right
    changed_by_two(worker.insurance, months=3)
    match(ON, cause="试")
    assert Offer.objects.get(pk=offer.pk).state == "expired"
    changed_by_two(worker.insurance, months=36)
    match(ON, cause="试")
    # then it is as it was: told once
    offer.refresh_from_db()
    assert (offer.state, offer.notified_at) == ("notified", told_at)
    assert Offer.objects.filter(benefit=UPGRADE).count() == 1


def test_another_certificate_is_another_offer(db: None) -> None:
    worker = welder()
    match(ON, cause="试")
    certified(worker, level=30, issued_on=date(2026, 11, 1), occupation="电工")
    run = match(ON, cause="试")
    found = dict(Offer.objects.filter(benefit=UPGRADE).values_list("distinction", "state"))
    assert found == {"焊工 senior 2026-05-10": "matched", "电工 intermediate 2026-11-01": "matched"}
    assert (run.offered, run.expired) == (1, 0)
    again = match(ON, cause="试")
    assert (again.changed, again.offered, again.expired) == (0, 0, 0)


def test_an_older_certificate_that_is_renewed_away_lapses(db: None) -> None:
    """Of the same occupation at a higher level nothing is barred; what was drawn since is."""
    worker = welder()
    certified(worker, level=30, issued_on=date(2026, 11, 1), occupation="电工")
    match(ON, cause="试")
    assert Offer.objects.filter(benefit=UPGRADE).open().count() == 2
    BenefitClaim.objects.create(
        worker=worker, kind="skill_upgrade", occupation="焊工", level=40, claimed_on=ON, source="合成"
    )
    match(ON, cause="试")
    found = dict(Offer.objects.filter(benefit=UPGRADE).values_list("distinction", "state"))
    assert found == {"焊工 senior 2026-05-10": "expired", "电工 intermediate 2026-11-01": "matched"}


def test_time_alone_lapses_an_offer_beside_the_newest(db: None) -> None:
    worker = welder()
    certified(worker, level=30, issued_on=date(2026, 11, 1), occupation="电工")
    match(ON, cause="试")
    match(date(2027, 5, 10), cause="试")
    assert Offer.objects.filter(benefit=UPGRADE).open().count() == 2
    match(date(2027, 5, 11), cause="试")
    [left] = Offer.objects.filter(benefit=UPGRADE).open()
    assert left.distinction == "电工 intermediate 2026-11-01"


def test_an_older_certificate_is_offered_once_it_is_confirmed(db: None) -> None:
    """The person's own row, about the newest, stays as it is."""
    worker = welder()
    older = SkillCredential.objects.create(
        worker=worker, occupation="电工", level=30, issued_on=date(2026, 4, 1), number="N8", source="花名册"
    )
    match(ON, cause="试")
    assert Offer.objects.filter(benefit=UPGRADE).count() == 1
    confirm(older)
    run = match(ON, cause="试")
    assert run.offered == 1 and not run.facts.whole
    offer = Offer.objects.get(benefit=UPGRADE, distinction="电工 intermediate 2026-04-01")
    assert (offer.subject_type, offer.subject_id, offer.beside) == ("certificate", older.pk, True)
    newest = Offer.objects.get(benefit=UPGRADE, beside=False)
    assert newest.subject_id == worker.credentials.get(occupation="焊工").pk


def test_the_older_one_stays_offered_when_it_is_the_newest_again(db: None) -> None:
    worker = welder()
    newest = certified(worker, level=30, issued_on=date(2026, 11, 1), occupation="电工")
    match(ON, cause="试")
    removed_by_two(newest)
    match(ON, cause="试")
    found = dict(Offer.objects.filter(benefit=UPGRADE).values_list("distinction", "state"))
    assert found == {"焊工 senior 2026-05-10": "matched", "电工 intermediate 2026-11-01": "expired"}


def test_a_whole_look_offers_the_same(db: None) -> None:
    worker = welder()
    certified(worker, level=30, issued_on=date(2026, 11, 1), occupation="电工")
    match(ON, cause="试")
    before = list(Offer.objects.order_by("pk").values())
    match(ON, cause="试", whole=True)
    assert list(Offer.objects.order_by("pk").values()) == before


def test_certificates_under_two_records_of_one_person_are_both_offered(cast: Any) -> None:
    worker = welder()
    other = make_worker("王建国")
    certified(other, level=30, issued_on=date(2026, 4, 1), occupation="电工")
    match(ON, cause="试")
    assert Offer.objects.filter(benefit=UPGRADE).open().count() == 1
    merged(cast, other, worker)
    match(ON, cause="试")
    found = Offer.objects.filter(benefit=UPGRADE).open().values_list("worker", "distinction")
    assert set(found) == {
        (worker.pk, "焊工 senior 2026-05-10"),
        (worker.pk, "电工 intermediate 2026-04-01"),
    }


def test_time_alone_lapses_an_offer(db: None) -> None:
    """The certificate's twelve months are over: its last day is 2027-05-10."""
    welder()
    match(ON, cause="试")
    match(date(2027, 5, 10), cause="试")
    assert Offer.objects.get(benefit=UPGRADE).state == "matched"
    match(date(2027, 5, 11), cause="试")
    assert Offer.objects.get(benefit=UPGRADE).state == "expired"


def test_time_alone_lapses_an_offer_that_rests_on_an_earlier_certificate(db: None) -> None:
    """What is verified has another day than what is recorded: a newer certificate waits to be confirmed."""
    worker = welder()
    SkillCredential.objects.create(
        worker=worker, occupation="焊工", level=50, issued_on=date(2026, 11, 1), number="N9", source="花名册"
    )
    match(ON, cause="试")
    match(date(2027, 5, 10), cause="试")
    assert Offer.objects.get(benefit=UPGRADE).state == "matched"
    match(date(2027, 5, 11), cause="试")
    assert Offer.objects.get(benefit=UPGRADE).state == "expired"


def _held() -> dict[int, tuple[int, int]]:
    return {one.worker_id: (one.eligible, one.undetermined) for one in MatchState.objects.all()}


def _decided(day: date) -> dict[int, tuple[int, int]]:
    found = masks(current_rules(), Relation(relation(day)), law_on(day), places=BITS)
    return {row["subject_id"]: (row["eligible"], row["undetermined"]) for row in found.rows()}


def test_looking_at_who_changed_finds_what_looking_at_everybody_finds(db: None) -> None:
    """Nights with and without changes, a month's end, a year's, and a day before the last one."""
    people = [welder(f"王{name}") for name in "甲乙丙丁戊己"]
    for worker, issued in zip(people, (19, 20, 21, 30, 1, 10), strict=True):
        all_changed_by_two(worker.credentials.all(), issued_on=date(2025, 11, issued))
    certified(people[5], level=50, issued_on=date(2026, 12, 1), occupation="电工")
    looked_at = []
    for day in (
        ON,
        ON,
        date(2026, 11, 21),
        date(2026, 11, 22),
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2026, 12, 31),
    ):
        if day.day == 22:
            changed_by_two(people[3].insurance, months=1)
            listed(people[4])
        match(day, cause="试")
        assert _held() == _decided(day), day
        looked_at.append(MatchRun.objects.first().changed)
    # Everybody the first time, nobody when nothing happened, and on most nights one or two.
    assert looked_at[:2] == [6, 0] and 0 < looked_at[3] <= 3


def test_another_figure_of_the_law_lets_everybody_be_looked_at(
    db: None, policy_officer: Any, second_policy_officer: Any
) -> None:
    worker = welder()
    changed_by_two(worker.insurance, months=40)
    match(ON, cause="试")
    match(ON, cause="试")
    assert Offer.objects.get(benefit=UPGRADE).state == "matched"
    # when the law asks for more months, confirmed after the look and in force on its day
    confirmed("training.skill-upgrade.insured-months", 41, ON, policy_officer, second_policy_officer)
    assert match(ON, cause="试").changed == 1
    # then
    assert _held() == _decided(ON)
    assert Offer.objects.get(benefit=UPGRADE).state == "expired"


def test_an_open_offer_follows_its_worker(db: None) -> None:
    worker = welder()
    match(ON, cause="试")
    assert set(Offer.objects.values_list("region_id", flat=True)) == {OTOG}
    changed_by_two(worker, work_region=Region.objects.get(pk=KUNDULUN))
    match(ON, cause="试")
    assert set(Offer.objects.values_list("region_id", "league_code")) == {(KUNDULUN, BAOTOU)}


def test_what_was_asked_for_before_a_run_began_is_not_done_again(db: None) -> None:
    welder()
    run = match(ON, cause="试")
    assert match_register("导入", run.began_at.isoformat()) is None
    assert MatchRun.objects.count() == 1


def test_who_sees_which_offers(
    db: None, clerk: Any, baotou_clerk: Any, reviewer: Any, supervisor: Any, worker_user: Any
) -> None:
    employed(worker_user.worker, continuous_months=30)
    certified(worker_user.worker)
    listed(make_worker("张伟", region=KUNDULUN))
    match(ON, cause="试")

    def seen(user: Any) -> set[str]:
        return set(Offer.objects.visible_to(user).values_list("worker__name", flat=True))

    assert seen(clerk) == seen(reviewer) == seen(worker_user) == {"王建国"}
    assert seen(baotou_clerk) == {"张伟"}
    assert seen(supervisor) == {"王建国", "张伟"}


def test_the_command_says_what_it_found(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    welder()
    call_command("match_register")
    said = capsys.readouterr().out
    assert "技能提升补贴：新增 1 人，减少 0 人，目前 1 人" in said and "共 1 人，1 人有变化" in said
    call_command("match_register", whole=True)
    assert capsys.readouterr().out == "共 1 人，0 人有变化；新增事项 0 项，失效 0 项。\n"
