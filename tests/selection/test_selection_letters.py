"""The letters of a selection: what they say, how they are laid out, and in which order they are printed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.letters import building, composing, kinds
from portal.letters.actions import BadLetter
from portal.letters.models import Letter, PrintFile
from talent_registry import letters
from talent_registry.actions import change_status
from talent_registry.models import RegistryEntry, Status
from talent_registry.selection import publishing
from tests.letters import pdfs
from tests.selection.announced import YEAR, after_notice, nomination_of
from tests.selection.nominees import make_employer, make_round, make_skilled, nominated, today

ORDER = {"document": "内人社函〔2026〕12号", "reason": "正在接受调查。"}


def words(letter: Letter) -> str:
    """What the letter's page says, without its markup."""
    import re

    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", composing.compose(letter).html))


def letter_to(name: str, kind: str) -> Letter:
    return Letter.objects.get(worker__name=name, kind=kind)


# -- what they say -------------------------------------------------------------------------------------------
def test_the_notice_and_the_certificate_name_the_selection_not_an_honour(published) -> None:
    entry = RegistryEntry.objects.get(name="首席王")
    notice = words(letter_to("首席王", letters.SELECTION_INCLUSION))
    for said in (
        f"经{YEAR}年度高技能领军人才遴选",
        published.notice.number,
        entry.number,
        "第（一）条",
        entry.id_shown,
        "焦化有限责任公司",
    ):
        assert said in notice, said
    certificate = words(letter_to("首席王", letters.SELECTION_CERTIFICATE))
    assert (
        f"经{YEAR}年度高技能领军人才遴选入选" in certificate
        and entry.number in certificate
        and "首席王" in certificate
    )
    assert "获得“" not in notice + certificate
    public = dict(kinds.current(letters.SELECTION_CERTIFICATE).public)
    assert not {"name", "id_number", "employer"} & public.keys()


def test_the_decision_says_grounds_clause_and_remedy(published) -> None:
    said = words(letter_to("高技赵", letters.SELECTION_RESULT))
    assert f"未将你列入{YEAR}年度高技能领军人才入选名单" in said
    for part in ("一、决定内容", "二、事实和理由", "三、依据", "四、救济途径", "行政复议", "2名已用完"):
        assert part in said, part


def test_correction_and_refusal_of_a_nomination(cast, clerk, registry_officer) -> None:
    round_ = make_round(registry_officer)
    unit = make_employer()
    one = nominated(make_skilled("王建国", unit=unit), round_, clerk)
    one.case.employer = unit
    letter = letters.issue_nomination_correction(
        one, ["技能等级证书", " 业绩证明 ", ""], by=clerk, on=today()
    )
    said = words(letter)
    assert "1.技能等级证书" in said and "2.业绩证明" in said and "3." not in said and one.case.number in said
    assert f"抄送：{unit.name}" in said and composing.date_cn(round_.nominations_until) in said
    refusal = letters.issue_nomination_refusal(
        one, by=clerk, on=today(), grounds="不在生产服务一线岗位工作。"
    )
    assert refusal.adverse and "不予受理" in words(refusal) and "不在生产服务一线岗位工作" in words(refusal)
    with pytest.raises(BadLetter):
        letters.issue_nomination_correction(one, [], by=clerk, on=today())


def test_every_kind_can_be_built(published, clerk) -> None:
    letters.issue_nomination_correction(nomination_of("高技赵"), ["业绩证明"], by=clerk, on=today())
    letters.issue_nomination_refusal(
        nomination_of("高技赵"), by=clerk, on=today(), grounds="不在生产服务一线岗位工作。"
    )
    letters.issue_selection_noted(
        nomination_of("首席王"), RegistryEntry.objects.get(name="首席王"), by=clerk, on=today()
    )
    every = Letter.objects.order_by("pk")
    assert {one.kind for one in every} == {
        kind.code for kind in letters.KINDS if "selection" in kind.code or "nomination" in kind.code
    }
    assert building.build([one.pk for one in every]).failed == 0
    for one in Letter.objects.select_related("file"):
        content = building.read(one.file)
        assert content is not None
        assert one.worker.id_number[6:14] not in pdfs.text(content)


# -- status of an entry by selection -------------------------------------------------------------------------
def test_suspension_reinstatement_and_removal_take_the_place_of_its_letters(
    published, registry_officer
) -> None:
    entry, on = RegistryEntry.objects.get(name="首席王"), after_notice()

    def in_force() -> list[str]:
        return sorted(Letter.objects.in_force().filter(worker=entry.worker_id).values_list("kind", flat=True))

    change_status(entry.pk, Status.SUSPENDED, by=registry_officer, on=on, **ORDER)
    assert in_force() == sorted([letters.SELECTION_INCLUSION, letters.STATUS_CHANGE])
    change_status(entry.pk, Status.ACTIVE, by=registry_officer, on=on, **ORDER)
    assert in_force() == sorted(
        [letters.SELECTION_INCLUSION, letters.SELECTION_CERTIFICATE, letters.REINSTATEMENT]
    )
    change_status(entry.pk, Status.REMOVED, by=registry_officer, on=on, **ORDER)
    assert in_force() == sorted([letters.STATUS_CHANGE, letters.REINSTATEMENT])


# -- for the printer -----------------------------------------------------------------------------------------
def test_letters_are_printed_in_the_order_of_the_list(published, registry_officer, monkeypatch) -> None:
    wanted = [("首席王", 2), ("特级李", 2), ("高技赵", 1), ("包技孙", 2), ("包高周", 1), ("未推吴", 1)]
    expected = [name for name, count in wanted for _ in range(count)]

    def people(ids: list[int]) -> list[str]:
        named = dict(Letter.objects.filter(pk__in=ids).values_list("pk", "worker__name"))
        return [named[pk] for pk in ids]

    assert people(publishing.letters_in_order(published)) == expected
    assert people(publishing.letters_in_order(published, "not_selected")) == ["高技赵", "包高周", "未推吴"]
    monkeypatch.setattr(publishing, "PER_VOLUME", 4)
    files = publishing.request_print(published, group="all", double_sided=False, by=registry_officer)
    assert [len(one.letters) for one in files] == [4, 4, 1]
    assert people([pk for one in files for pk in one.letters]) == expected
    assert "第2册（共3册，4份）" in files[1].job.title


def test_before_the_publication_there_is_nothing_to_print(announced, registry_officer) -> None:
    with pytest.raises(BadLetter, match="还没有"):
        publishing.request_print(announced, group="all", double_sided=False, by=registry_officer)


def test_the_page_counts_what_went_out_and_orders_the_print(
    published, as_user, registry_officer, auditor, employer_agent
) -> None:
    address = reverse("registry:round_letters", args=[YEAR])
    officer = as_user(registry_officer)
    page = officer.get(address).text
    for said in ("遴选入选通知", "高技能领军人才证书（遴选）", "遴选结果决定", "生成打印文件"):
        assert said in page
    answer = officer.post(address, {"group": "selected", "double_sided": "on"})
    made = PrintFile.objects.get()
    assert (
        answer.url == reverse("letters:print", args=[made.pk])
        and len(made.letters) == 6
        and made.double_sided
    )
    assert officer.post(address, {"group": "nobody"}).status_code == 200 and PrintFile.objects.count() == 1
    reader = as_user(auditor)
    assert "生成打印文件" not in reader.get(address).text
    assert reader.post(address, {"group": "all"}).status_code in {403, 409} and PrintFile.objects.count() == 1
    assert as_user(employer_agent).get(address).status_code == 403
    assert officer.get(reverse("registry:round_letters", args=[2031])).status_code == 404


def test_the_page_costs_the_same_however_many_letters(
    published, as_user, registry_officer, django_assert_max_num_queries
) -> None:
    client: Any = as_user(registry_officer)
    client.get(reverse("registry:round_letters", args=[YEAR]))
    with django_assert_max_num_queries(12):
        client.get(reverse("registry:round_letters", args=[YEAR]))
