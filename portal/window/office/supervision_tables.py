"""The portal's own parts of supervision, put together from counts that come out of the database alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from portal.accounts.access import scope
from portal.cases.models import Case
from portal.cases.supervision import (
    AGES,
    OLDEST,
    FinishedCases,
    OpenCases,
    finished_cases,
    names_of,
    open_cases,
    states_reached,
)
from portal.cases.workflow import workflow_of, workflows
from portal.entitlements.funnel import reached
from portal.entitlements.models import Offer
from portal.pages.filters import in_region
from portal.pages.supervision import Asked, Part, Share, Table, parts_of_programmes
from portal.policy.benefits import BY_CODE
from portal.regions.models import Region
from portal.workforce.roster.quality import imports_of

PERMISSION = "supervision.view"
_AGES = (*((code, label) for code, label, _ in AGES), OLDEST)
_NOBODY = "未分派"


def _cases(asked: Asked) -> Any:
    cases = Case.objects.visible_to(asked.user)
    return cases.filter(in_region(asked.region)) if asked.region else cases


def _places(codes: Iterable[str], asked: Asked) -> Callable[[str], str]:
    """What a place is called: its league, or each banner where one league is asked for."""
    regions = Region.objects.select_related("parent").in_bulk(
        set(codes) | {code[:4] + "00" for code in codes}
    )

    def called(code: str) -> str:
        region = regions[code] if asked.region else regions.get(code[:4] + "00", regions[code])
        return region.full_name

    return called


# -- what is open --------------------------------------------------------------------------------------------
def _open(asked: Asked) -> list[Table]:
    counted = open_cases(_cases(asked), asked.today)
    place = _places([row.region for row in counted], asked)
    names = names_of({row.person for row in counted if row.person is not None})
    return [
        _open_by("place", "按地区", "地区", counted, lambda row: place(row.region)),
        _open_by("kind", "按事项", "事项", counted, lambda row: workflow_of(row.kind).title),
        _open_by("person", "按经办人", "经办人", counted, lambda row: names.get(row.person or 0, _NOBODY)),
    ]


def _open_by(
    code: str, title: str, head: str, counted: list[OpenCases], key: Callable[[OpenCases], str]
) -> Table:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for row in counted:
        of_key = sums[key(row)]
        of_key["all"] += row.how_many
        of_key["overdue"] += row.overdue
        of_key["stopped"] += row.stopped
        of_key[row.age] += row.how_many
    rows = [
        (
            name,
            of["all"],
            of["overdue"],
            Share(of["overdue"], of["all"]),
            of["stopped"],
            *(of[age] for age, _ in _AGES),
        )
        for name, of in sorted(sums.items(), key=lambda one: (-one[1]["all"], one[0]))
    ]
    return Table(
        code=f"open-{code}",
        title=f"在办办件，{title}",
        columns=(head, "在办", "超期", "超期率", "暂停计时", *(label for _, label in _AGES)),
        rows=rows,
        note="后四列按发起至今的日数。",
        nothing="没有在办办件。",
        drawn=("在办", "超期"),
    )


# -- in time -------------------------------------------------------------------------------------------------
def _in_time(asked: Asked) -> list[Table]:
    counted = finished_cases(_cases(asked), asked.year)
    place = _places([row.region for row in counted], asked)
    names = names_of({row.person for row in counted if row.person is not None})
    return [
        _in_time_by("month", "按办结月份", "月份", counted, lambda row: f"{row.month:02}月", by_name=True),
        _in_time_by("place", "按地区", "地区", counted, lambda row: place(row.region)),
        _in_time_by("kind", "按事项", "事项", counted, lambda row: workflow_of(row.kind).title),
        _in_time_by("person", "按经办人", "经办人", counted, lambda row: names.get(row.person or 0, _NOBODY)),
    ]


def _in_time_by(
    code: str,
    title: str,
    head: str,
    counted: list[FinishedCases],
    key: Callable[[FinishedCases], str],
    *,
    by_name: bool = False,
) -> Table:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for row in counted:
        of_key = sums[key(row)]
        of_key["all"] += row.how_many
        of_key["in_time"] += row.in_time
        of_key["late"] += row.late
    in_order = sorted(sums.items(), key=lambda one: one[0] if by_name else (-one[1]["all"], one[0]))
    rows = [
        (
            name,
            of["all"],
            of["in_time"],
            of["late"],
            of["all"] - of["in_time"] - of["late"],
            Share(of["in_time"], of["in_time"] + of["late"]),
        )
        for name, of in in_order
    ]
    return Table(
        code=f"in-time-{code}",
        title=f"按期办结，{title}",
        columns=(head, "办结", "按期", "超期办结", "未设期限", "按期率"),
        rows=rows,
        nothing="该年度没有办结的办件。",
        drawn=("按期", "超期办结"),
    )


# -- how far -------------------------------------------------------------------------------------------------
def _funnel(asked: Asked) -> list[Table]:
    offers = Offer.objects.visible_to(asked.user)
    if asked.region:
        offers = offers.filter(in_region(asked.region))
    return [_offers(reached(offers, asked.year)), _states(asked)]


def _offers(counted: list[Any]) -> Table:
    rows = [
        (
            BY_CODE[one.benefit].title if one.benefit in BY_CODE else one.benefit,
            one.matched,
            one.told,
            Share(one.told, one.matched),
            one.agreed,
            Share(one.agreed, one.told),
            one.declined,
            one.expired,
        )
        for one in counted
    ]
    return Table(
        code="offers",
        title="惠享事项，按事项",
        columns=("事项", "匹配", "已告知", "告知率", "同意办理", "同意率", "暂不办理", "已失效"),
        rows=rows,
        note="告知率为已告知占匹配的比例，同意率为同意办理占已告知的比例；已答复的计入已告知。",
        nothing="该年度没有匹配的惠享事项。",
        drawn=("匹配", "已告知", "同意办理"),
    )


def _states(asked: Asked) -> Table:
    """Where cases of a year stand, in the order of the states of their workflow."""
    counted = {(row.kind, row.state): row.how_many for row in states_reached(_cases(asked), asked.year)}
    rows = []
    for workflow in workflows():
        of_kind = [
            (str(label), counted[workflow.kind, value])
            for value, label in workflow.states.choices
            if (workflow.kind, value) in counted
        ]
        in_all = sum(how_many for _, how_many in of_kind)
        rows += [(workflow.title, label, how_many, Share(how_many, in_all)) for label, how_many in of_kind]
    return Table(
        code="states",
        title="申请和其他办件，办到哪一步",
        columns=("事项", "现在状态", "件数", "占该事项"),
        rows=rows,
        words=2,
        note="该年度发起的办件现在所处的状态。",
        nothing="该年度没有发起的办件。",
    )


# -- imports -------------------------------------------------------------------------------------------------
def _imports(asked: Asked) -> list[Table]:
    counted = imports_of(scope(asked.user, PERMISSION), asked.year, asked.region)
    rows = [
        (
            one.unit or "窗口",
            one.person or "系统",
            one.files,
            one.read,
            one.added,
            one.changed,
            one.proposed,
            one.unchanged,
            one.refused,
            Share(one.refused, one.read),
            one.held,
            one.unlisted,
            one.mended,
            one.undone,
        )
        for one in counted
    ]
    table = Table(
        code="imports",
        title="花名册导入，按单位和导入人",
        columns=(
            *("报送单位", "导入人", "文件", "读取行", "新增", "更新", "待确认", "无变化"),
            *("未通过", "未通过率", "姓名待核对", "目录外职业", "已更正行", "撤销文件"),
        ),
        rows=rows,
        words=2,
        note="“姓名待核对”包含在“未通过”之内；“目录外职业”为未列入职业目录的名称个数；“已更正行”为在网页上更正后重新读入的行数。",
        nothing="该年度没有导入花名册。",
        drawn=("读取行", "未通过"),
    )
    return [table]


_OWN = (
    Part(
        "open",
        "在办",
        "今天在办的办件，按地区、事项、经办人和发起至今的日数；不分年度。",
        _open,
        of_today=True,
    ),
    Part(
        "in-time",
        "按期办结",
        "该年度办结的办件，办结日不晚于办理期限的为按期；含撤回、不予受理等各种结果，按现经办人。",
        _in_time,
    ),
    Part("funnel", "办理进展", "惠享事项和办件各走到哪一步。", _funnel),
    Part("imports", "导入质量", "该年度导入的花名册，读取、未通过、更正和撤销的行数。", _imports),
)


def parts() -> tuple[Part, ...]:
    return (*_OWN, *parts_of_programmes())
