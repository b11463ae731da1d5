"""A letter is a record first: number, kind, what it says, to whom. The PDF is built from it, and can be built
again.
"""

from __future__ import annotations

import secrets
from typing import Any, cast

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, scope
from portal.fields import EncryptedJSONField, EncryptedTextField
from portal.regions.models import Region
from portal.workforce.models.base import league_of, own_records

# Crockford's alphabet: no I, L, O, U, which are read as digits or as each other.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
_READ_AS = str.maketrans(
    {"O": "0", "I": "1", "L": "1", "-": None, " ": None, "—": None, "－": None, "　": None}
)
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def new_code() -> str:
    """A verification code nobody can guess: 60 random bits."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def read_code(text: str) -> str:
    """A code as a person typed it, in the form it is stored; empty when it cannot be one."""
    code = text.translate(_NARROW).upper().translate(_READ_AS).strip()
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else ""


class Issuer(models.Model):
    """An office that issues letters under its own numbers."""

    code = models.CharField("代码", max_length=6, unique=True)
    name = models.CharField("发文机关", max_length=60)
    mark = models.CharField("机关代字", max_length=20, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属地区")
    # The mark is the office's own: a shipped one is a sample, and letters under it say so.
    is_sample = models.BooleanField("示例", default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "发文机关"

    def __str__(self) -> str:
        return self.name


class LetterSeries(models.Model):
    """The last number given in a year.

    The row's lock makes letters queue for their number until the commit.
    """

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="series")
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "year"], name="one_series_a_year")]

    def __str__(self) -> str:
        return f"{self.issuer.mark}〔{self.year}〕"


class Service(models.TextChoices):
    """How a letter reached its addressee (民事诉讼法 第二编第七章第二节, which administrative service
    follows).
    """

    IN_PERSON = "in_person", "直接送达"
    POST = "post", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达"
    ENTRUSTED = "entrusted", "委托送达"
    LEFT = "left", "留置送达"
    ANNOUNCED = "announced", "公告送达"


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: Any) -> LetterQuerySet:
        """Staff see the letters of their regions, a worker their own, nobody else any."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "letter.view")
        if where.whole:
            return self.all()
        if where.empty:
            return self.filter(worker__in=own_records(user))
        return self.filter(where.q("region", "league_code"))

    def public(self, code: str) -> LetterQuerySet:
        """The letter with this verification code, for whoever holds it in their hands: see
        portal.letters.verification.
        """
        return self.filter(code=code)

    def in_force(self) -> LetterQuerySet:
        return self.filter(superseded_by__isnull=True)


# The order of every list of letters.
NEWEST_FIRST = ("-issued_on", "-id")


class Letter(models.Model):
    """One official letter. The database lets nobody change or remove what was issued, nor leave out
    a number.
    """

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="letters", verbose_name="发文机关")
    issuer_name = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField("年份")
    sequence = models.PositiveIntegerField("顺序号")
    number_text = models.CharField("发文字号", max_length=40, unique=True)
    kind = models.CharField("种类", max_length=48)
    template_version = models.PositiveSmallIntegerField()
    title = models.CharField("标题", max_length=120)
    addressee = models.CharField("主送", max_length=120)
    # Everything the template says about the person, as it was at the time; ID numbers only masked.
    context = EncryptedJSONField(bound_to=("code",))
    worker = models.ForeignKey(
        "workforce.Worker", models.PROTECT, null=True, related_name="letters", verbose_name="技术工人"
    )
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, related_name="letters", verbose_name="办件"
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="地区")
    league_code = league_of("region_id")
    code = models.CharField("验证码", max_length=CODE_LENGTH, unique=True, default=new_code)
    is_sample = models.BooleanField("示例", default=False)
    issued_on = models.DateField("成文日期")
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="签发人"
    )
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="supersedes", verbose_name="被替代为"
    )
    # A decision against the person says why, by which clause, what they can do about it, and how it reached
    # them.
    adverse = models.BooleanField("不利决定", default=False)
    grounds = EncryptedTextField("事实和理由", null=True, bound_to=("code",))
    clause = models.CharField("依据条款", max_length=400, blank=True)
    remedy = models.CharField("救济途径", max_length=400, blank=True)
    served_how = models.CharField("送达方式", max_length=12, choices=Service, blank=True)
    served_on = models.DateField("送达日期", null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "信函"
        indexes = [
            models.Index(fields=NEWEST_FIRST, name="letter_newest"),
            models.Index(fields=["worker", *NEWEST_FIRST], name="letter_of_worker"),
            models.Index(fields=["league_code", *NEWEST_FIRST], name="letter_of_league"),
            models.Index(fields=["region", *NEWEST_FIRST], name="letter_of_region"),
            models.Index(fields=["kind", *NEWEST_FIRST], name="letter_of_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year", "sequence"], name="one_letter_a_number"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="letter_numbers_begin_at_one"),
            models.CheckConstraint(
                condition=Q(adverse=False) | (Q(grounds__isnull=False) & ~Q(clause="") & ~Q(remedy="")),
                name="an_adverse_letter_says_why",
                violation_error_message="不利决定须写明事实和理由、依据条款和救济途径。",
            ),
            models.CheckConstraint(
                condition=Q(served_how="", served_on__isnull=True)
                | (~Q(served_how="") & Q(served_on__isnull=False) & Q(served_on__gte=F("issued_on"))),
                name="service_has_way_and_day",
                violation_error_message="送达须同时登记方式和日期，且不得早于成文日期。",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("id")),
                name="no_letter_supersedes_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.number_text

    @property
    def says(self) -> dict[str, Any]:
        """The context, as what it is: the field's own type is that of the ciphertext."""
        return cast("dict[str, Any]", self.context)

    @property
    def printed_code(self) -> str:
        """The code in groups of four, as it is printed."""
        return "-".join(self.code[start : start + 4] for start in range(0, CODE_LENGTH, 4))

    @property
    def verify_url(self) -> str:
        """Where anybody checks this letter; the QR code holds it."""
        return settings.PUBLIC_URL + reverse("letters:verified", args=[self.code])

    @property
    def kind_label(self) -> str:
        from portal.letters import kinds

        return kinds.get(self.kind, self.template_version).label


class WaitingLetterQuerySet(models.QuerySet["WaitingLetter"]):
    def visible_to(self, user: Any) -> WaitingLetterQuerySet:
        """Those who will see the letter in their places; the worker reads it once it is there."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "letter.view")
        return self.none() if where.empty else self.filter(where.q("region", "case__league_code"))

    def waiting(self) -> WaitingLetterQuerySet:
        return self.filter(letter__isnull=True)


class WaitingLetter(models.Model):
    """A decision that is in force, and whose letter has to name a figure of the law that has no value yet.

    All that the letter will say, but for its number, its date and what can be done against the decision.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code)
    kind = models.CharField("种类", max_length=48)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="+", verbose_name="发文机关")
    # The place of the office that decided: to whom one turns is a figure of it.
    place = models.CharField("决定机关所在地", max_length=6)
    addressee = models.CharField("主送", max_length=120)
    context = EncryptedJSONField(bound_to=("code",))
    grounds = EncryptedTextField("事实和理由", bound_to=("code",))
    clause = models.CharField("依据条款", max_length=400)
    worker = models.ForeignKey("workforce.Worker", models.PROTECT, related_name="+", verbose_name="技术工人")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", verbose_name="办件")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="地区")
    decided_on = models.DateField("决定日期")
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    # Letters whose place it takes when it is there.
    replaces = ArrayField(models.BigIntegerField(), default=list, blank=True)
    letter = models.OneToOneField(
        Letter, models.PROTECT, null=True, related_name="+", verbose_name="已出具的信函"
    )

    objects = WaitingLetterQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = "暂缓出具的信函"
        indexes = [models.Index(fields=["id"], condition=Q(letter__isnull=True), name="letter_that_waits")]

    def __str__(self) -> str:
        return f"{self.kind} {self.decided_on}"


class FileState(models.TextChoices):
    PENDING = "pending", "生成中"
    BUILT = "built", "已生成"
    FAILED = "failed", "生成失败"


class LetterFile(models.Model):
    """How far the PDF of a letter is. It never says anything about whether the letter was issued."""

    letter = models.OneToOneField(Letter, models.PROTECT, primary_key=True, related_name="file")
    state = models.CharField("状态", max_length=8, choices=FileState, default=FileState.PENDING)
    # Below MEDIA_ROOT.
    path = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # Digests of files handed out before the letter was built again: they stay recognised.
    earlier_sha256 = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    size = models.PositiveIntegerField(null=True)
    pages = models.PositiveSmallIntegerField(null=True)
    renderer = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    built_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["queued_at"], name="letter_unbuilt", condition=~Q(state="built"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="built") | (~Q(path="") & ~Q(sha256="") & Q(built_at__isnull=False)),
                name="a_built_letter_has_its_file",
            )
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.get_state_display()}"


class PrintFileQuerySet(models.QuerySet["PrintFile"]):
    def visible_to(self, user: Any) -> PrintFileQuerySet:
        """Who asked for the file and still prints, nobody else: the choice was limited to what they may see."""
        return self.filter(job__by_id=user.pk) if can(user, "letter.print") else self.none()


class PrintFile(models.Model):
    """Many letters as one file for the printer, in the order of the list. Its progress is that of its job."""

    job = models.OneToOneField("jobs.Job", models.PROTECT, related_name="print_file")
    letters = ArrayField(models.BigIntegerField())
    double_sided = models.BooleanField("双面打印", default=False)
    path = models.CharField(max_length=120, blank=True)
    pages = models.PositiveIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)

    objects = PrintFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "打印文件"

    def __str__(self) -> str:
        return f"{self.job} {len(self.letters)}"
