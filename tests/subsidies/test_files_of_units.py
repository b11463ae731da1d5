"""The files that units give in: given up, kept no longer than needed, altered, and whose they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.jobs import runner
from subsidies.by_unit import actions, retention
from subsidies.by_unit.models import ClaimFile
from tests.cast import ORDOS
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import certified, csv_of, given_in, line_of, put_forward, works_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def agent(cast: Any) -> Any:
    return cast("employer_agent")


@pytest.fixture
def plant(agent: Any) -> Any:
    return make_employer("鄂托克焦化有限责任公司", agents=(agent,))


@pytest.fixture
def two(plant: Any, cast: Any) -> list[Any]:
    """The certificates of two people of the plant."""
    verifier = cast("reviewer")
    return [
        certified(works_in(plant, name, verifier), verifier, number)
        for name, number in (("王建国", "S1"), ("李秀英", "S2"))
    ]


def test_what_is_given_up_is_gone(agent: Any, plant: Any, two: list[Any]) -> None:
    given = given_in(plant, line_of(two[0]), by=agent)
    actions.give_up(given.pk, by=agent)
    assert not ClaimFile.objects.exists() and not given.folder.exists()
    with pytest.raises(NotNow, match="已放弃"):
        actions.confirm(given.pk, by=agent)
    done = put_forward(plant, line_of(two[0]), by=agent)
    with pytest.raises(NotNow, match="已经提出"):
        actions.give_up(done.pk, by=agent)


def test_files_are_kept_no_longer_than_they_are_needed(agent: Any, plant: Any, two: list[Any]) -> None:
    forgotten = given_in(plant, line_of(two[0]), by=agent)
    done = put_forward(plant, line_of(two[1]), line_of(two[0], 证书编号="S77"), by=agent)
    assert retention.sweep_files() == 0
    long_ago = timezone.now() - retention.REFUSED_KEPT - timedelta(days=1)
    ClaimFile.objects.filter(pk=forgotten.pk).update(created_at=long_ago)
    ClaimFile.objects.filter(pk=done.pk).update(confirmed_at=long_ago)
    assert (retention.sweep_files(), retention.sweep_files()) == (2, 0)
    assert not forgotten.folder.exists() and not done.folder.exists()
    assert [row.line for row in done.rows.all()] == [2], "only what became a proposal stays"
    done.refresh_from_db()
    with pytest.raises(NotNow, match="保存期限"):
        actions.fetch_refused(done, by=agent)


@pytest.mark.parametrize(("name", "words"), [("source", "与上传时不一致"), ("refused", "与生成时不一致")])
def test_a_file_that_was_altered_is_not_used(
    agent: Any, plant: Any, two: list[Any], name: str, words: str
) -> None:
    given = actions.give_in(csv_of(line_of(two[0], 证书编号="S77")), plant.pk, by=agent)
    if name == "refused":
        runner.run_job(given.job_id)
        given.refresh_from_db()
    given.folder.joinpath(f"{name}.csv").write_bytes(b"not what was kept")
    if name == "refused":
        with pytest.raises(NotNow, match=words):
            actions.fetch_refused(given, by=agent)
        return
    runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "failed" and words in given.message


def test_the_places_of_the_file_are_those_of_the_unit(
    cast: Any, agent: Any, plant: Any, two: list[Any]
) -> None:
    given = given_in(plant, line_of(two[0]), by=agent)
    assert plant.region.league_code == ORDOS
    assert list(ClaimFile.objects.visible_to(agent)) == [given]
    assert not ClaimFile.objects.visible_to(two[0].worker.account or cast("panel_expert")).exists()
