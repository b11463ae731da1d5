"""What tests of nominations and of the panel begin with: an open round, people who meet the conditions, and
their nominations.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tests.cast import OTOG, REGION, confirm_everything, make_account, make_worker

STATEMENT = "主持改造焦炉集气系统，解决荒煤气外溢难题，带出高级工六名。"
INDUSTRY = "C"


def today() -> date:
    return timezone.localdate()


def make_round(officer: Any, *, state: str = "open", year: int = 2026, **given: Any) -> Any:
    """A round by the sample scheme, opened yesterday; `state` is where it stands: draft, open, assessed,
    recommendation.
    """
    from portal.cases.actions import NewCase, open_cases
    from talent_registry.models import SelectionRound
    from talent_registry.selection.scheme import SAMPLE
    from talent_registry.selection.workflow import ROUND

    on = today()
    days = {
        "opens_on": on - timedelta(days=1),
        "nominations_until": on + timedelta(days=20),
        "panel_until": on + timedelta(days=30),
        "recommend_until": on + timedelta(days=40),
        "as_of": on,
        "scheme": SAMPLE.data(),
        "places": 10,
        "notice_working_days": 5,
    } | given
    (case,) = open_cases(
        ROUND, [NewCase(region_id=REGION, worker_id=None, subject=f"{year}年度遴选")], by=officer, on=on
    )
    SelectionRound.objects.create(case=case, year=year, title=f"{year}年度高技能领军人才遴选", **days)
    move_round(case.pk, officer, state)
    return SelectionRound.objects.select_related("case").get(pk=case.pk)


def move_round(case_id: int, officer: Any, state: str) -> None:
    """Step by step until the round stands there."""
    from portal.cases.actions import transition
    from portal.cases.models import Case

    for action, reached in (
        ("open", "open"),
        ("assess", "assessed"),
        ("recommend", "recommendation"),
        ("rank", "ranked"),
    ):
        case = Case.objects.get(pk=case_id)
        if case.state == state:
            return
        if case.state in case.workflow.transition(action).sources and case.state != reached:
            with transition(case_id, action, by=officer, on=today()):
                pass


def make_employer(
    name: str = "鄂托克焦化有限责任公司", *, region: str = OTOG, agents: tuple[Any, ...] = ()
) -> Any:
    from portal.workforce.models import Employer, EmployerAgent

    unit = Employer.objects.create(name=name, region_id=region, source="窗口登记", kind="private")
    for agent in agents:
        EmployerAgent.objects.create(employer=unit, user=agent)
    return unit


def make_skilled(
    name: str = "王建国",
    *,
    region: str = OTOG,
    unit: Any = None,
    level: int | None = 40,
    on_front_line: bool | None = True,
    **fields: Any,
) -> Any:
    """A worker with a certificate (senior worker by default) and a job; None leaves the register without the
    fact.
    """
    from portal.workforce.models import Employment, SkillCredential

    worker = make_worker(
        name, region=region, employer=unit, occupation="炼焦工", skill_level=level or 0, **fields
    )
    if level is not None:
        SkillCredential.objects.create(
            worker=worker, occupation="炼焦工", level=level, number=f"S{worker.pk}", source="窗口登记"
        )
    Employment.objects.create(
        worker=worker,
        employer=unit,
        occupation="炼焦工",
        on_front_line=on_front_line,
        front_line_years=12,
        source="窗口登记",
    )
    confirm_everything(worker.pk)
    return worker


def nominated(
    worker: Any,
    round_: Any,
    by: Any,
    *,
    channel: str = "window",
    state: str = "submitted",
    clerk: Any = None,
    **more: Any,
) -> Any:
    """A nomination that stands in `state`: draft, submitted or accepted (by `clerk`, who is `by` unless
    another is named).
    """
    from talent_registry.models import Nomination
    from talent_registry.selection import nominating

    made = nominating.draft(
        round_, worker.pk, channel=channel, industry=INDUSTRY, statement=STATEMENT, by=by, on=today(), **more
    )
    if state != "draft":
        nominating.submit(made.pk, by=by, on=today())
    if state == "accepted":
        nominating.accept(made.pk, by=clerk or by, on=today())
    return Nomination.objects.select_related("case", "round__case", "worker").get(pk=made.pk)


def drafted(round_: Any, worker: Any, by: Any, **more: Any) -> Any:
    """A draft as `by` begins it: at the window unless something else is given."""
    from talent_registry.selection import nominating

    given = {"channel": "window", "industry": INDUSTRY, "statement": STATEMENT} | more
    return nominating.draft(round_, worker.pk, by=by, on=today(), **given)


def with_account(worker: Any) -> Any:
    """The worker's own account."""
    worker.account = make_account(f"w{worker.pk}", worker.name, "worker", worker.work_region_id)
    worker.save(update_fields=["account"])
    return worker.account


def page_of(one: Any, name: str = "nomination", *more: Any) -> str:
    """The address of a page about a nomination."""
    from django.urls import reverse

    from portal.cases.models import Case

    return reverse(f"registry:{name}", args=[Case.objects.get(pk=one.pk).number, *more])


def picture(name: str = "证书.png", colour: str = "red") -> Any:
    """A small picture to hand in."""
    from io import BytesIO

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    content = BytesIO()
    Image.new("RGB", (20, 20), colour).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")
