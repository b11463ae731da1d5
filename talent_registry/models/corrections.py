"""What the register says of somebody on the registry and the published row does not, and how the row is corrected."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.policy.facts import SkillLevel
from portal.regions.models import Region
from talent_registry.models.registry import RegistryEntry

# Fields of an entry that may be corrected, as they are called.
CORRECTABLE = {
    "name": "姓名",
    "id_shown": "证件号码",
    "employer_name": "单位",
    "occupation": "职业（工种）",
    "skill_level": "技能等级",
    "region": "工作地",
}


def in_words(field: str, value: Any) -> str:
    """A field of an entry as a page and a letter say it; empty where nothing is registered."""
    if field == "skill_level":
        return str(SkillLevel(value).label) if value else ""
    if field == "region":
        return str(value.full_name)
    return str(value)


def difference_of(field: str, before: Any, after: Any) -> dict[str, Any]:
    """What differs in one field, in words; `value` is what is stored."""
    return {
        "field": field,
        "label": CORRECTABLE[field],
        "before": in_words(field, before),
        "after": in_words(field, after),
        "value": after,
    }


class CorrectionState(models.TextChoices):
    PROPOSED = "proposed", "待复核"
    CONFIRMED = "confirmed", "已更正"
    REFUSED = "refused", "复核未通过"
    KEPT = "kept", "保留原公布内容"


class CorrectionQuerySet(models.QuerySet["EntryCorrection"]):
    def visible_to(self, user: Any) -> CorrectionQuerySet:
        """Whoever may see the entry."""
        return self.filter(entry__in=RegistryEntry.objects.visible_to(user))

    def open(self) -> CorrectionQuerySet:
        return self.filter(state=CorrectionState.PROPOSED)

    def confirmed(self) -> CorrectionQuerySet:
        return self.filter(state=CorrectionState.CONFIRMED)


class EntryCorrection(models.Model):
    """One correction of a published row: proposed by one person, decided by another, never changed afterwards.

    What the row said before and says since stands here, so that what was published when can be derived. Of
    what was kept as it is published one person decides, and nothing changes.
    """

    entry = models.ForeignKey(RegistryEntry, models.PROTECT, related_name="corrections")
    state = models.CharField("状态", max_length=10, choices=CorrectionState, default=CorrectionState.PROPOSED)
    name_before = models.CharField("原公布姓名", max_length=60)
    name = models.CharField("姓名", max_length=60)
    id_shown_before = models.CharField("原公布证件号码", max_length=18)
    id_shown = models.CharField("证件号码（已遮盖）", max_length=18)
    employer_name_before = models.CharField("原公布单位", max_length=120, blank=True)
    employer_name = models.CharField("单位", max_length=120, blank=True)
    occupation_before = models.CharField("原公布职业（工种）", max_length=60, blank=True)
    occupation = models.CharField("职业（工种）", max_length=60, blank=True)
    skill_level_before = models.SmallIntegerField("原公布技能等级", choices=SkillLevel)
    skill_level = models.SmallIntegerField("技能等级", choices=SkillLevel)
    region_before = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="原公布工作地")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="工作地")
    reason = models.CharField("理由", max_length=500)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", default=timezone.now)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    decided_on = models.DateField("复核日期", null=True)
    verdict = models.CharField("未通过的理由", max_length=500, blank=True)
    # Of a confirmed one, its place among those of the entry.
    position = models.PositiveSmallIntegerField(null=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "名录更正"
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state="proposed"),
                name="one_open_correction_an_entry",
                violation_error_message="该条名录已有待复核的更正。",
            ),
            models.UniqueConstraint(
                fields=["entry", "position"],
                condition=Q(position__isnull=False),
                name="one_correction_at_a_position",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["confirmed", "refused", "kept"], decided_by__isnull=False)
                & Q(decided_at__isnull=False, decided_on__isnull=False),
                name="correction_decided_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(state="kept") | ~Q(decided_by=F("proposed_by")),
                name="correction_decided_by_another",
                violation_error_message="提出更正的人不能复核自己提出的更正。",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", position__isnull=False)
                | ~Q(state="confirmed") & Q(position__isnull=True),
                name="confirmed_correction_has_its_place",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & (~Q(state="refused") | ~Q(verdict="")),
                name="correction_says_why",
                violation_error_message="须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(state="kept")
                | ~Q(name=F("name_before"))
                | ~Q(id_shown=F("id_shown_before"))
                | ~Q(employer_name=F("employer_name_before"))
                | ~Q(occupation=F("occupation_before"))
                | ~Q(skill_level=F("skill_level_before"))
                | ~Q(region=F("region_before")),
                name="correction_corrects_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_state_display()}"

    @property
    def differences(self) -> list[dict[str, Any]]:
        """What it corrects: field, label, before and after."""
        return [
            difference_of(field, before, after)
            for field in CORRECTABLE
            for before, after in [(getattr(self, f"{field}_before"), getattr(self, field))]
            if before != after
        ]

    @property
    def fields_in_words(self) -> str:
        """What it corrects, without saying what it was and is."""
        return "、".join(difference["label"] for difference in self.differences)


class DifferenceQuerySet(models.QuerySet["PublishedDifference"]):
    def visible_to(self, user: Any) -> DifferenceQuerySet:
        """Staff see those of the entries of their regions."""
        where = scope(user, "case.view")
        return self.filter(where.q("entry__region", "entry__league_code"))

    def unsettled(self) -> DifferenceQuerySet:
        """Those of which nobody decided to keep what is published."""
        return self.filter(kept__isnull=True)

    def without_proposal(self) -> DifferenceQuerySet:
        """Those that nobody has proposed to correct."""
        return self.exclude(entry__in=EntryCorrection.objects.open().values("entry"))


class PublishedDifference(models.Model):
    """An entry on the list of which the register says something else by now.

    The database keeps these rows (talent_registry/all_fields_guards.py): whatever is corrected, by whatever way,
    is found here at once. The application only notes what was kept.
    """

    entry = models.OneToOneField(RegistryEntry, models.CASCADE, primary_key=True, related_name="difference")
    # What the register says; all but the name only where it differs.
    name = models.CharField("现登记姓名", max_length=60)
    employer_name = models.CharField("现登记单位", max_length=120, blank=True)
    occupation = models.CharField("现登记职业（工种）", max_length=60, blank=True, db_default="")
    skill_level = models.SmallIntegerField("现登记技能等级", default=0, db_default=0)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", verbose_name="现登记工作地"
    )
    other_name = models.BooleanField("姓名不一致")
    other_employer = models.BooleanField("单位不一致")
    other_occupation = models.BooleanField("职业（工种）不一致", default=False, db_default=False)
    other_level = models.BooleanField("技能等级不一致", default=False, db_default=False)
    other_region = models.BooleanField("工作地不一致", default=False, db_default=False)
    # The number itself is encrypted: the database knows that it was changed, not its last digits.
    other_id = models.BooleanField("证件号码不一致")
    since = models.DateTimeField("发现时间", default=timezone.now)
    kept = models.ForeignKey(
        EntryCorrection, models.PROTECT, null=True, related_name="+", verbose_name="保留决定"
    )

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-entry"]
        verbose_name = verbose_name_plural = "与公布不一致"

    def __str__(self) -> str:
        return str(self.entry_id)


def as_published(entry: RegistryEntry, on: date) -> dict[str, Any]:
    """What the published row said at the end of a day, of everything that may be corrected."""
    later = EntryCorrection.objects.confirmed().filter(entry=entry, decided_on__gt=on).order_by("position")
    first = later.first()
    if first is None:
        return {field: getattr(entry, field) for field in CORRECTABLE}
    return {field: getattr(first, f"{field}_before") for field in CORRECTABLE}
