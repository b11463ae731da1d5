"""What to bring, where to go, how long it takes: in the office's words, else in the law's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import WHOLE_REGION, NotNow, require
from portal.cases.models import ClockRule
from portal.entitlements.models import BenefitGuide
from portal.entitlements.questions import proofs_to_bring
from portal.entitlements.wording import ELIGIBLE, ExplainedAnswer
from portal.policy.benefits import BY_CODE
from portal.policy.law import DayLaw

FIELDS = ("materials", "handled_by", "handling_time")
SAMPLE_WORD = "示例"
# The law's own limits, by benefit: the parameter that holds the number of working days.
_LIMITS = {"training.skill-upgrade": "training.skill-upgrade.finish-working-days"}
# What an employer grants is asked of the employer; the windows of clause 一 advise on everything.
_BY_EMPLOYER = {"leave.annual": "所在单位", "title.equivalence": "所在单位"}
_WINDOW = "服务窗口"
_IDENTITY_CARD = "居民身份证原件"


@dataclass(frozen=True)
class Guidance:
    """What a page says of a benefit. `for_reference` when the materials are ours and not the office's."""

    materials: list[str]
    for_reference: bool
    handled_by: str
    time: str
    time_source: str
    # Samples of the demonstration say so themselves.
    sample_materials: bool
    sample_time: bool

    @property
    def own_materials(self) -> list[str]:
        """Without the identity card, which a sheet asks for once."""
        return [one for one in self.materials if one != _IDENTITY_CARD]

    @property
    def elsewhere(self) -> str:
        """Who handles it, where that is not the service window."""
        return "" if self.handled_by == _WINDOW else self.handled_by


def guidance_for(answers: Iterable[ExplainedAnswer], law: DayLaw) -> dict[str, Guidance]:
    """By benefit; two queries for all of them. Where nothing is known `time` is empty and shown as 待公布."""
    answers = list(answers)
    codes = [answer.benefit for answer in answers]
    guides = {guide.benefit: guide for guide in BenefitGuide.objects.filter(benefit__in=codes)}
    clocks = {rule.kind: rule for rule in ClockRule.objects.filter(kind__in=codes)}
    guidance = {}
    for answer in answers:
        code = answer.benefit
        guide = guides.get(code)
        materials = _materials_listed(guide) or materials_needed(answer)
        guidance[code] = _guidance_for(code, materials, guide, clocks.get(code), law)
    return guidance


def what_follows_consent(guide: Guidance) -> str:
    """Who takes it up, how long it takes, and where it is seen, in one sentence for whoever writes it down."""
    time = f"，{guide.time}办好" if guide.time else "，办理时限待公布"
    return (
        f"登记后立即建立办件，由{guide.handled_by}办理{time}；"
        "本人登录后在“我的办件”查看进度，或凭办件编号和证件号码查询。"
    )


def guidance_of(benefits: Iterable[str], law: DayLaw) -> dict[str, Guidance]:
    """What the office says of each benefit itself, whoever asks; two queries for all of them."""
    codes = list(benefits)
    guides = {guide.benefit: guide for guide in BenefitGuide.objects.filter(benefit__in=codes)}
    clocks = {rule.kind: rule for rule in ClockRule.objects.filter(kind__in=codes)}
    return {
        code: _guidance_for(
            code, _materials_listed(guides.get(code)), guides.get(code), clocks.get(code), law
        )
        for code in codes
    }


def guidance_for_consent(benefit: str, law: DayLaw) -> Guidance:
    """What is said beside a consent: who handles it and how long it takes."""
    return guidance_of([benefit], law)[benefit]


def _guidance_for(
    benefit: str, materials: list[str], guide: BenefitGuide | None, clock: ClockRule | None, law: DayLaw
) -> Guidance:
    listed = _materials_listed(guide)
    time, source, sample_time = _handling_time(benefit, guide, clock, law)
    handled_by = guide.handled_by if guide else ""
    return Guidance(
        materials=materials,
        for_reference=not listed,
        handled_by=handled_by or _BY_EMPLOYER.get(benefit, _WINDOW),
        time=time,
        time_source=source,
        sample_materials=bool(listed and guide and guide.is_sample),
        sample_time=sample_time,
    )


def _materials_listed(guide: BenefitGuide | None) -> list[str]:
    if guide is None:
        return []
    lines = [_plain(line, guide) for line in guide.materials.splitlines()]
    return [line for line in lines if line]


def _plain(text: str, guide: BenefitGuide) -> str:
    """Without the mark of a sample, which the page sets beside it once."""
    return text.replace(f"（{SAMPLE_WORD}）", "").strip() if guide.is_sample else text.strip()


def materials_needed(answer: ExplainedAnswer) -> list[str]:
    """Built from the facts the answer rests on: of several alternatives only those that carry it."""
    facts = []
    for condition in answer.conditions:
        still_open = answer.outcome != ELIGIBLE and condition["holds"] is None
        if condition["holds"] is True or still_open:
            facts += condition["facts"]
    return list(dict.fromkeys([_IDENTITY_CARD, *proofs_to_bring(facts)]))


def _handling_time(
    benefit: str, guide: BenefitGuide | None, clock: ClockRule | None, law: DayLaw
) -> tuple[str, str, bool]:
    """(how long, on what basis, whether a sample): by law, else by the office's word or clock."""
    figure = law.figures.get(_LIMITS.get(benefit, ""))
    if figure is not None:
        return f"自申请之日起{figure.value}个工作日内", f"法定时限：{figure.document}{figure.article}", False
    if guide and guide.handling_time:
        return _plain(guide.handling_time, guide), "", guide.is_sample
    if clock:
        basis = clock.basis.removeprefix(f"{SAMPLE_WORD}，") if clock.is_sample else clock.basis
        return f"受理后{clock.working_days}个工作日内", basis, clock.is_sample
    return "", "", False


def legal_working_days(benefit: str, law: DayLaw) -> int | None:
    """Within how many working days of the application the law wants it done; None where it sets no limit."""
    figure = law.figures.get(_LIMITS.get(benefit, ""))
    return int(figure.value) if figure is not None else None


@transaction.atomic
def save_guide(
    benefit: str, values: Mapping[str, str], *, by: Any, seen_at: str | None = None
) -> tuple[BenefitGuide, list[str]]:
    """Write the office's guide to a benefit. It is no sample any more. Returns the guide and the fields
    changed.

    `seen_at` is `edited_at` (ISO) as the page showed it, empty for a guide that did not exist, None when no
    page was shown: a change by another meanwhile is not overwritten. Raises Refused, and NotNow for a
    benefit that is none, a sample left as it was, or such a change.
    """
    require(by, "guide.edit", WHOLE_REGION)
    if benefit not in BY_CODE:
        raise NotNow("没有这个事项。")
    listed = {name: str(values.get(name, "")).strip() for name in FIELDS}
    if samples_left := [field_label(name) for name, text in listed.items() if SAMPLE_WORD in text]:
        raise NotNow(f"{'、'.join(samples_left)}仍含“示例”字样，请改为真实信息，或清空（显示为待公布）。")
    guide, created = BenefitGuide.objects.get_or_create(benefit=benefit)
    guide = BenefitGuide.objects.select_for_update().get(pk=guide.pk)
    if seen_at is not None and seen_at != ("" if created else guide.edited_at.isoformat()):
        raise NotNow("您填写期间，他人已更新该事项的指南。请重新打开本页，核对后再保存。")
    changed = [name for name, text in listed.items() if getattr(guide, name) != text]
    was_sample, guide.is_sample = guide.is_sample, False
    for name, text in listed.items():
        setattr(guide, name, text)
    guide.edited_by = by
    guide.save()
    audit.record(
        "guide.edit", by=by, obj=guide, detail={"kind": benefit, "fields": changed, "was_sample": was_sample}
    )
    return guide, changed


def field_label(name: str) -> str:
    """What a field of a guide is called."""
    field: Any = BenefitGuide._meta.get_field(name)
    return str(field.verbose_name)


def load_samples() -> None:
    """For the demonstration: two guides that say of themselves that they are samples."""
    for benefit, materials, time in (
        (
            "registry.direct-inclusion",
            "居民身份证原件（示例）\n荣誉证书或表彰文件原件（示例）\n单位推荐意见（示例）",
            "",
        ),
        (
            "evaluation.open",
            "居民身份证原件（示例）\n单位出具的技能岗位证明（示例）\n考评申报表，窗口领取（示例）",
            "以考评公告为准（示例）",
        ),
    ):
        defaults = {"materials": materials, "handling_time": time, "handled_by": "", "is_sample": True}
        BenefitGuide.objects.get_or_create(benefit=benefit, defaults=defaults)
