"""The life of a case, shared by all programmes. Details of a programme stand one-to-one beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.accounts.access import Scope, can, scope
from portal.accounts.roles import Role
from portal.cases.duties import IN_ONES_OWN_CASE, excluding
from portal.cases.waiting import all_work
from portal.cases.workflow import Duty, Workflow, workflow_of
from portal.regions.models import Region
from portal.workforce.merged import accounts_of_person, units_of_person
from portal.workforce.models import Employer, Worker
from portal.workforce.models.base import league_of, own_records, records_of_person

# Where a case without a deadline stands in a list by deadline: at the end.
WITHOUT_DEADLINE = date(9999, 12, 31)
# The order of a list of cases that does not run by deadline.
NEWEST_FIRST = ("-opened_on", "-id")


def _work_of(user: Any, day: date) -> Q:
    """What makes a case wait for the user: work that is theirs, in the places where it is.

    What is asked in the same place, and barred by the same duties, is asked together, whatever kinds there are.
    """
    asked: dict[tuple[Scope, Duty | None, frozenset[str]], Q] = {}
    for work in all_work():
        if not can(user, work.permission):
            continue
        cases = Q(kind=work.kind, state__in=work.states)
        if work.condition is not None:
            cases &= work.condition(user, day)
        barring = excluding(work.kind, work.duty) if work.duty else frozenset()
        key = scope(user, work.permission), work.duty, barring
        asked[key] = asked[key] | cases if key in asked else cases
    waiting = Q(pk__in=[])
    free = _FreeFor(user)
    for (place, duty, barring), cases in asked.items():
        waiting |= place.q("region", "league_code") & cases & free.to_take_on(duty, barring)
    return waiting


class _FreeFor:
    """Which cases leave a duty open to the user; who that is, under any number, is read once."""

    def __init__(self, user: Any) -> None:
        self._user = user

    @cached_property
    def _accounts(self) -> list[int]:
        return accounts_of_person(self._user)

    @cached_property
    def _others(self) -> Q:
        """Whose the user is not, nor a unit of theirs."""
        others = Q()
        if records := records_of_person(self._user):
            others &= Q(worker__isnull=True) | ~Q(worker__in=records)
        if units := units_of_person(self._user):
            others &= Q(employer__isnull=True) | ~Q(employer__in=sorted(units))
        return others

    def to_take_on(self, duty: Duty | None, barring: frozenset[str]) -> Q:
        """Not where they hold a duty that excludes it, nor in their own case."""
        if duty is None:
            return Q()
        free = Q() if duty in IN_ONES_OWN_CASE else self._others
        if barring:
            held = CaseDuty.objects.filter(case=OuterRef("pk"), person__in=self._accounts)
            free &= ~Q(Exists(held.filter(duty__in=sorted(barring))))
        return free


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: Any) -> CaseQuerySet:
        """Staff see the cases of their regions, a worker their own, an agent those of their employer."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "case.view")
        if where.whole:
            return self.all()
        if where.empty:
            return self.filter(
                Q(worker__in=own_records(user)) | Q(employer__in=Employer.objects.acted_for_by(user))
            )
        return self.filter(where.q("region", "league_code"))

    def of_worker_named(self, part: str) -> CaseQuerySet:
        """Of workers whose name contains `part`; see WorkerQuerySet.named."""
        return self.filter(worker__in=Worker.objects.named(part).values("pk"))

    def unfinished(self) -> CaseQuerySet:
        return self.filter(closed_at__isnull=True)

    def waiting_for(self, user: Any, on: date | None = None) -> CaseQuerySet:
        """Open cases whose next step is the user's: of their role, in their places, and to be taken on the day
        (today, if none is given).
        """
        return self.unfinished().filter(_work_of(user, on or timezone.localdate()))

    def overdue(self, today: date) -> CaseQuerySet:
        return self.unfinished().filter(due_sort__lt=today, stopped_on__isnull=True)

    def due_soon(self, today: date, until: date) -> CaseQuerySet:
        """Whose time runs and ends from today until a day."""
        return self.unfinished().filter(due_sort__gte=today, due_sort__lte=until, stopped_on__isnull=True)

    def by_deadline(self) -> CaseQuerySet:
        return self.order_by("due_sort", "id")


class Case(models.Model):
    """One matter of one worker.

    Only portal.cases.actions changes its state; the database checks every move.
    """

    number = models.CharField("办件编号", max_length=24, unique=True)
    kind = models.CharField("事项", max_length=48)
    # The index below that begins with it serves it.
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="办理地区", related_name="+", db_index=False
    )
    league_code = league_of("region_id")
    # Found by the index of a person's cases below.
    worker = models.ForeignKey(
        "workforce.Worker",
        models.PROTECT,
        null=True,
        related_name="cases",
        verbose_name="技术工人",
        db_index=False,
    )
    # Whose matter it is when a unit applies; its agents may see the case.
    employer = models.ForeignKey(
        "workforce.Employer", models.PROTECT, null=True, related_name="cases", verbose_name="用人单位"
    )
    subject = models.CharField("摘要", max_length=160)
    state = models.CharField("状态", max_length=24)
    state_since = models.DateTimeField("进入状态时间", default=timezone.now)
    # How many events the case has; each move adds one. Two officers at once: the second one's move is
    # refused.
    version = models.PositiveIntegerField(default=1)
    assigned_to = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="cases", verbose_name="经办人"
    )
    opened_on = models.DateField("发起日期")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField("办结时间", null=True)
    started_on = models.DateField("计时起始", null=True)
    due_on = models.DateField("办理期限", null=True)
    due_certain = models.BooleanField("期限依据官方日历", default=True)
    stopped_on = models.DateField("计时暂停", null=True)
    due_sort = models.GeneratedField(
        expression=Coalesce(F("due_on"), Value(WITHOUT_DEADLINE)),
        output_field=models.DateField(),
        db_persist=True,
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件"
        indexes = [
            models.Index(
                fields=["kind", "state", "due_sort", "id"], name="case_open_work", condition=Q(closed_at=None)
            ),
            # With what stands beside the keys, what is overdue and what waits for somebody is counted in the
            # index alone.
            models.Index(
                fields=["league_code", "due_sort", "id"],
                name="case_open_by_league",
                condition=Q(closed_at=None),
                include=["stopped_on", "kind", "state"],
            ),
            models.Index(
                fields=["region", "due_sort", "id"],
                name="case_open_by_region",
                condition=Q(closed_at=None),
                include=["stopped_on", "kind", "state"],
            ),
            models.Index(
                fields=["due_sort", "id"],
                name="case_open",
                condition=Q(closed_at=None),
                include=["stopped_on"],
            ),
            models.Index(
                fields=["assigned_to", "due_sort", "id"],
                name="case_open_by_person",
                condition=Q(closed_at=None),
            ),
            models.Index(
                fields=["due_sort", "id"], name="case_stopped", condition=Q(stopped_on__isnull=False)
            ),
            # What was finished in a year, and whether in time, is counted in the index alone.
            models.Index(
                fields=["closed_at"],
                name="case_finished",
                condition=Q(closed_at__isnull=False),
                include=["due_on", "kind", "region", "league_code", "assigned_to"],
            ),
            models.Index(fields=NEWEST_FIRST, name="case_newest"),
            models.Index(fields=["league_code", *NEWEST_FIRST], name="case_by_league"),
            # A place has few enough cases that what else is asked for is looked for in the index alone.
            models.Index(
                fields=["region", *NEWEST_FIRST],
                include=["kind", "state", "league_code", "worker"],
                name="case_by_region",
            ),
            # Of people of a name, few have one of a kind in a state: told by the index alone.
            models.Index(
                fields=["worker", "kind", "state", *NEWEST_FIRST],
                include=["league_code", "region"],
                name="case_of_worker",
            ),
            # Few of a state among many cases are found without walking past all others, closed ones too.
            # Whose they are and where is told beside, so that they are narrowed in the index alone.
            models.Index(
                fields=["kind", "state", *NEWEST_FIRST],
                include=["worker", "league_code", "region"],
                name="case_in_state",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(closed_at__isnull=True),
                name="a_closed_case_has_no_stopped_clock",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def workflow(self) -> Workflow:
        return workflow_of(self.kind)

    @property
    def state_label(self) -> str:
        return self.workflow.label_of(self.state)

    @property
    def state_tone(self) -> str:
        return self.workflow.tone_of(self.state)

    @property
    def kind_label(self) -> str:
        return self.workflow.title

    def is_of(self, user: Any) -> bool:
        """Whether the user acts in it as the worker, or as an agent of the unit that applied."""
        return self.pk in acted_in_by(user, [self])

    def concerns(self, user: Any) -> bool:
        """Whether it is about the user or a unit that named them as its agent, whatever role they hold: nobody
        decides on that.
        """
        if self.worker_id is not None and self.worker_id in records_of_person(user):
            return True
        return self.employer_id is not None and self.employer_id in units_of_person(user)


def acted_in_by(user: Any, cases: Sequence[Case]) -> set[int]:
    """In which of the cases the user acts as the worker, or as an agent of the unit that applied."""
    if not cases or not user.is_authenticated:
        return set()
    records = set(own_records(user))
    acted_in = {case.pk for case in cases if case.worker_id in records}
    units = {case.employer_id for case in cases if case.employer_id and case.pk not in acted_in}
    if units:
        acted_for = Employer.objects.acted_for_by(user).filter(pk__in=units)
        theirs = set(acted_for.values_list("pk", flat=True))
        acted_in.update(case.pk for case in cases if case.employer_id in theirs)
    return acted_in


class CaseEvent(models.Model):
    """What was done to a case, by whom, in which role, and why."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    position = models.PositiveIntegerField()
    action = models.CharField(max_length=32)
    label = models.CharField(max_length=40)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role, blank=True)
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)

    database_rights = "append_only"

    class Meta:
        ordering = ["case", "position"]
        constraints = [models.UniqueConstraint(fields=["case", "position"], name="one_event_at_a_position")]

    def __str__(self) -> str:
        return f"{self.position} {self.label}"


class CaseDuty(models.Model):
    """Who took on which duty in a case: the key of four eyes, by person and not by role.

    The database refuses a duty that excludes another one of the same person, and most in one's own case.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="duties")
    duty = models.CharField(max_length=16, choices=Duty)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    database_rights = "append_only"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person", "duty"],
                name="a_duty_is_taken_on_once",
                violation_error_message="该人员已在本办件中承担这项职责。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()} {self.person}"


class Correction(models.Model):
    """What was missing, said once and in full; the clock stands still until it is resolved."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="corrections")
    missing = models.JSONField("需补正内容")
    opened_on = models.DateField()
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    resolved_on = models.DateField(null=True)
    resolved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(resolved_on__isnull=True), name="one_open_correction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.opened_on}"
