"""A value that waits: the second person, and what happens meanwhile."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.template.loader import render_to_string

from portal.audit.models import Entry
from portal.policy import events
from portal.policy.actions import confirm_parameter_value, withdraw_parameter_value
from portal.policy.law import law_on
from portal.policy.models import ParameterValue
from tests.cast import make_account
from tests.window.law_given import AMOUNT, LIMIT, PRIZES, SINCE, SOURCE, entered, page, text


def test_a_value_that_waits_says_what_it_changes(
    policy_officer: Any, second_policy_officer: Any, as_user: Any
) -> None:
    second = as_user(second_policy_officer)
    prizes = {"43": {"gold": "200000.00"}, "44": {"gold": "310000.00"}, "47": {"gold": "1.00"}}
    value = entered(
        policy_officer,
        PRIZES,
        prizes,
        until=dt.date(2027, 5, 31),
        caveat="示意",
        caveat_since=dt.date(2027, 1, 1),
    )
    said = second.get(page("law_value", PRIZES, value.pk))
    rows = {row.part: (row.before, row.after) for row in said.context["change"].changed}
    assert rows["第44届 金牌"] == ("300,000元", "310,000元") and rows["第47届 金牌"] == ("没有取值", "1元")
    assert rows["第43届 银牌"] == ("120,000元", "没有取值") and "第43届 金牌" not in rows
    for words in (
        "2027年5月31日之后没有取值",
        "起始日期早于今天",
        "内人社发〔2026〕9号 第四条",
        "示意（自2027年1月1日起提示）",
        "宋文",
    ):
        assert words in text(said), words
    assert "对在册人员的影响" not in text(said)
    told = render_to_string(
        "window/law_effect.html", {"effects": [{"label": "测算", "href": "/window/", "text": "12人"}]}
    )
    assert "对在册人员的影响" in told and 'href="/window/"' in told
    withdraw_parameter_value(value, by=policy_officer, reason="另行录入")

    honours = law_on(SINCE).value("registry.inclusion-honours")
    listed = entered(policy_officer, "registry.inclusion-honours", [*honours[1:], "league_craftsman"])
    said = second.get(page("law_value", "registry.inclusion-honours", listed.pk))
    assert {(row.part, row.before, row.after) for row in said.context["change"].changed} == {
        ("中华技能大奖", "列入", "不列入"),
        ("盟市工匠", "不列入", "列入"),
    }
    steps = entered(policy_officer, "leave.annual.days", [[0, 5], [10, 12], [20, 15]])
    said = second.get(page("law_value", "leave.annual.days", steps.pk))
    assert [(row.part, row.before, row.after) for row in said.context["change"].changed] == [
        ("满10年不满20年", "10天", "12天")
    ]
    withdraw_parameter_value(steps, by=policy_officer, reason="另行录入")
    steps = entered(policy_officer, "leave.annual.days", [[0, 5], [10, 10], [20, 15], [30, 20]])
    said = second.get(page("law_value", "leave.annual.days", steps.pk))
    assert [(row.part, row.before, row.after) for row in said.context["change"].changed] == [
        ("满30年", "15天", "20天")
    ]
    gone = entered(policy_officer, value=None)
    said = second.get(page("law_value", LIMIT, gone.pk))
    assert [(row.before, row.after) for row in said.context["change"].changed] == [("3次", "没有取值")]
    first = entered(policy_officer, AMOUNT, "2500")
    assert "该日原来没有取值" in text(second.get(page("law_value", AMOUNT, first.pk)))
    same = entered(policy_officer, "leave.annual.months", 12)
    assert "取值不变，只改变来源或有效期" in text(
        second.get(page("law_value", "leave.annual.months", same.pk))
    )


def test_a_second_person_confirms_and_those_who_derive_are_told(
    policy_officer: Any, second_policy_officer: Any, as_user: Any, monkeypatch: Any
) -> None:
    told: list[Any] = []

    def hears(codes: Any) -> None:
        told.append((list(codes), connection.in_atomic_block, law_on(SINCE).value(LIMIT)))

    monkeypatch.setattr(events, "_listeners", [])
    events.subscribe_to_law_changes(hears)
    events.subscribe_to_law_changes(hears)
    value = entered(policy_officer)
    address = page("law_confirm", LIMIT, value.pk)
    own = as_user(policy_officer).get(address)
    assert "由您本人录入，须由另一名政策管理员复核" in text(own) and "确认复核" not in text(own)
    assert "由您本人录入" in text(as_user(policy_officer).get(page("law_value", LIMIT, value.pk)))
    refused = as_user(policy_officer).post(address, {"replacing": own.context["replacing"]})
    assert refused.status_code == 409 and "本人录入的取值须由其他人员复核" in text(refused) and not told

    second = as_user(second_policy_officer)
    seen = second.get(address)
    assert "3次" in text(seen) and "5次" in text(seen) and "确认复核" in text(seen)
    done = second.post(address, {"replacing": seen.context["replacing"]}, follow=True)
    assert "已复核，自2026年6月1日起执行" in text(done)
    assert told == [([LIMIT], True, 5)] and law_on(SINCE).value(LIMIT) == 5
    again = second.post(address, {"replacing": seen.context["replacing"]})
    assert again.status_code == 409 and "复核，无需重复操作" in text(again) and "何平" in text(again)
    assert "已复核，无需重复操作" in text(second.get(address, follow=True))
    assert Entry.objects.filter(action="policy.parameter.confirm").count() == len(told) == 1


def test_a_watcher_that_fails_undoes_the_confirmation(
    policy_officer: Any, second_policy_officer: Any, monkeypatch: Any
) -> None:
    def fails(codes: Any) -> None:
        raise RuntimeError("the matching cannot take it")

    monkeypatch.setattr(events, "_listeners", [fails])
    value = entered(policy_officer)
    with pytest.raises(RuntimeError):
        confirm_parameter_value(value, by=second_policy_officer)
    assert ParameterValue.objects.waiting().get() == value


def test_a_change_other_than_the_one_seen_is_not_confirmed(
    policy_officer: Any, second_policy_officer: Any, as_user: Any
) -> None:
    value = entered(policy_officer)
    second = as_user(second_policy_officer)
    address = page("law_confirm", LIMIT, value.pk)
    seen = second.get(address).context["replacing"]
    confirm_parameter_value(
        entered(policy_officer, value=4, since=dt.date(2026, 5, 1)), by=second_policy_officer
    )
    refused = second.post(address, {"replacing": seen})
    assert refused.status_code == 409 and "另一项取值已经复核" in text(refused) and "4次" in text(refused)
    assert law_on(SINCE).value(LIMIT) == 4
    assert second.post(address, {"replacing": refused.context["replacing"]}).status_code == 302
    assert law_on(SINCE).value(LIMIT) == 5
    first = entered(policy_officer, AMOUNT, "2500")
    nothing = second.get(page("law_confirm", AMOUNT, first.pk)).context["replacing"]
    assert (
        nothing == ""
        and second.post(page("law_confirm", AMOUNT, first.pk), {"replacing": nothing}).status_code == 302
    )


def test_who_entered_takes_it_back_with_a_reason(
    policy_officer: Any, second_policy_officer: Any, as_user: Any
) -> None:
    value = entered(policy_officer)
    address = page("law_withdraw", LIMIT, value.pk)
    first, second = as_user(policy_officer), as_user(second_policy_officer)
    assert "须由录入人撤回" in text(second.get(address))
    refused = second.post(address, {"reason": "不对"})
    assert refused.status_code == 409 and "须由录入人撤回" in text(refused)
    assert "请写明撤回原因" in text(first.post(address, {"reason": " "}))
    done = first.post(address, {"reason": "数额抄错"}, follow=True)
    assert "取值已撤回" in text(done) and not ParameterValue.objects.waiting().exists()
    entry = Entry.objects.get(action="policy.parameter.withdraw")
    assert (entry.detail["reason"], entry.detail["value"], entry.detail["document"]) == (
        "数额抄错",
        5,
        SOURCE["document"],
    )
    for name in ("law_value", "law_confirm", "law_withdraw"):
        assert "录入后被撤回" in text(second.get(page(name, LIMIT, value.pk), follow=True))
    assert "录入后被撤回" in text(
        second.post(page("law_confirm", LIMIT, value.pk), {"replacing": "1"}, follow=True)
    )
    with pytest.raises(ValidationError, match="已被撤回"):
        confirm_parameter_value(value, by=second_policy_officer)

    left = entered(policy_officer)
    policy_officer.is_active = False
    policy_officer.save(update_fields=["is_active"])
    withdraw_parameter_value(left, by=second_policy_officer, reason="录入人已调离")
    kept = confirm_parameter_value(
        entered(second_policy_officer), by=make_account("region.policy3", "苏和", "policy_officer", "150000")
    )
    assert "不能撤回" in text(second.get(page("law_withdraw", LIMIT, kept.pk), follow=True))


def test_two_officers_confirm_at_once_and_one_of_them_is_told(committed: str, cast: Any) -> None:
    author, officers = (
        cast("policy_officer"),
        [cast("second_policy_officer"), make_account("p3", "苏和", "policy_officer", "150000")],
    )
    value = entered(author)
    ready, outcomes = threading.Barrier(2, timeout=30), []

    def confirms(officer: Any) -> None:
        ready.wait()
        try:
            confirm_parameter_value(value, by=officer)
            outcomes.append("confirmed")
        except ValidationError as refusal:
            outcomes.append(refusal.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=confirms, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 2 and "confirmed" in outcomes
    assert "无需重复操作" in next(said for said in outcomes if said != "confirmed")
    assert Entry.objects.filter(action="policy.parameter.confirm").count() == 1
