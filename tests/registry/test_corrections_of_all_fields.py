"""A wrong occupation, level or place of a published row is found, corrected by two people, and replaced in letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.access import NotNow
from portal.letters.models import Letter
from portal.regions.models import Region
from portal.workforce.actions.verifying import refute_record
from portal.workforce.models import Employer, Worker
from portal.workforce.models.credentials import SkillCredential
from portal.workforce.models.people import Employment
from talent_registry import actions, correction_letters, letters
from talent_registry.correction_queues import differences_to_settle
from talent_registry.models import EntryCorrection, PublishedDifference, RegistryEntry
from talent_registry.models.corrections import as_published
from tests.by_two import changed_by_two
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG
from tests.registry.conftest import TODAY

LATER = TODAY + timedelta(days=10)
UNIT = "鄂托克旗查布煤业"


def _fresh(entry: RegistryEntry) -> RegistryEntry:
    return RegistryEntry.objects.get(pk=entry.pk)


def _register(entry: RegistryEntry, *, work_region_id: str = "", **values: Any) -> None:
    """The register says this of somebody now."""
    if work_region_id:
        changed_by_two(Worker.objects.get(pk=entry.worker_id), work_region_id=work_region_id)
    if values:
        Worker.objects.filter(pk=entry.worker_id).update(**values)


def _marked(entry: RegistryEntry) -> dict[str, tuple[str, str]]:
    rows = actions.differences_of(_fresh(entry))
    return {row["field"]: (row["before"], row["after"]) for row in rows}


@pytest.fixture
def listed(entry) -> RegistryEntry:
    """Published as a fitter of the middle level, in Otog, at a unit."""
    unit = Employer.objects.create(name=UNIT, region_id=OTOG, source="窗口登记")
    one = entry("敖敦", occupation="装配钳工", skill_level=30, employer=unit)
    Employment.objects.create(worker=one.worker, employer=unit, occupation="装配钳工", source="窗口登记")
    return one


def _certificate(
    worker: Any, occupation: str = "装配钳工", level: int = 30, **fields: Any
) -> SkillCredential:
    return SkillCredential.objects.create(
        worker=worker,
        occupation=occupation,
        level=level,
        number=fields.pop("number", ""),
        source="窗口登记",
        **fields,
    )


# -- what is found by itself --------------------------------------------------------------------------------
def test_an_occupation_and_a_level_that_the_register_says_nowhere(listed) -> None:
    listed.worker.employments.update(occupation="煤矿机械钳工")
    _register(listed, occupation="煤矿机械钳工", skill_level=40)
    assert _marked(listed) == {
        "occupation": ("装配钳工", "煤矿机械钳工"),
        "skill_level": ("中级工", "高级工"),
    }
    _register(listed, occupation="装配 钳工", skill_level=30)
    assert _marked(listed) == {} and not PublishedDifference.objects.exists()


@pytest.mark.parametrize("spelling", ["装配钳工（高级工）", "装配 钳工[三级/高级工]", "装配钳工〔技师〕"])
def test_an_occupation_in_another_spelling_is_the_same(listed, spelling) -> None:
    listed.worker.employments.update(occupation="")
    _register(listed, occupation=spelling)
    assert _marked(listed) == {}
    _register(listed, occupation="装配电工（高级工）")
    assert _marked(listed) == {"occupation": ("装配钳工", "装配电工（高级工）")}


def test_whoever_learnt_something_else_was_published_rightly(listed, reviewer, clerk) -> None:
    _certificate(listed.worker, recorded_by=clerk)
    _certificate(listed.worker, "电工", 50)
    _register(listed, occupation="电工", skill_level=50)
    assert not PublishedDifference.objects.exists()
    # The certificate that bore out what was published is found to be none, or taken back.
    listed.worker.employments.update(occupation="")
    bore_out = SkillCredential.objects.get(occupation="装配钳工")
    refute_record("credential", bore_out.pk, reason="查无此证。", by=reviewer, on=TODAY)
    assert set(_marked(listed)) == {"occupation", "skill_level"}
    SkillCredential.objects.filter(pk=bore_out.pk).update(
        verification="stated", verified_by=None, verified_at=None, verified_from=""
    )
    assert _marked(listed) == {}
    bore_out.delete()
    assert set(_marked(listed)) == {"occupation", "skill_level"}


def test_a_first_occupation_and_level_contradict_nothing(entry) -> None:
    one = entry("哈斯")
    _certificate(one.worker, "电工", 50)
    _register(one, occupation="电工", skill_level=50)
    assert not PublishedDifference.objects.exists()


def test_a_place_that_changed_without_the_unit(listed, entry) -> None:
    _register(listed, work_region_id=KUNDULUN)
    assert _marked(listed) == {"region": ("鄂尔多斯市鄂托克旗", "包头市昆都仑区")}
    # Whoever moved to another unit in another place was published rightly.
    unit = Employer.objects.create(name="包头稀土", region_id=KUNDULUN, source="窗口登记")
    listed.worker.employments.update(ended_on=TODAY)
    Employment.objects.create(worker=listed.worker, employer=unit, source="窗口登记")
    _register(listed, employer=unit)
    assert not PublishedDifference.objects.exists()
    without_unit = entry("萨仁")
    _register(without_unit, work_region_id="150625")
    assert set(_marked(without_unit)) == {"region"}


# -- corrected by two people --------------------------------------------------------------------------------
def _corrected(entry: RegistryEntry, fields: list[str], one: Any, other: Any) -> EntryCorrection:
    proposed = actions.propose_correction(entry.pk, fields, reason="登记有误。", by=one, on=LATER)
    return actions.confirm_correction(proposed.pk, by=other, on=LATER)


@pytest.mark.parametrize(
    ("values", "field", "shown", "replaced"),
    [
        (
            {"occupation": "铁路机车制修工"},
            "occupation",
            "铁路机车制修工",
            {letters.INCLUSION, letters.CERTIFICATE},
        ),
        ({"skill_level": 60}, "skill_level", "高级技师", {letters.INCLUSION}),
        ({"work_region_id": "150625"}, "region", "鄂尔多斯市杭锦旗", {letters.INCLUSION}),
    ],
)
def test_page_list_files_api_and_the_letters_that_print_it(
    listed, registry_officer, second_registry_officer, client, values, field, shown, replaced
) -> None:
    listed.worker.employments.update(occupation="")
    _register(listed, **values)
    _corrected(listed, [field], registry_officer, second_registry_officer)
    for address in (
        reverse("registry:entry", args=[listed.number]),
        reverse("registry:list"),
    ):
        assert shown in client.get(address).text, address
    (row,) = client.get(f"/api/registry/?name={listed.name}").json()["results"]
    # Of the place programs are told the league alone.
    assert field == "region" or shown in str(row)
    csv = b"".join(client.get(reverse("registry:export", args=["csv"]))).decode("utf-8-sig")
    assert shown in csv.replace("市,", "市")
    outdated = Letter.objects.filter(case_id=listed.case_id, superseded_by__isnull=False)
    assert {letter.kind for letter in outdated} == replaced
    assert all(shown in str(letter.superseded_by.says) for letter in outdated)
    notice = Letter.objects.get(kind=correction_letters.CORRECTION)
    assert f"更正为“{shown}”" in str(notice.says["paragraphs"])
    assert not PublishedDifference.objects.exists()


def test_the_place_moves_the_row_to_those_who_have_it_now(
    listed, registry_officer, second_registry_officer, reviewer, baotou_reviewer
) -> None:
    _register(listed, work_region_id=KUNDULUN)
    _corrected(listed, ["region"], registry_officer, second_registry_officer)
    assert _fresh(listed).league_code == BAOTOU
    assert RegistryEntry.objects.visible_to(baotou_reviewer).filter(pk=listed.pk).exists()
    assert not RegistryEntry.objects.visible_to(reviewer).filter(pk=listed.pk).exists()
    assert as_published(_fresh(listed), TODAY)["region"] == Region.objects.get(pk=OTOG)
    assert listed.league_code == ORDOS


def test_what_was_missing_on_its_day_can_be_added(entry, registry_officer, second_registry_officer) -> None:
    one = entry("娜布其")
    _certificate(one.worker, "乳品检验员", 40, issued_on=TODAY - timedelta(days=400))
    _register(one, occupation="乳品检验员", skill_level=40)
    correction = _corrected(one, ["occupation", "skill_level"], registry_officer, second_registry_officer)
    assert correction.fields_in_words == "职业（工种）、技能等级"
    said = _fresh(one)
    assert (said.occupation, said.skill_level) == ("乳品检验员", 40)
    # Nothing registered is never put in the place of something published rightly.
    _register(said, occupation="", skill_level=0)
    with pytest.raises(NotNow, match="一致"):
        actions.propose_correction(one.pk, ["occupation"], reason="误。", by=registry_officer, on=LATER)


def test_it_changed_once_more_after_it_was_proposed(
    listed, registry_officer, second_registry_officer
) -> None:
    listed.worker.employments.update(occupation="")
    _register(listed, skill_level=40)
    one = actions.propose_correction(listed.pk, ["skill_level"], reason="误。", by=registry_officer, on=LATER)
    _register(listed, skill_level=20)
    with pytest.raises(NotNow, match="现登记为“初级工”"):
        actions.confirm_correction(one.pk, by=second_registry_officer, on=LATER)


def test_what_is_kept_is_kept(listed, registry_officer) -> None:
    _register(listed, work_region_id="150625")
    actions.keep_published(listed.pk, reason="单位迁址。", by=registry_officer, on=LATER)
    assert not differences_to_settle(registry_officer).exists()
    _register(listed, skill_level=50)
    assert differences_to_settle(registry_officer).count() == 1


def test_the_pages(listed, as_user, registry_officer, second_registry_officer) -> None:
    listed.worker.employments.update(occupation="")
    _register(listed, occupation="井下支护工", skill_level=50, work_region_id="150625")
    first = as_user(registry_officer)
    page = first.get(reverse("registry:corrections")).text
    assert "装配钳工 → <strong>井下支护工</strong>" in page and "<strong>鄂尔多斯市杭锦旗</strong>" in page
    form = first.get(reverse("registry:correct", args=[listed.number])).text
    assert form.count("checked") == 3 and "中级工 → 技师" in form
    first.post(
        reverse("registry:correct", args=[listed.number]),
        {"chosen": ["occupation", "skill_level"], "reason": "登记时工种录入有误。"},
    )
    correction = EntryCorrection.objects.get()
    second = as_user(second_registry_officer)
    page = second.get(reverse("registry:correction_confirm", args=[correction.pk])).text
    assert (
        "井下支护工" in page
        and "杭锦旗" not in page.partition("公布的内容和登记的内容")[2].partition("</table>")[0]
    )
    second.post(reverse("registry:correction_confirm", args=[correction.pk]))
    assert (
        "装配钳工 → 井下支护工；技能等级：中级工 → 技师"
        in second.get(reverse("registry:record", args=[listed.number])).text
    )
