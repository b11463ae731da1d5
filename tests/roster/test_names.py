"""Deciding on a name that a roster gives differently."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.workforce.models import NameConflict
from portal.workforce.roster.actions import decide_name
from tests.cast import make_worker
from tests.roster.conftest import Office, counts, row


@pytest.fixture
def conflict(office: Office, clerk: Any) -> NameConflict:
    worker = make_worker("王建国")
    office.imports(row(姓名="王建军", 证件号码=worker.id_number), by=clerk)
    return NameConflict.objects.get()


def decide(
    conflict: NameConflict, by: Any, decision: str = "replace", reason: str = "已查验居民身份证原件"
) -> NameConflict:
    return decide_name(conflict.pk, decision=decision, reason=reason, by=by)


def test_replaced_the_name_changes_and_the_old_one_stays_in_the_history(
    conflict: NameConflict, reviewer: Any
) -> None:
    decide(conflict, reviewer)
    conflict.worker.refresh_from_db()
    assert conflict.worker.name == "王建军"
    assert apps.get_model("workforce", "WorkerEvent").objects.get().name == "王建国"
    entry = Entry.objects.get(action="worker.name.decide")
    assert (entry.actor, entry.worker_ref, entry.detail) == (
        reviewer,
        conflict.worker_id,
        {"decision": "replace"},
    )


def test_replaced_the_row_can_be_imported(conflict: NameConflict, reviewer: Any, office: Office) -> None:
    decide(conflict, reviewer)
    assert counts(office.gives(office.refused_path.read_bytes())) == (0, 1, 0, 0)


def test_kept_the_row_is_refused_with_the_decision(
    conflict: NameConflict, reviewer: Any, office: Office
) -> None:
    decide(conflict, reviewer, "keep")
    conflict.worker.refresh_from_db()
    assert conflict.worker.name == "王建国"
    outcome = office.gives(office.refused_path.read_bytes())
    assert (outcome.refused, outcome.held) == (1, 0)
    assert "已核定保留登记的姓名" in office.reasons[0]
    assert NameConflict.objects.count() == 1


@pytest.mark.parametrize(
    "who", ["clerk", "baotou_reviewer", "regional_reviewer", "registry_officer", "auditor", "system_admin"]
)
def test_others_may_not_decide(conflict: NameConflict, cast: Any, who: str) -> None:
    with pytest.raises(Refused):
        decide(conflict, cast(who))
    conflict.refresh_from_db()
    assert conflict.decision == ""


def test_who_imported_does_not_decide(office: Office, reviewer: Any, second_reviewer: Any) -> None:
    worker = make_worker("王建国")
    office.imports(row(姓名="王建军", 证件号码=worker.id_number), by=reviewer)
    conflict = NameConflict.objects.get()
    with pytest.raises(Refused, match="由您本人的导入提出"):
        decide(conflict, reviewer)
    with pytest.raises(IntegrityError, match="name_decided_by_another"), transaction.atomic():
        NameConflict.objects.filter(pk=conflict.pk).update(
            decision="keep", decided_by=reviewer, decided_at="2026-01-01T00:00Z"
        )
    assert decide(conflict, second_reviewer).decision == "replace"


def test_a_decision_is_made_once(conflict: NameConflict, reviewer: Any, second_reviewer: Any) -> None:
    decide(conflict, reviewer)
    with pytest.raises(ValidationError, match="已处理"):
        decide(conflict, second_reviewer, "keep")


def test_a_decision_has_a_reason_and_is_one_of_two(conflict: NameConflict, reviewer: Any) -> None:
    with pytest.raises(ValidationError, match="核对依据"):
        decide(conflict, reviewer, reason="  ")
    with pytest.raises(ValidationError, match="请选择"):
        decide(conflict, reviewer, decision="perhaps")


def test_a_name_changed_meanwhile_is_looked_at_again(conflict: NameConflict, reviewer: Any) -> None:
    conflict.worker.name = "王建民"
    conflict.worker.save()
    with pytest.raises(ValidationError, match="已变更"):
        decide(conflict, reviewer)


def test_conflicts_are_seen_by_those_who_decide_there(conflict: NameConflict, cast: Any) -> None:
    seen = {
        who: NameConflict.objects.visible_to(cast(who)).exists()
        for who in ("reviewer", "baotou_reviewer", "clerk", "auditor")
    }
    assert seen == {"reviewer": True, "baotou_reviewer": False, "clerk": False, "auditor": False}
