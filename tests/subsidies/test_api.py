"""Claims over the API: what a program may do is what its user may do on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.models import Entry
from portal.cases.models import Case
from portal.jobs.runner import run_job
from subsidies import claiming, jobs
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE
from tests.by_two import changed_by_two
from tests.cast import KUNDULUN, make_worker
from tests.subsidies.conftest import certificate, in_work

pytestmark = pytest.mark.django_db
HERE = "/api/subsidies/"


def lately() -> date:
    """A day within the term of every certificate."""
    return timezone.localdate().replace(day=1)


@pytest.fixture
def welding(welder: Any, cast: Any) -> Any:
    return certificate(welder, cast("reviewer"), number="S000015000001", issued_on=lately())


@pytest.fixture
def ask(cast: Any, as_user: Any) -> Callable[..., Any]:
    """What somebody of the cast is answered: status and content."""

    def ask(who: Any, address: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        client = as_user(cast(who) if isinstance(who, str) else who)
        if body is None:
            answer = client.get(HERE + address, query)
        else:
            answer = client.post(HERE + address, body, content_type="application/json")
        return answer.status_code, answer.json()

    return ask


def begun(ask: Any, welder: Any, who: Any = "clerk", **more: Any) -> tuple[int, Any]:
    """A claim by the only certificate of the person, at the window."""
    _, found = ask(who, f"claimable/{welder.pk}/")
    [one] = found["results"]
    body = {"subject": one["subject"]["code"], "kind": one["kind"], "channel": "window"}
    return ask(who, "claims/", body | more)


def read(shown: dict[str, Any]) -> dict[str, Any]:
    """What a decision says it rests on."""
    return {"version": shown["claim"]["version"], "digest": shown["determined"]["digest"]}


def test_from_what_can_be_claimed_to_the_decision(ask: Any, welder: Any, welding: Any) -> None:
    """Given a welder with a verified certificate, when clerk, reviewer and approver act over the API, then it is approved
    by what each of them read.
    """
    status, found = ask("clerk", f"claimable/{welder.pk}/")
    [one] = found["results"]
    assert (status, one["is_ready"], one["verified"], one["amount"]) == (200, True, "eligible", "1500.00")
    status, shown = begun(ask, welder)
    assert (status, shown["claim"]["state"], shown["determined"]) == (201, "draft", None)
    here = f"claims/{shown['claim']['number']}/"
    assert ask("clerk", here + "submit/", {})[1]["claim"]["handed_in_on"] == timezone.localdate().isoformat()
    status, shown = ask("clerk", here + "accept/", {})
    assert (status, shown["claim"]["state"], len(shown["letters"])) == (200, "accepted", 1)
    _, shown = ask("reviewer", here)
    assert "review" in {one["action"] for one in shown["actions"]}
    status, shown = ask("reviewer", here + "review/", read(shown) | {"note": "与证书原件一致。"})
    assert (status, shown["claim"]["state"], shown["opinions"][0]["text"]) == (
        200,
        "reviewed",
        "与证书原件一致。",
    )
    _, shown = ask("approver", here)
    status, shown = ask("approver", here + "approve/", read(shown))
    assert (status, shown["claim"]["state"], shown["claim"]["amount"]) == (200, "approved", "1500.00")
    assert shown["determined"]["digest"] == Claim.objects.get().decision.digest


def test_what_it_is_decided_on_is_told_with_its_sources(ask: Any, welder: Any, welding: Any) -> None:
    _, shown = begun(ask, welder, hand_in=True)
    _, shown = ask("reviewer", f"claims/{shown['claim']['number']}/")
    months = next(one for one in shown["conditions"] if "累计缴费" in one["label"])
    assert months["holds"] is True and "40个月" in months["measure"] and months["clause"]
    assert any("失业保险" in one["label"] for one in shown["sources"])
    assert shown["evidence"] == shown["duplicates"] == shown["earlier"] == []
    assert Entry.objects.about_worker(welder.pk).filter(action="case.view").exists()


def test_two_steps_of_the_worker(ask: Any, worker: Any, worker_user: Any, cast: Any) -> None:
    """Given everything is verified, when the worker asks what they can claim and hands it in, then nothing is typed; what
    is for the office stays with the office; and it can be taken back.
    """
    in_work(worker, cast("reviewer"))
    certificate(worker, cast("reviewer"), issued_on=lately())
    status, shown = begun(ask, worker, who=worker_user, channel="self", hand_in=True)
    assert (status, shown["claim"]["prefilled"], shown["claim"]["state"]) == (201, True, "submitted")
    assert shown["sources"] == shown["opinions"] == shown["duplicates"] == []
    assert worker.masked_id_number not in str(shown)
    status, again = begun_again(ask, worker, shown, worker_user)
    assert status == 409 and "已有一件申请" in again["errors"][0]["problem"]
    status, shown = ask(worker_user, f"claims/{shown['claim']['number']}/withdraw/", {})
    assert (status, shown["claim"]["state"]) == (200, "withdrawn")


def begun_again(ask: Any, worker: Any, shown: Any, who: Any) -> tuple[int, Any]:
    code = shown["claim"]["subject"]["code"]
    return ask(who, "claims/", {"subject": code, "kind": SKILL_UPGRADE, "channel": "self"})


def test_what_is_missing_is_asked_for_and_brought(ask: Any, welder: Any, welding: Any) -> None:
    _, shown = begun(ask, welder, hand_in=True)
    here = f"claims/{shown['claim']['number']}/"
    status, shown = ask("clerk", here + "return-for-correction/", {"missing": ["证书复印件", "社保卡"]})
    assert (status, shown["claim"]["state"], shown["correction"]) == (
        200,
        "returned",
        ["证书复印件", "社保卡"],
    )
    status, shown = ask("clerk", here + "resubmit/", {"reason": "两项均已补齐。"})
    assert (status, shown["claim"]["state"], shown["correction"]) == (200, "submitted", [])
    status, shown = ask("clerk", here + "refuse/", {"reason": "证书不属于本人，本人已确认。"})
    assert (status, shown["claim"]["state"]) == (200, "refusing")
    _, shown = ask("reviewer", here)
    assert "countersign" in {one["action"] for one in shown["actions"]}
    assert ask("clerk", here + "countersign/", read(shown))[0] == 403
    status, shown = ask("reviewer", here + "decline/", {"reason": "请先电话核实。"})
    assert (status, shown["claim"]["state"]) == (200, "submitted")


def test_sent_back_reviewed_again_and_rejected(ask: Any, welder: Any, welding: Any) -> None:
    _, shown = begun(ask, welder, hand_in=True)
    here = f"claims/{shown['claim']['number']}/"
    ask("clerk", here + "accept/", {})
    for _ in range(2):
        _, shown = ask("reviewer", here)
        assert ask("reviewer", here + "review/", read(shown))[0] == 200
        status, shown = ask("regional_reviewer", here + "send-back/", {"reason": "请再核对证书编号。"})
        assert (status, shown["claim"]["state"]) == (200, "accepted")
    _, shown = ask("second_reviewer", here)
    said = {"recommendation": "reject", "note": "证书与原件不一致。"}
    assert ask("second_reviewer", here + "review/", read(shown) | said)[0] == 200
    _, shown = ask("approver", here)
    status, shown = ask("approver", here + "reject/", read(shown) | {"reason": "证书与原件不一致，经核实。"})
    assert (status, shown["claim"]["state"]) == (200, "rejecting")


def test_what_has_changed_since_it_was_read_is_said(ask: Any, welder: Any, welding: Any) -> None:
    """Given two who read the same claim, when the first one acts or the facts change, then the second one is refused with
    what changed, and nothing is decided.
    """
    _, shown = begun(ask, welder, hand_in=True)
    here = f"claims/{shown['claim']['number']}/"
    ask("clerk", here + "accept/", {})
    _, seen = ask("reviewer", here)
    ask("second_reviewer", here + "review/", read(seen))
    ask("regional_reviewer", here + "send-back/", {"reason": "请再核对。"})
    status, answer = ask("reviewer", here + "review/", read(seen))
    [wrong] = answer["errors"]
    assert (status, wrong["field"]) == (409, "version") and "办理了“退回审核”" in wrong["problem"]
    _, seen = ask("reviewer", here)
    changed_by_two(welder.insurance, months=41)
    status, answer = ask("reviewer", here + "review/", read(seen))
    assert status == 409 and "信息有更新" in answer["errors"][0]["problem"]
    assert Case.objects.get().state == "accepted"


def test_who_may_not_is_refused_as_on_the_pages(
    ask: Any, welder: Any, welding: Any, cast: Any, client: Any
) -> None:
    _, shown = begun(ask, welder, hand_in=True)
    here = f"claims/{shown['claim']['number']}/"
    assert ask("baotou_reviewer", here)[0] == ask("baotou_clerk", here + "accept/", {})[0] == 404
    assert ask("baotou_clerk", f"claimable/{welder.pk}/")[0] == 404
    assert ask("reviewer", f"claimable/{welder.pk}/")[0] == 403
    status, answer = ask("auditor", here + "accept/", {})
    assert status == 403 and "受理补贴申请" in answer["errors"][0]["problem"]
    assert client.get(f"{HERE}claims/").status_code == 401
    status, answer = ask("approver", here + "approve/", read(shown))
    assert status == 409 and "待受理" in answer["errors"][0]["problem"]
    code = shown["claim"]["subject"]["code"]
    body = {"subject": code, "kind": SKILL_UPGRADE, "channel": "window"}
    assert ask("baotou_clerk", "claims/", body)[0] == 404


@pytest.mark.parametrize(
    ("step", "body", "field", "allowed"),
    [
        ("review/", {"version": 1}, "digest", None),
        ("review/", {"version": "1", "digest": "0" * 64}, "version", None),
        ("review/", {"version": 1, "digest": "0" * 64, "recommendation": "perhaps"}, "recommendation", ["approve", "reject"]),
        ("review/", {"version": 1, "digest": "0" * 64, "remark": "x"}, "remark", ["digest", "note", "recommendation", "version"]),
        ("approve/", {"version": 0, "digest": "0" * 64}, "version", None),
        ("approve/", {"version": 1, "digest": "latest"}, "digest", None),
        ("reject/", {"version": 1, "digest": "0" * 64}, "reason", ["1 至 500 个字符"]),
        ("refuse/", {"reason": " "}, "reason", ["1 至 500 个字符"]),
        ("return-for-correction/", {"missing": []}, "missing", None),
        ("withdraw/", [], None, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    ask: Any, welder: Any, welding: Any, step: str, body: Any, field: Any, allowed: Any
) -> None:
    _, shown = begun(ask, welder, hand_in=True)
    status, answer = ask("clerk", f"claims/{shown['claim']['number']}/{step}", body)
    assert status == 400
    wrong = answer["errors"][0]
    assert wrong["field"] == field and wrong["problem"]
    if allowed is not None:
        assert wrong["allowed"] == allowed


def test_the_list_has_the_filters_of_the_page_and_pages_by_key(
    ask: Any, cast: Any, as_user: Any, welder: Any, welding: Any
) -> None:
    handed_in = {begun(ask, welder, hand_in=True)[1]["claim"]["number"]}
    for number in range(4):
        other = in_work(make_worker(f"钳工{number}"), cast("reviewer"))
        certificate(other, cast("reviewer"), number=f"S{number}", issued_on=lately())
        handed_in.add(begun(ask, other, hand_in=True)[1]["claim"]["number"])
    numbers = lambda **query: [one["number"] for one in ask("clerk", "claims/", **query)[1]["results"]]  # noqa: E731
    assert set(numbers(state="submitted", kind=SKILL_UPGRADE, region="150624", channel="window")) == handed_in
    assert numbers(state="approved") == numbers(channel="self") == numbers(region=KUNDULUN) == []
    assert len(numbers(name="建国")) == 1
    client, seen, address = as_user(cast("clerk")), [], f"{HERE}claims/?page_size=2"
    while address:
        page = client.get(address).json()
        seen += [one["number"] for one in page["results"]]
        address = page["next"]
    assert seen == sorted(handed_in, reverse=True)
    assert ask("baotou_clerk", "claims/")[1]["results"] == []
    said = [entry.detail for entry in Entry.objects.filter(action="worker.list")]
    assert any(welder.pk in detail["shown"] for detail in said) and "姓名：建国" not in str(said)


@pytest.mark.parametrize(
    ("query", "field"),
    [({"state": "lost"}, "state"), ({"region": "999999"}, "region"), ({"colour": "red"}, "colour")],
)
def test_a_wrong_filter_is_refused(ask: Any, query: dict[str, str], field: str) -> None:
    status, answer = ask("clerk", "claims/", **query)
    assert status == 400 and answer["errors"][0]["field"] == field


def test_lists_cost_the_same_for_one_and_for_many(
    ask: Any, cast: Any, as_user: Any, welder: Any, welding: Any, django_assert_max_num_queries: Any
) -> None:
    begun(ask, welder, hand_in=True)
    for number in range(5):
        one = certificate(
            welder, cast("reviewer"), occupation=f"工种{number}", number=f"S{number}", issued_on=lately()
        )
        claiming.draft(one.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=timezone.localdate())
    client = as_user(cast("clerk"))
    client.get(f"{HERE}claims/")
    with django_assert_max_num_queries(10):
        assert len(client.get(f"{HERE}claims/").json()["results"]) == 6


def test_chosen_claims_are_a_job_with_a_result_for_each(
    ask: Any, cast: Any, welder: Any, welding: Any, as_user: Any
) -> None:
    """Given two claims of which one has moved since, when a clerk takes in both, then one is taken in and of the other it
    is said why not; only who started the job reads that.
    """
    made = [begun(ask, welder, hand_in=True)[1]["claim"]]
    other = in_work(make_worker("李芳"), cast("reviewer"))
    certificate(other, cast("reviewer"), number="S9", issued_on=lately())
    made.append(begun(ask, other, hand_in=True)[1]["claim"])
    ask("clerk", f"claims/{made[1]['number']}/return-for-correction/", {"missing": ["证书复印件"]})
    chosen = [{"number": one["number"], "version": one["version"]} for one in made]
    status, job = ask("clerk", "moves/", {"action": "accept", "claims": chosen})
    assert (status, job["total"]) == (202, 2)
    run_job(job["id"])
    clerk = as_user(cast("clerk"))
    done = clerk.get(f"/api/jobs/{job['id']}/").json()
    assert (done["state"], done["done"], done["refused"]) == ("done", 2, 1)
    items = clerk.get(f"/api/jobs/{job['id']}/items/").json()["results"]
    assert {one["what"]: one["ok"] for one in items} == {
        f"王建国 {made[0]['number']}": True,
        f"李芳 {made[1]['number']}": False,
    }
    [refused] = clerk.get(f"/api/jobs/{job['id']}/items/", {"result": "refused"}).json()["results"]
    assert "补正中" in refused["message"]
    stranger = as_user(cast("second_clerk"))
    assert stranger.get(f"/api/jobs/{job['id']}/").status_code == 404
    assert stranger.get(f"/api/jobs/{job['id']}/items/").status_code == 404


def test_whoever_may_not_moves_nothing(ask: Any, welder: Any, welding: Any) -> None:
    made = begun(ask, welder, hand_in=True)[1]["claim"]
    chosen = [{"number": made["number"], "version": made["version"]}]
    assert ask("clerk", "moves/", {"action": "approve", "claims": chosen})[0] == 403
    assert ask("baotou_clerk", "moves/", {"action": "accept", "claims": chosen})[0] == 404
    for wrong in ([], chosen * 2, [{"number": made["number"]}], "all"):
        status, answer = ask("clerk", "moves/", {"action": "accept", "claims": wrong})
        assert status == 400 and answer["errors"][0]["field"].startswith("claims")
    status, answer = ask("clerk", "moves/", {"action": "pay", "claims": chosen})
    assert (status, answer["errors"][0]["allowed"]) == (400, list(jobs.BULKS))
