"""The region tree (GB/T 2260), the service window of each region, and the official calendar of
working days.
"""

from __future__ import annotations

from django.db import models


class Tier(models.TextChoices):
    AUTONOMOUS_REGION = "autonomous_region", "自治区"
    LEAGUE_CITY = "league_city", "盟市"
    BANNER_COUNTY = "banner_county", "旗县（市、区）"


class RegionQuerySet(models.QuerySet["Region"]):
    def leagues(self) -> RegionQuerySet:
        return self.filter(tier=Tier.LEAGUE_CITY)

    def banners(self) -> RegionQuerySet:
        return self.filter(tier=Tier.BANNER_COUNTY)


class Region(models.Model):
    """One division. The code is the key everywhere: its first four digits are those of the league or city."""

    code = models.CharField("区划代码", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=40)
    tier = models.CharField("层级", max_length=20, choices=Tier)
    kind = models.CharField("类别", max_length=20)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    database_rights = "read_only"

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "行政区划"

    def __str__(self) -> str:
        return self.name

    @property
    def is_whole(self) -> bool:
        return self.tier == Tier.AUTONOMOUS_REGION

    @property
    def league_code(self) -> str:
        """Code of the league or city this belongs to; the autonomous region's own code for itself."""
        return self.code[:4] + "00"

    @property
    def full_name(self) -> str:
        """鄂尔多斯市鄂托克旗 for a banner, the plain name above."""
        if self.tier == Tier.BANNER_COUNTY and self.parent:
            return f"{self.parent.name}{self.name}"
        return self.name


class ServiceWindow(models.Model):
    """Where people go (clause 一). An empty field is shown as 待公布: these are the office's own data."""

    region = models.OneToOneField(Region, models.PROTECT, primary_key=True, related_name="window")
    name = models.CharField("窗口名称", max_length=80, blank=True)
    address = models.CharField("地址", max_length=160, blank=True)
    hours = models.CharField("办公时间", max_length=120, blank=True)
    phone = models.CharField("咨询电话", max_length=40, blank=True)
    materials = models.TextField("所需材料", blank=True)
    handling_time = models.CharField("办理时限", max_length=120, blank=True)
    is_sample = models.BooleanField("示例数据", default=False)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        ordering = ["region_id"]
        verbose_name = verbose_name_plural = "服务窗口"

    def __str__(self) -> str:
        return self.name or f"{self.region}服务窗口"


class CalendarYear(models.Model):
    """A year whose official holiday notice is loaded. Deadlines that run into another year are flagged."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    document = models.CharField("来源文件", max_length=120)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year}年"


class CalendarDay(models.Model):
    """A day that differs from the plain week: a day off, or a weekend worked to make up for one."""

    on = models.DateField("日期", primary_key=True)
    year = models.ForeignKey(CalendarYear, models.CASCADE, related_name="days")
    works = models.BooleanField("上班")
    name = models.CharField("说明", max_length=40)

    class Meta:
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
