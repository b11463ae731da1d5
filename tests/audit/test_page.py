"""The audit page: who reads it, what its filters find, the verdict over the chain, the export."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal import audit
from portal.address_codes import code_of
from portal.audit import heads
from portal.audit.models import Entry
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, make_account, make_worker
from tests.roles import compared, drawn_once, one_of_each, undone

PAGE, EXPORT, VERIFY = "/window/audit/", "/window/audit/export/", "/window/audit/verify/"
ALLOWED = {"auditor", "audit_admin"}


def shown(client: Client, query: str = "") -> list[int]:
    """The numbers of the entries on the page."""
    answer = client.get(f"{PAGE}?{query}", follow=True)
    assert answer.status_code == 200
    return [
        int(number) for number in re.findall(r'<tr>\s*<td class="num">(\d+)</td>', answer.content.decode())
    ]


def lines(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{EXPORT}?{query}")
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content).decode()
    assert body.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(body[1:])))


def test_who_reads_the_audit(cast: Any, as_user: Any) -> None:
    people = one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, *_ in people:
            client, may = as_user(user), who in ALLOWED
            answers = [client.get(PAGE).status_code, client.get(EXPORT).status_code]
            with undone():
                answers.append(client.post(VERIFY).status_code)
            expect(who, answers, [200, 200, 302] if may else [403, 403, 403])


def test_the_filters_find_what_they_say(audit_admin: Any, clerk: Any, reviewer: Any, as_user: Any) -> None:
    worker = make_worker()
    audit.record("worker.unmask", by=clerk, obj=worker, worker=worker, region=OTOG)
    audit.record("worker.create", by=reviewer, obj=worker, worker=worker, region=OTOG)
    audit.record("job.start", by=None)
    unmask, create, job = Entry.objects.order_by("pk").values_list("pk", flat=True)
    client, today = as_user(audit_admin), timezone.localdate()
    assert shown(client) == [job, create, unmask]
    assert shown(client, f"actor={clerk.username}") == [unmask]
    assert shown(client, "actor=system") == [job]
    assert shown(client, "actor=nobody") == []
    assert shown(client, "action=worker.create") == [create]
    assert shown(client, f"worker={code_of('person', worker.pk)}") == [create, unmask]
    assert shown(client, f"since={today}") == [job, create, unmask]
    # When an entry was written the database says: none is of another day than today.
    assert shown(client, f"until={today - timedelta(days=1)}") == []
    assert shown(client, f"until={today}") == [job, create, unmask]
    assert shown(
        client, f"since={today}&until={today}&actor={reviewer.username}&worker={code_of('person', worker.pk)}"
    ) == [create]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("worker=150624198506150019", "不要填写证件号码"),
        ("since=2026-02-30", "没有2026年2月30日这一天"),
        ("since=2026-05-02&until=2026-05-01", "截止日期不能早于起始日期"),
        ("action=no.such", "no.such"),
    ],
)
def test_a_wrong_filter_is_said_and_shows_nothing(
    audit_admin: Any, as_user: Any, query: str, says: str
) -> None:
    audit.record("worker.create", by=None)
    client = as_user(audit_admin)
    assert shown(client, query) == []
    assert says in client.get(f"{PAGE}?{query}", follow=True).content.decode()
    assert client.get(f"{EXPORT}?{query}", follow=True).redirect_chain[-1][0].startswith(PAGE)


def test_pages_follow_each_other_without_gap_or_double(audit_admin: Any, as_user: Any) -> None:
    for number in range(120):
        audit.record("test.step", by=None, detail={"number": number})
    client, query, seen = as_user(audit_admin), "action=test.step", []
    while query:
        answer = client.get(f"{PAGE}?{query}").content.decode()
        seen += [int(number) for number in re.findall(r'<tr>\s*<td class="num">(\d+)</td>', answer)]
        following = re.search(r'rel="next" href="\?([^"]+)', answer)
        query = following[1].replace("&amp;", "&") if following else ""
    assert seen == list(Entry.objects.filter(action="test.step").order_by("-pk").values_list("pk", flat=True))


def test_an_auditor_of_a_league_reads_its_entries_only(as_user: Any, db: None) -> None:
    for region in (OTOG, ORDOS, KUNDULUN, BAOTOU, "150000", ""):
        audit.record("worker.create", by=None, region=region)
    local = as_user(make_account("ordos.auditor", "鄂审计", "auditor", ORDOS))
    regions = set(Entry.objects.filter(pk__in=shown(local)).values_list("region_code", flat=True))
    assert regions == {OTOG, ORDOS}
    assert {line["地区"] for line in lines(local)} == {OTOG, ORDOS}
    assert local.post(VERIFY).status_code == 403
    assert "现在核验" not in local.get(PAGE).content.decode()


def test_the_export_is_what_is_filtered_and_is_audited_itself(
    audit_admin: Any, clerk: Any, as_user: Any
) -> None:
    worker = make_worker()
    audit.record("worker.unmask", by=clerk, obj=worker, worker=worker, region=OTOG, detail={"why": "=cmd()"})
    audit.record("worker.create", by=clerk, obj=worker, worker=worker, region=OTOG)
    client = as_user(audit_admin)
    [line] = lines(client, "action=worker.unmask")
    assert (line["操作人"], line["涉及人员记录号"], line["地区"]) == (clerk.username, str(worker.pk), OTOG)
    assert "=cmd()" in line["详情"]
    entry = Entry.objects.get(action="audit.export")
    assert (entry.actor, entry.detail) == (audit_admin, {"action": "worker.unmask"})


def test_no_cell_of_the_export_is_a_formula(audit_admin: Any, as_user: Any) -> None:
    odd = Entry(action="account.login", actor_name="=HYPERLINK(1)", object_ref="@x", address="-1")
    odd.save(force_insert=True)
    [line] = lines(as_user(audit_admin), "actor=system")
    assert (line["操作人"], line["对象记录号"], line["来源地址"]) == ("'=HYPERLINK(1)", "'@x", "'-1")


def test_nothing_on_the_page_is_taken_for_markup(audit_admin: Any, as_user: Any) -> None:
    audit.record("worker.create", by=None, detail={"note": "<script>alert(1)</script>"})
    assert "<script>alert" not in as_user(audit_admin).get(PAGE).content.decode()


def test_a_verdict_is_shown_and_kept(committed: str, as_user: Any) -> None:
    admin = make_account("admin.audit", "冯鉴", "audit_admin", "150000")
    audit.record("worker.create", by=None)
    client = as_user(admin)
    assert "尚未核验" in client.get(PAGE).content.decode()
    said = client.post(VERIFY, follow=True).content.decode()
    assert "审计链完整：共1环" in said and "请将摘要另行留存" in said
    kept = Entry.objects.get(action="audit.verify")
    assert (kept.actor, kept.detail["holds"], kept.detail["links"]) == (admin, True, 1)


def test_a_broken_chain_is_said_to_be_broken(committed: str, owner_sql: Any, as_user: Any) -> None:
    admin = make_account("admin.audit", "冯鉴", "audit_admin", "150000")
    for _ in range(3):
        audit.record("worker.create", by=None)
    owner_sql("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stands")
    owner_sql("UPDATE audit_entry SET action = 'x' WHERE id = 2")
    said = as_user(admin).post(VERIFY, follow=True).content.decode()
    assert "审计链不完整：第2环、第2号记录与链不符（记录或链环被改动）" in said


def test_a_chain_that_was_cut_off_is_said_to_be(committed: str, owner_sql: Any, as_user: Any) -> None:
    admin = make_account("admin.audit", "冯鉴", "audit_admin", "150000")
    client = as_user(admin)
    assert "链尾摘要尚未留存" in client.get(PAGE).content.decode()
    for _ in range(3):
        audit.record("worker.create", by=None)
    heads.keep_up()
    assert "链尾摘要按时留存" in client.get(PAGE).content.decode()
    assert "与数据库之外留存的1个链尾摘要一致" in client.post(VERIFY, follow=True).content.decode()
    owner_sql("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stands")
    owner_sql("ALTER TABLE audit_chainlink DISABLE TRIGGER audit_chainlink_stands")
    owner_sql("DELETE FROM audit_chainlink WHERE position > 1; DELETE FROM audit_entry WHERE id > 1")
    said = client.post(VERIFY, follow=True).content.decode()
    assert "审计链不完整：审计链尾部被截断。请立即报告" in said
    assert Entry.objects.latest("pk").detail["anchors"] == ["审计链尾部被截断"]


def test_the_page_costs_the_same_for_many_entries(
    audit_admin: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        audit.record(f"test.step{number % 7}", by=None)
    client = as_user(audit_admin)
    with django_assert_max_num_queries(12):
        client.get(PAGE)
