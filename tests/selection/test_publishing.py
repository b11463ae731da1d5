"""Publication: entries, facts and letters for those selected, a decision for the others, nothing for anybody
else, nobody twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.letters.models import Letter
from portal.workforce.models import AttestedFact, Worker
from portal.workforce.models.facts import Attested
from talent_registry import letters
from talent_registry.actions import confirm, propose, withdraw, withdraw_unfounded
from talent_registry.models import RegistryEntry
from talent_registry.selection import announcing, publishing, steps, verifying
from tests.cast import make_honour, make_worker
from tests.selection.announced import (
    PASSED_OVER,
    YEAR,
    after_notice,
    current,
    nomination_of,
    object_to,
    take,
)
from tests.selection.nominees import today


def kinds_for(name: str) -> list[str]:
    return list(Letter.objects.filter(worker__name=name).order_by("pk").values_list("kind", flat=True))


def test_everybody_gets_what_the_list_says(cast, confirmed, approver) -> None:
    bystander = make_worker("路人甲")
    published = take(cast, "publish")
    assert published.state == "published"
    entries = list(RegistryEntry.objects.order_by("pk"))
    assert [entry.name for entry in entries] == ["首席王", "特级李", "包技孙"], (
        "numbers run in the order of the list"
    )
    first = entries[0]
    assert (first.basis, first.selection, first.honour, first.ground) == (
        "selection",
        published,
        None,
        f"{YEAR}年度遴选",
    )
    assert first.confirmed_by == approver and first.determination == nomination_of("首席王").determination
    assert (
        first.included_on == after_notice() and first.id_tail == nomination_of("首席王").worker.id_number[-4:]
    )
    assert (first.employer_name, first.occupation, first.skill_level) == (
        "鄂托克焦化有限责任公司",
        "炼焦工",
        80,
    )
    fact = AttestedFact.objects.get(worker=first.worker_id, code=Attested.LEADING_TALENT)
    assert fact.value is True and first.number in fact.document
    assert kinds_for("首席王") == [letters.SELECTION_INCLUSION, letters.SELECTION_CERTIFICATE]
    for name, outcome in (("首席王", "selected"), ("高技赵", "not_selected"), ("未推吴", "not_selected")):
        nomination = nomination_of(name)
        assert (nomination.case.state, nomination.outcome) == (outcome, outcome) and nomination.case.closed_at
    assert kinds_for("高技赵") == kinds_for("包高周") == kinds_for("未推吴") == [letters.SELECTION_RESULT]
    assert (
        not Letter.objects.filter(worker=bystander).exists()
        and not Letter.objects.exclude(case__nomination__round=published).exists()
    )
    assert verifying.verify(current()) == []


def test_who_is_out_learns_why_by_which_clause_and_what_can_be_done(published) -> None:
    full, passed = (Letter.objects.get(worker__name=name) for name in ("高技赵", "未推吴"))
    assert (
        "鄂尔多斯市的入选名额2名已用完" in full.grounds
        and "列第3位" in full.grounds
        and "技能水平" in full.grounds
    )
    assert "第（一）条" in full.clause and "复议" in full.remedy and "诉讼" in full.remedy
    assert PASSED_OVER.rstrip("。") in passed.grounds and "鄂尔多斯市未推荐" in passed.grounds
    assert full.adverse and full.context["decision"].startswith("未将你列入")


def test_who_was_excluded_is_told_so(cast, announced, regional_reviewer) -> None:
    from portal.cases.notices import objections

    reason = "经核查，本人自2024年起担任科室负责人。"
    objections.uphold(
        object_to("特级李").case_id,
        reason=reason,
        reply="情况属实。",
        remedy=announcing.EXCLUDE,
        by=regional_reviewer,
        on=today(),
    )
    take(cast, "publish")
    assert reason.rstrip("。") in Letter.objects.get(worker__name="特级李").grounds
    assert RegistryEntry.objects.filter(name="高技赵").exists()


def test_what_was_announced_is_what_is_published(cast, announced) -> None:
    worker = nomination_of("首席王").worker
    worker.occupation = "另一工种"
    worker.save()
    take(cast, "publish")
    assert RegistryEntry.objects.get(name="首席王").occupation == "炼焦工"


# -- interrupted ---------------------------------------------------------------------------------------------
def test_interrupted_anywhere_and_taken_up_again_nobody_is_done_twice(
    confirmed, registry_officer, monkeypatch
) -> None:
    on = after_notice()
    decide, done = publishing._decide, []

    def killed_after(count: int) -> None:
        def stop(*args: Any, **kwargs: Any) -> None:
            if len(done) >= count:
                raise KeyboardInterrupt
            decide(*args, **kwargs)
            done.append(1)

        monkeypatch.setattr(publishing, "_decide", stop)

    for count in (1, 3, 4):
        killed_after(count)
        with pytest.raises(KeyboardInterrupt):
            # Outside the step: its own transaction would undo all of it, which a kill of the real one does
            # not.
            publishing.publish(confirmed, by=registry_officer, on=on + timedelta(days=count))
    monkeypatch.setattr(publishing, "_decide", decide)
    counts = publishing.publish(confirmed, by=registry_officer, on=on + timedelta(days=9))
    assert counts == {"selected": 0, "not_selected": 2}
    assert publishing.publish(confirmed, by=registry_officer, on=on) == {"selected": 0, "not_selected": 0}
    assert RegistryEntry.objects.count() == 3 and set(
        RegistryEntry.objects.values_list("included_on", flat=True)
    ) == {on + timedelta(days=1)}
    assert sorted(RegistryEntry.objects.values_list("number", flat=True)) == [
        f"LJ-{YEAR}-{n:06d}" for n in (1, 2, 3)
    ]
    assert Letter.objects.count() == 9
    assert set(Letter.objects.values_list("issued_on", flat=True)) == {on + timedelta(days=1)}


def test_progress_is_told_and_another_publication_at_the_same_time_is_no_error(
    confirmed, registry_officer, monkeypatch
) -> None:
    heard: list[tuple[int, int]] = []
    listed = list(publishing._listed(confirmed))
    publishing.publish(
        confirmed,
        by=registry_officer,
        on=after_notice(),
        progress=lambda done, total, step: heard.append((done, total)),
    )
    assert heard == [(5, 6), (6, 6)]
    # The list as the other process read it before.
    monkeypatch.setattr(publishing, "_listed", lambda round_: listed)
    publishing.publish(confirmed, by=registry_officer, on=after_notice())
    assert RegistryEntry.objects.count() == 3 and Letter.objects.count() == 9


# -- refused -------------------------------------------------------------------------------------------------
def test_only_what_is_confirmed_is_published_and_only_by_the_officer(
    cast, announced, registry_officer, clerk
) -> None:
    with pytest.raises(NotNow, match="审定之后才能公布"):
        publishing.publish(announced, by=registry_officer, on=today())
    take(cast, "confirm")
    with pytest.raises(Refused):
        steps.take_step(YEAR, "publish", by=clerk, on=after_notice())
    with pytest.raises(Refused):
        publishing.publish(announced, by=clerk, on=after_notice())
    assert not RegistryEntry.objects.exists() and not Letter.objects.exists()


def test_the_database_takes_no_entry_of_somebody_who_is_not_on_the_list(
    cast, confirmed, registry_officer
) -> None:
    out, entry = nomination_of("高技赵"), None
    take(cast, "publish")
    entry = RegistryEntry.objects.get(name="首席王")
    entry.pk, entry.number, entry.case, entry.worker, entry._state.adding = (
        None,
        "LJ-2026-000099",
        out.case,
        out.worker,
        True,
    )
    with pytest.raises(IntegrityError, match="no confirmed case"), transaction.atomic():
        entry.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# -- beside direct inclusion ---------------------------------------------------------------------------------
def test_who_came_onto_the_registry_meanwhile_gets_no_second_entry(
    cast, announced, clerk, reviewer, registry_officer
) -> None:
    worker = nomination_of("首席王").worker
    make_honour(worker, recorded_by=clerk, verified_by=reviewer)
    (case,) = propose([worker.pk], by=None, on=today())
    entry = confirm(case.pk, by=registry_officer, on=today(), how="查验证书")
    take(cast, "publish")
    assert RegistryEntry.objects.get(worker=worker) == entry
    assert kinds_for("首席王")[-1] == letters.SELECTION_NOTED
    assert nomination_of("首席王").outcome == "selected"
    assert verifying.verify(current()) == []


def test_a_proposal_of_somebody_selected_meanwhile_is_taken_back(
    cast, confirmed, clerk, reviewer, registry_officer
) -> None:
    worker = nomination_of("首席王").worker
    make_honour(worker, recorded_by=clerk, verified_by=reviewer)
    (case,) = propose([worker.pk], by=None, on=today())
    other = nomination_of("特级李").worker
    make_honour(other, recorded_by=clerk, verified_by=reviewer)
    (second,) = propose([other.pk], by=None, on=today())
    take(cast, "publish")
    with pytest.raises(NotNow, match="已在名录中"):
        confirm(case.pk, by=registry_officer, on=today(), how="查验证书")
    withdraw(case.pk, by=clerk, on=today(), reason="已经遴选列入。")
    assert withdraw_unfounded(on=today()) == [second.pk]
    assert Case.objects.get(pk=second.pk).events.latest("position").reason == "本人已经年度遴选列入名录。"
    assert propose(by=None, on=today()) == []


def test_a_corrected_name_reaches_the_list_of_the_year_and_not_what_was_frozen(
    published, registry_officer, second_registry_officer
) -> None:
    from talent_registry.actions import confirm_correction, propose_correction
    from talent_registry.selection import files

    round_ = current()
    digest = round_.standing_list.digest
    one = RegistryEntry.objects.get(name="首席王")
    Worker.objects.filter(pk=one.worker_id).update(name="首席汪")
    correction = propose_correction(
        one.pk, ["name"], reason="登记有误。", by=registry_officer, on=after_notice()
    )
    confirm_correction(correction.pk, by=second_registry_officer, on=after_notice())
    rows = [row for part in files.parts(round_) for row in part]
    assert "首席汪" in rows[0] and not any("首席王" in row for row in rows)
    assert current().standing_list.digest == digest and verifying.verify(current()) == []


def test_a_list_frozen_before_a_merge_derives_as_before(cast, published) -> None:
    from tests.workforce.merging import merged

    round_ = current()
    digest = round_.standing_list.digest
    merged(cast, nomination_of("首席王").worker, make_worker("首席王"))
    assert current().standing_list.digest == digest and verifying.verify(current()) == []
    assert RegistryEntry.objects.public().filter(name="首席王").count() == 1
