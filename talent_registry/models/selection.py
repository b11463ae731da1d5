"""The annual selection (clause 一): the round, who was nominated, and the lists that came of it.

The round and each nomination are cases: their states, events and four eyes are those of portal.cases. What
the round decides by (scheme, places) changes only while it is a draft; what it has decided (lists, listed
nominees) is only ever added to. Scores are integers of a hundredth of a point, so that two machines add them
up to the same sum.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import can, scope
from portal.cases.models import Application, Case, Channel
from portal.workforce.models import Employer
from portal.workforce.models.base import own_records
from talent_registry.selection.workflow import NominationState


class RoundQuerySet(models.QuerySet["SelectionRound"]):
    def visible_to(self, user: Any) -> RoundQuerySet:
        """Every round is public from the day it opens, drafts are for those who prepare and check them."""
        if user.is_authenticated and can(user, "case.view"):
            return self.all()
        return self.exclude(case__state="draft")

    def published(self) -> RoundQuerySet:
        """Those whose list has been published, newest first."""
        return self.filter(case__state__in=["published", "closed"]).order_by("-year")


class SelectionRound(models.Model):
    """One year's selection. Its case (kind `registry.selection-round`) carries the state."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="selection_round")
    year = models.PositiveSmallIntegerField("年度", unique=True)
    title = models.CharField("名称", max_length=80)
    opens_on = models.DateField("开始申报")
    nominations_until = models.DateField("申报截止")
    panel_until = models.DateField("评审截止")
    recommend_until = models.DateField("推荐截止")
    # Facts count as of this day, whenever the assessment runs.
    as_of = models.DateField("事实截止日")
    notice_working_days = models.PositiveSmallIntegerField("公示工作日")
    # talent_registry.selection.scheme.Scheme as JSON: what a person's facts and the panel are worth.
    scheme = models.JSONField("评分办法")
    scheme_document = models.CharField("评分办法文号", max_length=120, blank=True)
    is_sample = models.BooleanField("示例办法和名额", default=True)
    places = models.PositiveIntegerField("入选名额")
    # The list that was frozen, and after an upheld objection the one that took its place.
    standing_list = models.OneToOneField(
        "SelectionList", models.PROTECT, null=True, related_name="+", verbose_name="现行名单"
    )
    notice = models.OneToOneField(
        "cases.PublicNotice", models.PROTECT, null=True, related_name="selection_round"
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        verbose_name = verbose_name_plural = "年度遴选"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("nominations_until"))
                & Q(nominations_until__lte=F("panel_until"))
                & Q(panel_until__lte=F("recommend_until"))
                & Q(as_of__lte=F("recommend_until")),
                name="round_days_follow_one_another",
                violation_error_message="各阶段日期须依次在后。",
            ),
            models.CheckConstraint(
                condition=Q(notice_working_days__gte=1),
                name="round_notice_lasts",
                violation_error_message="公示至少1个工作日。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        return self.case.state


class QuotaKind(models.TextChoices):
    RECOMMENDATION = "recommendation", "盟市推荐名额"
    LEAGUE = "league", "盟市入选上限"
    INDUSTRY = "industry", "行业入选上限"


class Industry(models.TextChoices):
    """The sections of the national classification of industries (GB/T 4754-2017)."""

    A = "A", "农、林、牧、渔业"
    B = "B", "采矿业"
    C = "C", "制造业"
    D = "D", "电力、热力、燃气及水生产和供应业"
    E = "E", "建筑业"
    F = "F", "批发和零售业"
    G = "G", "交通运输、仓储和邮政业"
    H = "H", "住宿和餐饮业"
    I = "I", "信息传输、软件和信息技术服务业"  # noqa: E741
    J = "J", "金融业"
    K = "K", "房地产业"
    L = "L", "租赁和商务服务业"
    M = "M", "科学研究和技术服务业"
    N = "N", "水利、环境和公共设施管理业"
    O = "O", "居民服务、修理和其他服务业"  # noqa: E741
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化、体育和娱乐业"
    S = "S", "公共管理、社会保障和社会组织"
    T = "T", "国际组织"


class Quota(models.Model):
    """Places of a league (to recommend, and at most to be selected) or of an industry.

    A kind without rows has no such limit. `used` counts the recommendations in force; taking one locks the
    row, so two people at once cannot exceed it, and the database refuses a number above the places whatever
    code asks.
    """

    round = models.ForeignKey(SelectionRound, models.CASCADE, related_name="quotas", db_index=False)
    kind = models.CharField(max_length=16, choices=QuotaKind)
    key = models.CharField(max_length=6)  # code of a league, letter of an industry
    places = models.PositiveIntegerField("名额")
    used = models.PositiveIntegerField("已用", default=0)

    class Meta:
        ordering = ["kind", "key"]
        verbose_name = verbose_name_plural = "名额"
        constraints = [
            models.UniqueConstraint(fields=["round", "kind", "key"], name="one_quota"),
            models.CheckConstraint(
                condition=Q(used__lte=F("places")),
                name="quota_is_never_exceeded",
                violation_error_message="名额已用完。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key} {self.places}"


# How a nomination is filed, as the selection calls it.
CHANNELS: dict[str, str] = {
    Channel.EMPLOYER: "单位推荐",
    Channel.WINDOW: "窗口代办",
    Channel.SELF: "本人申报",
}


class NominationQuerySet(models.QuerySet["Nomination"]):
    def visible_to(self, user: Any) -> NominationQuerySet:
        """Staff see those of their regions; others their own, their employer's, or those they score."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "case.view")
        if where.whole:
            return self.all()
        if where.empty:
            # Asked beside each nomination, not joined to it: a page that shows much besides would have the
            # database weigh twenty tables against each other.
            own = Q(worker__in=own_records(user))
            of_units = Q(case__employer__in=Employer.objects.acted_for_by(user))
            scored = PanelAssignment.objects.of_expert(user)
            return self.filter(own | of_units | Q(pk__in=scored.values("nomination")))
        return self.filter(where.q("case__region", "case__league_code"))

    def valid(self) -> NominationQuerySet:
        """Neither withdrawn nor refused."""
        return self.filter(_VALID)


_VALID = ~Q(outcome__in=["withdrawn", "refused"])


class Nomination(Application):
    """One worker nominated in one round.

    Its case (kind `registry.nomination`) carries the state, and in `case.employer` the unit that nominated.
    """

    round = models.ForeignKey(SelectionRound, models.PROTECT, related_name="nominations", db_index=False)
    channel = models.CharField("申报方式", max_length=12, choices=CHANNELS)
    industry = models.CharField("所属行业", max_length=1, choices=Industry)
    statement = models.TextField("主要业绩", max_length=2000)
    # That the conditions of nomination held, as of the submission and again as of the acceptance.
    determination = models.ForeignKey(
        "policy.Determination", models.PROTECT, null=True, related_name="+", verbose_name="认定记录"
    )
    # The mean of the experts' sums, a hundredth of a point; empty until all are in.
    panel_score = models.PositiveIntegerField("评审得分", null=True)
    # The final state of the case, empty while it is open.
    outcome = models.CharField("结果", max_length=24, choices=NominationState, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "遴选申报"
        indexes = [models.Index(fields=["round", "-case"], name="nomination_of_round")]
        constraints = [
            *Application.Meta.constraints,
            models.UniqueConstraint(
                fields=["round", "worker"],
                condition=_VALID,
                name="one_nomination_a_round",
                violation_error_message="该人员本年度已有申报。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.year} {self.worker}"


class PanelAssignmentQuerySet(models.QuerySet["PanelAssignment"]):
    def of_expert(self, user: Any) -> PanelAssignmentQuerySet:
        """The nominees whom somebody scores, as long as they are an expert of the nominee's place; those from which
        they stepped aside are no longer theirs to see.
        """
        if not user.is_authenticated:
            return self.none()
        places = scope(user, "nomination.score").q(
            "nomination__case__region", "nomination__case__league_code"
        )
        return self.filter(places, expert=user, conflict_at__isnull=True)


class PanelAssignment(models.Model):
    """An expert is to score a nominee; a declared conflict bars them, scores once handed in stay."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="panel", db_index=False)
    expert = models.ForeignKey("accounts.User", models.PROTECT, related_name="panel_assignments")
    assigned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now)
    conflict_at = models.DateTimeField("回避时间", null=True)
    conflict_reason = models.CharField("回避理由", max_length=200, blank=True)
    # {criterion: hundredths of a point}
    scores = models.JSONField("评分", default=dict)
    comment = models.CharField("评语", max_length=500, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True)

    objects = PanelAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专家评审"
        constraints = [
            models.UniqueConstraint(fields=["nomination", "expert"], name="one_assignment_an_expert"),
            models.CheckConstraint(
                condition=Q(conflict_at__isnull=True)
                | (Q(submitted_at__isnull=True) & ~Q(conflict_reason="")),
                name="barred_expert_scores_nothing",
                violation_error_message="已声明回避的专家不能评分，回避须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert} {self.nomination_id}"


class Exclusion(models.Model):
    """A nominee whom an upheld objection takes out of the ranking."""

    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="exclusion")
    objection = models.ForeignKey("cases.Objection", models.PROTECT, related_name="+")
    reason = models.CharField("理由", max_length=500)
    on = models.DateField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    database_rights = "append_only"

    class Meta:
        verbose_name = verbose_name_plural = "取消资格"

    def __str__(self) -> str:
        return f"{self.nomination_id} {self.reason}"


class SelectionList(models.Model):
    """One ranking of the recommended nominees with everything it was made of, and its digest.

    Never changed; a later version follows. The digest covers year, scheme, places, rule and figures, and for
    each nominee facts, parts, order and outcome by numbers and codes, never labels or names
    (selection.listing).
    """

    round = models.ForeignKey(SelectionRound, models.PROTECT, related_name="lists")
    version = models.PositiveSmallIntegerField("版次")
    scheme = models.JSONField("评分办法")
    places = models.PositiveIntegerField("入选名额")
    # {"league": {code: places}, "industry": {letter: places}}
    quotas = models.JSONField("名额")
    as_of = models.DateField("事实截止日")
    # By which rule and figures the conditions were looked at.
    rule_version = models.ForeignKey("policy.RuleVersion", models.PROTECT, related_name="+")
    law = models.JSONField("政策参数")
    digest = models.CharField("摘要", max_length=64)
    # What moved against the version before: [{"nomination", "from", "to"}], each of selected, not_selected,
    # excluded.
    moved = models.JSONField(default=list)
    reason = models.CharField("编制原因", max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    database_rights = "append_only"

    class Meta:
        ordering = ["round", "version"]
        verbose_name = verbose_name_plural = "遴选名单"
        constraints = [models.UniqueConstraint(fields=["round", "version"], name="one_list_of_a_version")]

    def __str__(self) -> str:
        return f"{self.round.year} 第{self.version}版"


class ListedNomineeQuerySet(models.QuerySet["ListedNominee"]):
    def visible_to(self, user: Any) -> ListedNomineeQuerySet:
        """Those of the places for which the user sees cases: who was not selected elsewhere is nobody's business."""
        where = scope(user, "case.view")
        return self.filter(where.q("nomination__case__region", "nomination__case__league_code"))


class ListedNominee(models.Model):
    """One nominee on one list: frozen facts, how the score adds up, the place, and why in or out."""

    list = models.ForeignKey(SelectionList, models.PROTECT, related_name="nominees", db_index=False)
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="listings")
    position = models.PositiveIntegerField("位次")
    league_code = models.CharField(max_length=6)
    industry = models.CharField(max_length=1, choices=Industry)
    facts = models.JSONField()
    # {"skill", "achievement", "contribution", "front_line", "panel"}: hundredths of a point
    parts = models.JSONField()
    score = models.IntegerField("总分")
    # The last tie-break: a draw that depends on the year and the person alone (selection.ranking).
    draw = models.CharField(max_length=64)
    selected = models.BooleanField("入选")
    # Code of selection.ranking.Reason, and the numbers the sentence needs.
    reason = models.CharField(max_length=24)
    detail = models.JSONField(default=dict)

    objects = ListedNomineeQuerySet.as_manager()
    database_rights = "append_only"

    class Meta:
        ordering = ["list", "position"]
        constraints = [
            models.UniqueConstraint(fields=["list", "position"], name="one_nominee_at_a_position"),
            models.UniqueConstraint(fields=["list", "nomination"], name="one_listing_a_nominee"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.nomination_id}"
