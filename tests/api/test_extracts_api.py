"""Extracts of registers, coverage and messages over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.cases.actions import NewCase, open_cases
from portal.cases.models import Case
from portal.jobs.runner import run_job
from portal.outgoing.actions import announce
from portal.outgoing.kinds import RECEIPT
from portal.workforce.models import ExtractPhase, RegisterExtract
from tests.cast import make_worker
from tests.workforce.extracting import AS_OF, extract_file, keep_still

pytestmark = pytest.mark.django_db
HERE = "/api/extracts/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_still(monkeypatch)


def form(*rows: dict[str, str], **said: Any) -> dict[str, Any]:
    given = {
        "about": "insurance",
        "register": "失业保险信息系统",
        "as_of": AS_OF.isoformat(),
        "place": "150600",
        "covers_from": "2017-01-01",
        "covers_until": AS_OF.isoformat(),
        "file": extract_file("insurance", *rows),
    }
    return {key: value for key, value in (given | said).items() if value is not None}


def line_of(worker: Any, **cells: str) -> dict[str, str]:
    return {"number": worker.id_number, "months": "40", "paying": "是", "drawing": "否"} | cells


def do_job(extract: dict[str, Any]) -> None:
    run_job(extract["job"]["id"])


def test_given_in_looked_at_and_confirmed(cast: Any, as_user: Any) -> None:
    """Given an extract with a known and an unknown person, when the reviewer gives it in, looks and confirms, then the known
    one is written, of the other it is said why not, and each step says how far it is.
    """
    worker = make_worker("王建国")
    reviewer = as_user(cast("reviewer"))
    stranger = line_of(worker, number="150624199001010018")
    answer = reviewer.post(HERE, form(line_of(worker), stranger))
    assert answer.status_code == 201, answer.content.decode()
    given = answer.json()
    assert (given["phase"], given["first"], given["covers"]) == ("received", [], False)
    do_job(given)
    seen = reviewer.get(f"{HERE}{given['id']}/").json()
    assert (seen["phase"], seen["rows_read"], seen["refused"]) == ("examined", 2, 1)
    assert len(seen["first"]) >= 1 and seen["first"][0]["cells"]
    answer = reviewer.post(f"{HERE}{given['id']}/confirm/")
    assert answer.status_code == 202
    do_job(answer.json())
    done = reviewer.get(f"{HERE}{given['id']}/").json()
    assert (done["phase"], done["added"], done["refused"], done["first"]) == ("done", 1, 1, [])
    rows = reviewer.get(done["refused_rows"])
    assert rows.status_code == 200 and "错误" in b"".join(rows.streaming_content).decode("utf-8-sig")
    again = reviewer.post(f"{HERE}{given['id']}/confirm/")
    assert again.status_code == 409 and "请刷新页面" in again.json()["errors"][0]["problem"]
    assert reviewer.delete(f"{HERE}{given['id']}/").status_code == 409


def test_what_was_given_in_is_given_up(cast: Any, as_user: Any) -> None:
    reviewer = as_user(cast("reviewer"))
    given = reviewer.post(HERE, form(line_of(make_worker()))).json()
    do_job(given)
    assert reviewer.delete(f"{HERE}{given['id']}/").status_code == 204
    assert not RegisterExtract.objects.exists()


def test_coverage_is_taken_back_with_a_reason(cast: Any, as_user: Any) -> None:
    reviewer = as_user(cast("reviewer"))
    given = reviewer.post(HERE, form(line_of(make_worker()))).json()
    do_job(given)
    do_job(reviewer.post(f"{HERE}{given['id']}/confirm/").json())
    address = f"{HERE}{given['id']}/withdraw/"
    empty = reviewer.post(address, {"reason": ""}, content_type="application/json")
    assert empty.status_code == 400 and empty.json()["errors"][0]["field"] == "reason"
    said = {"reason": "导出时漏选了一个旗县。"}
    done = reviewer.post(address, said, content_type="application/json")
    assert done.status_code == 200 and done.json()["covers"] is False


def test_who_may_not_gives_nothing_in(cast: Any, as_user: Any, client: Client) -> None:
    worker = make_worker()
    assert client.get(HERE).status_code == client.get("/api/coverage/").status_code == 401
    clerk = as_user(cast("clerk"))
    assert clerk.get(HERE).status_code == clerk.post(HERE, form(line_of(worker))).status_code == 403
    elsewhere = as_user(cast("baotou_reviewer"))
    assert elsewhere.post(HERE, form(line_of(worker))).status_code == 403
    given = as_user(cast("reviewer")).post(HERE, form(line_of(worker))).json()
    assert elsewhere.get(f"{HERE}{given['id']}/").status_code == 404
    colleague = as_user(cast("second_reviewer"))
    seen = colleague.get(f"{HERE}{given['id']}/").json()
    assert (seen["job"], seen["first"], seen["refused_rows"]) == (None, [], None)
    assert colleague.post(f"{HERE}{given['id']}/confirm/").status_code == 403
    assert colleague.get(f"{HERE}{given['id']}/refused/").status_code == 403


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"about": "weather"}, "about"),
        ({"as_of": "1 November"}, "as_of"),
        ({"covers_until": "2030-01-01"}, "covers_until"),
        ({"about": "claims"}, "fund"),
        ({"place": None}, "place"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(cast: Any, as_user: Any, said: dict[str, Any], field: str) -> None:
    answer = as_user(cast("reviewer")).post(HERE, form(line_of(make_worker()), **said))
    assert answer.status_code == 400
    assert field in {wrong["field"] for wrong in answer.json()["errors"]}
    assert not RegisterExtract.objects.exists()


def test_a_file_that_is_none_is_refused(cast: Any, as_user: Any) -> None:
    worker = make_worker()
    reviewer = as_user(cast("reviewer"))
    other = extract_file("certificates", {"number": worker.id_number})
    answer = reviewer.post(HERE, form(file=other))
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "file"
    missing = reviewer.get(f"{HERE}999999/refused/")
    assert missing.status_code == 404


def test_the_list_asks_little_and_is_filtered(
    cast: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    reviewer = as_user(cast("reviewer"))
    for number in range(3):
        reviewer.post(HERE, form(line_of(make_worker(f"工人{number}"))))
    with django_assert_max_num_queries(8):
        page = reviewer.get(HERE, {"about": "insurance", "phase": str(ExtractPhase.RECEIVED)}).json()
    assert len(page["results"]) == 3
    assert reviewer.get(HERE, {"about": "claims"}).json()["results"] == []


def test_coverage_says_what_is_not_known(cast: Any, as_user: Any) -> None:
    """A reviewer of a league has it and its banners; nothing was stated but by whoever installed the portal."""
    said = as_user(cast("reviewer")).get("/api/coverage/").json()
    places = {one["place"]: one for one in said["results"]}
    assert {"150600", "150624"} <= set(places) and "150200" not in places
    for fund in places["150624"]["funds"]:
        assert {"fund", "gaps", "until", "decided_here"} == set(fund)
    assert {
        one["place"][4:] for one in as_user(cast("regional_reviewer")).get("/api/coverage/").json()["results"]
    } == {"00"}


# -- messages ------------------------------------------------------------------------------------------------
@pytest.fixture
def told(cast: Any) -> Case:
    """A case of which a message was written."""
    worker, today = make_worker("王建国"), timezone.localdate()
    new = NewCase(region_id=worker.work_region_id, worker_id=worker.pk, subject="试")
    (case,) = open_cases("registry.direct-inclusion", [new], by=None, on=today)
    announce(case, RECEIPT, by=cast("clerk"), on=today)
    return case


def test_a_message_says_number_and_stage(told: Case, cast: Any, as_user: Any, client: Client) -> None:
    [message] = as_user(cast("reviewer")).get("/api/messages/", {"case": told.number}).json()["results"]
    assert (message["case"], message["stage"], message["kind"]) == (
        told.number,
        str(told.state_label),
        "receipt",
    )
    assert message["state"] == "off" and "王建国" not in str(message) and "text" not in message
    assert as_user(cast("reviewer")).get("/api/messages/", {"state": "sent"}).json()["results"] == []
    assert as_user(cast("baotou_reviewer")).get("/api/messages/").json()["results"] == []
    assert client.get("/api/messages/").status_code == 401
    wrong = as_user(cast("reviewer")).get("/api/messages/", {"state": "lost"})
    assert wrong.status_code == 400 and "sent" in wrong.json()["errors"][0]["allowed"]
