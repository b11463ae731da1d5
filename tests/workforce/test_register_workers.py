"""Putting a person into the register, correcting what is known of them, showing a masked number."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.regions.models import Region
from portal.workforce.actions import (
    AlreadyRegistered,
    NotNow,
    Stale,
    confirm_pointer,
    correct_worker,
    create_worker,
    propose_pointer,
    reveal,
    version_of,
)
from portal.workforce.models import Worker
from tests.cast import KUNDULUN, ORDOS, OTOG, id_number, make_worker

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


def register(by, **given):
    region = given.pop("region", OTOG)
    fields = {
        "name": "王建国",
        "id_number": id_number(),
        "work_region": Region.objects.get(pk=region),
        "source": "窗口登记",
    } | given
    return create_worker(**fields, by=by, on=ON)


def correct(worker, by, **given):
    fields = {
        "version": version_of(worker),
        "name": worker.name,
        "id_number": "",
        "work_region": worker.work_region,
        "household_region": worker.household_region,
        "source": worker.source,
    } | given
    return correct_worker(worker.pk, **fields, by=by, on=ON)


def test_a_clerk_registers_a_worker(cast):
    number = id_number(born=date(1990, 2, 28))
    worker = register(cast("clerk"), id_number=number, phone="138 0000 1234")
    worker.refresh_from_db()
    assert (worker.id_number, worker.birth_on, worker.phone) == (number, date(1990, 2, 28), "13800001234")
    assert Worker.objects.with_id_number(number).get() == worker
    entry = Entry.objects.get(action="worker.create")
    assert (entry.actor_name, entry.worker_ref, entry.region_code) == ("otog.clerk", worker.pk, OTOG)
    assert number not in str(entry.detail)


@pytest.mark.parametrize(("typed", "stored"), [("１５", None), (" ｘ", None)])
def test_a_number_that_cannot_be_right_is_refused_beside_its_field(cast, typed, stored):
    with pytest.raises(ValidationError) as refused:
        register(cast("clerk"), id_number=typed)
    assert "id_number" in refused.value.message_dict


def test_full_width_digits_are_understood(cast):
    number = id_number()
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "X" else "Ｘ" for c in number)
    assert register(cast("clerk"), id_number=f" {wide} ").id_number == number


@pytest.mark.parametrize("name", ["", "王5", "王<b>", "=SUM(A1)", "a" * 61])
def test_what_is_no_name_is_refused(cast, name):
    with pytest.raises(ValidationError):
        register(cast("clerk"), name=name)


@pytest.mark.parametrize("name", ["阿拉坦·乌拉", "那仁格日勒", "㼆喆", "Ivan O'Neil"])
def test_names_of_all_kinds_are_names(cast, name):
    assert register(cast("clerk"), name=name).name == name


def test_the_same_number_twice_leads_to_the_existing_worker(cast):
    existing = make_worker(region=KUNDULUN)
    with pytest.raises(AlreadyRegistered) as refused:
        register(cast("baotou_clerk"), id_number=existing.id_number, region=KUNDULUN)
    assert refused.value.worker_id == existing.pk and "已登记" in str(refused.value)
    assert Worker.objects.count() == 1


def test_of_somebody_elsewhere_nothing_is_said(cast):
    """Neither where they are registered, nor whether the record still stands."""
    standing, void = make_worker(region=KUNDULUN), make_worker(region=KUNDULUN)
    pointer = propose_pointer("person", void.pk, None, reason="登记有误", by=cast("baotou_clerk"), on=ON)
    confirm_pointer("person", pointer.pk, by=cast("baotou_reviewer"), on=ON)
    said = set()
    for person in (standing, void):
        with pytest.raises(AlreadyRegistered) as refused:
            register(cast("clerk"), id_number=person.id_number)
        said.add(str(refused.value))
    with pytest.raises(AlreadyRegistered) as refused:
        correct(make_worker(), cast("clerk"), id_number=standing.id_number)
    [words] = said | {str(refused.value)}
    assert not re.search("昆都仑|包头|已登记|作废", words)
    noted = Entry.objects.filter(action="worker.number_taken", actor=cast("clerk"))
    assert list(noted.values_list("worker_ref", "region_code")) == [
        (standing.pk, KUNDULUN), (void.pk, KUNDULUN), (standing.pk, KUNDULUN),
    ]  # fmt: skip


def test_who_tries_numbers_is_stopped_for_the_day(cast):
    for _ in range(10):
        with pytest.raises(AlreadyRegistered):
            register(cast("clerk"), id_number=make_worker(region=KUNDULUN).id_number)
    with pytest.raises(NotNow, match="业务主管"):
        register(cast("clerk"))
    # Own people are found as before, and nobody else is stopped.
    assert correct(make_worker(), cast("clerk"), name="王建军").name == "王建军"
    assert register(cast("second_clerk"))


@pytest.mark.parametrize("who", ["reviewer", "registry_officer", "auditor", "system_admin", "baotou_clerk"])
def test_only_a_clerk_of_the_region_registers(cast, who):
    with pytest.raises(Refused):
        register(cast(who))
    assert not Worker.objects.exists()


def test_a_correction_keeps_what_was_said_before(cast):
    worker = make_worker()
    changed = correct(worker, cast("clerk"), name="王建军", phone="13900001234")
    assert changed.name == "王建军" and changed.phone == "13900001234"
    before = worker.events.get()
    assert (before.name, before.pgh_context.metadata["user"]) == ("王建国", cast("clerk").pk)
    assert Entry.objects.get(action="worker.correct").detail["fields"] == ["name", "phone", "phone_digest"]


def test_a_wrong_number_can_be_corrected_but_not_to_somebody_elses(cast):
    worker, other = make_worker(), make_worker("李强")
    with pytest.raises(AlreadyRegistered):
        correct(worker, cast("clerk"), id_number=other.id_number)
    number = id_number(born=date(1979, 1, 31))
    assert correct(worker, cast("clerk"), id_number=number).birth_on == date(1979, 1, 31)


def test_a_phone_can_be_taken_away(cast):
    worker = make_worker()
    worker.set_phone("13900001234")
    worker.save()
    changed = correct(worker, cast("clerk"), phone="-")
    assert changed.phone is None and changed.phone_digest is None


def test_nothing_changed_writes_nothing(cast):
    worker = make_worker()
    correct(worker, cast("clerk"))
    assert not worker.events.exists() and not Entry.objects.filter(action="worker.correct").exists()


def test_a_form_opened_before_somebody_elses_change_is_refused(cast):
    worker = make_worker()
    opened = version_of(worker)
    correct(worker, cast("clerk"), name="王建军")
    with pytest.raises(Stale, match="已被他人更改"):
        correct(worker, cast("clerk"), version=opened, name="王小军")
    worker.refresh_from_db()
    assert worker.name == "王建军"


def test_what_the_portal_draws_itself_is_no_other_version(cast):
    worker = make_worker()
    opened = version_of(worker)
    Worker.objects.filter(pk=worker.pk).update(occupation="焊工", skill_level=40)
    worker.refresh_from_db()
    assert version_of(worker) == opened


def test_a_clerk_hands_a_worker_over_to_another_region(cast):
    worker = make_worker()
    correct(worker, cast("clerk"), work_region=Region.objects.get(pk=KUNDULUN))
    assert not Worker.objects.visible_to(cast("clerk")).exists()
    assert Worker.objects.visible_to(cast("baotou_clerk")).get() == worker
    assert Entry.objects.get(action="worker.correct").detail["from_region"] == OTOG


@pytest.mark.parametrize("who", ["reviewer", "registry_officer", "baotou_clerk", "auditor"])
def test_others_correct_nothing(cast, who):
    worker = make_worker()
    with pytest.raises(Refused):
        correct(worker, cast(who), name="王小军")


WHY = {"purpose": "identity", "note": "本人到窗口办理"}


@pytest.mark.parametrize("who", ["clerk", "reviewer", "regional_reviewer", "registry_officer"])
def test_the_full_number_is_shown_for_a_reason_that_is_kept(cast, who):
    worker = make_worker()
    assert reveal(worker.pk, "id_number", **WHY, by=cast(who)) == worker.id_number
    entry = Entry.objects.get(action="worker.unmask")
    assert entry.worker_ref == worker.pk
    assert entry.detail == {"what": "id_number", "reason": "核对本人身份证件：本人到窗口办理"}


@pytest.mark.parametrize(
    "who", ["approver", "finance_officer", "supervisor", "auditor", "system_admin", "baotou_clerk"]
)
def test_others_are_not_shown_the_number(cast, who):
    worker = make_worker()
    with pytest.raises(Refused):
        reveal(worker.pk, "id_number", **WHY, by=cast(who))
    assert not Entry.objects.filter(action="worker.unmask").exists()


def test_no_reason_no_number(cast):
    worker = make_worker()
    with pytest.raises(NotNow, match="用途"):
        reveal(worker.pk, "id_number", purpose="curiosity", note="本人到窗口办理", by=cast("clerk"))
    for note in ("", "  ", "x", "。。。。。"):
        with pytest.raises(NotNow, match="具体事由"):
            reveal(worker.pk, "id_number", purpose="identity", note=note, by=cast("clerk"))
    with pytest.raises(NotNow):
        reveal(worker.pk, "id_digest", **WHY, by=cast("clerk"))
    assert not Entry.objects.filter(action="worker.unmask").exists()


def test_a_clerk_of_a_league_registers_in_its_banners(cast):
    from tests.cast import make_account

    league_clerk = make_account("ordos.clerk", "娜仁", "window_clerk", ORDOS)
    assert register(league_clerk).work_region_id == OTOG
