"""The audit page names people, cases and fields; nothing of it is a code, a dictionary or a raw date."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from portal import audit
from portal.accounts.models import User
from portal.address_codes import code_of
from portal.audit.models import Entry
from portal.cases.actions import NewCase, open_cases
from portal.policy.models import Parameter
from portal.window.office.audit_labels import KEYS
from portal.window.office.audit_words import detail_text, lines_of, person_code
from tests.cast import KUNDULUN, ORDOS, OTOG, make_account, make_worker
from tests.installed import python_files
from tests.selection.nominees import today
from tests.window.given import make_employer
from tests.workforce.merging import merged


def keys_written() -> Iterator[str]:
    """The keys that stand in the details of calls of audit.record."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"record", "record_many"}:
                for given in node.keywords:
                    if given.arg == "detail":
                        for part in ast.walk(given.value):
                            if isinstance(part, ast.Dict):
                                yield from (k.value for k in part.keys if isinstance(k, ast.Constant))


def test_every_key_of_a_detail_has_a_name() -> None:
    found = set(keys_written())
    assert {"username", "fields", "cause"} <= found
    assert sorted(key for key in found if key not in KEYS) == []


def test_codes_days_and_dictionaries_are_told_in_words() -> None:
    said = detail_text(
        {
            "cause": "nightly",
            "offered": 12,
            "role": "finance_officer",
            "to": "upheld",
            "closes_on": "2026-12-01",
            "asked": {"name": "王", "state": "", "region": "150624"},
            "holds": False,
            "kind": "registry.nomination",
            "empty": "",
        }
    )
    assert "起因：" in said and "新增惠享事项：12" in said and "角色：财务经办员" in said
    assert "新状态：异议成立或复核维持原决定" in said, "of a case that is not shown, whatever it may be"
    assert "公示截止：2026年12月1日" in said
    assert "查询条件：姓名为王，地区为150624" in said and "完整：否" in said
    assert "种类：高技能领军人才遴选申报" in said and "empty" not in said
    assert not re.search(r"[{}\[\]]|'", said)


def test_figures_and_levels_are_called_by_their_labels(auditor: Any, policy_officer: Any) -> None:
    draft = {"training.skill-upgrade.ceiling": {"junior": "1500.00", "senior": "3000.00"}}
    audit.record("simulation.change", by=policy_officer, detail={"draft": draft, "case": "HX-2026-000001"})
    (line,) = lines_of([Entry.objects.order_by("-pk")[0]], auditor)
    label = Parameter.objects.get(code="training.skill-upgrade.ceiling").label
    assert line.detail.startswith(
        f"草案：{label}为初级工为1500.00，高级工为3000.00"
    ) or line.detail.startswith("办件：")
    assert "办件：HX-2026-000001" in line.detail and "training." not in line.detail


def test_fields_are_called_as_on_the_forms() -> None:
    said = detail_text({"fields": ["worked_years", "occupation", "gone"]}, "workforce.Employment")
    assert said == "更改项：累计工作年限、职业（工种）、gone"


def test_a_state_is_called_as_in_the_case_s_own_workflow(clerk: Any, auditor: Any) -> None:
    worker = make_worker("乌云其木格")
    (case,) = open_cases("facts.rectification", [NewCase(OTOG, worker.pk, "")], by=clerk, on=today())
    audit.record("case.keep", by=clerk, obj=case, worker=worker, region=OTOG, detail={"to": "withdrawn"})
    line, opened = lines_of(list(Entry.objects.order_by("-pk")[:2]), auditor)
    assert line.detail == "新状态：已撤回" and line.actor == str(clerk)
    for one in (line, opened):
        assert one.object and one.object.words == f"办件{case.number}" and case.number in one.object.href
        assert one.worker and one.worker.words == "乌云其木格" and str(worker.pk) in one.worker.href


def test_names_are_for_those_who_see_the_people(clerk: Any, audit_admin: Any, as_user: Any) -> None:
    worker = make_worker("乌云其木格")
    audit.record("worker.create", by=clerk, obj=worker, worker=worker, region=OTOG)
    account = make_account("some.body", "某人", "window_clerk", OTOG)
    audit.record("account.unlock", by=None, obj=account)
    page = as_user(audit_admin).get("/window/audit/").text
    assert (
        "乌云其木格" not in page
        and person_code(worker.pk) in page
        and f"档案号{worker.pk}" not in page
        and "账号：" not in page
    )
    local = make_account("ordos.auditor", "鄂审计", "auditor", ORDOS)
    there = make_worker("外地人", region=KUNDULUN)
    audit.record("worker.create", by=clerk, obj=there, worker=there, region=OTOG)
    page = as_user(local).get("/window/audit/").text
    assert "乌云其木格" in page and "外地人" not in page and person_code(there.pk) in page


def test_a_full_page_asks_as_much_as_a_short_one(
    cast: Any, clerk: Any, auditor: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        worker = make_worker(f"工人{number}")
        open_cases("facts.rectification", [NewCase(OTOG, worker.pk, "")], by=clerk, on=today())
        user = User.objects.create_user(f"user{number:03d}", display_name=f"人{number}")
        audit.record("account.create", by=clerk, obj=user, worker=worker, region=OTOG)
    client = as_user(auditor)
    with django_assert_max_num_queries(20):
        page = client.get("/window/audit/")
    assert len(page.context["rows"]) == 50


def test_nobody_and_nothing_is_called_by_its_number(
    clerk: Any, auditor: Any, audit_admin: Any, as_user: Any
) -> None:
    worker, other = make_worker("额尔敦"), make_worker("巴雅斯古楞")
    (case,) = open_cases("facts.rectification", [NewCase(OTOG, worker.pk, "")], by=clerk, on=today())
    unit = make_employer()
    audit.record("worker.list", by=clerk, detail={"asked": [], "shown": [worker.pk, other.pk]})
    audit.record("employer.update", by=clerk, obj=unit, worker=worker, region=OTOG)
    audit.record("employer.update", by=clerk, obj=unit, worker=other, region=OTOG)
    named, _, listed = lines_of(list(Entry.objects.order_by("-pk")[:3]), auditor)
    assert named.object and named.object.words == f"用人单位 {unit.name}"
    assert listed.detail == "显示的人员：额尔敦、巴雅斯古楞"
    (first, _, listed) = lines_of(list(Entry.objects.order_by("-pk")[:3]), audit_admin)
    assert first.object and first.object.words == "用人单位"
    assert person_code(worker.pk) in listed.detail and str(worker.pk) not in listed.detail.split("：")[
        1
    ].split("、")
    # By name, by a case, or by the code that the page shows: the entries about that person.
    client = as_user(auditor)
    for asked in ("额尔敦", case.number.replace("-", ""), code_of("person", worker.pk)):
        page = client.get("/window/audit/", {"worker": asked, "action": "employer.update"}).text
        assert page.count(f">{worker.name}</a>") == 1 and other.name not in page, asked
    seen = as_user(audit_admin).get("/window/audit/").text
    only = re.search(r'href="(/window/audit/\?worker=[a-z2-7]{26})"', seen)
    assert only and as_user(audit_admin).get(only[1]).text.count(person_code(other.pk)) >= 1


def test_merged_people_and_units_are_named(cast: Any, auditor: Any, audit_admin: Any) -> None:
    one, other = make_worker("敖登高娃"), make_worker("敖登高娃")
    first = make_employer()
    second = make_employer(name="棋盘井第二煤业有限公司", code=None)
    merged(cast, one, other)
    merged(cast, first, second, kind="unit")
    confirmed, _, people, _ = lines_of(
        list(Entry.objects.filter(action__startswith="merge.").order_by("-pk")), auditor
    )
    assert f"原档案：{first.name}；并入：{second.name}" in confirmed.detail
    assert "原档案：敖登高娃；并入：敖登高娃" in people.detail
    for line in lines_of(list(Entry.objects.filter(action__startswith="merge.")), audit_admin):
        assert not re.search(r"[：、；]\d+(；|$)", line.detail), line.detail
