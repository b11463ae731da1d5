"""What each expert has to score and has scored, for whoever supervises the selection."""

from __future__ import annotations

from django.db.models import Count, Q

from portal.cases.models import Case
from portal.pages.filters import in_region
from portal.pages.supervision import Asked, Part, Share, Table, register_part
from talent_registry.models import PanelAssignment


def register() -> None:
    register_part(Part("experts", "专家评审", "该年度遴选中各位专家的评审任务和进度。", _tables))


def _tables(asked: Asked) -> list[Table]:
    cases = Case.objects.visible_to(asked.user)
    if asked.region:
        cases = cases.filter(in_region(asked.region))
    given = PanelAssignment.objects.filter(nomination__case__in=cases, nomination__round__year=asked.year)
    counted = (
        given.order_by()
        .values_list("expert__display_name", "expert__username")
        .annotate(
            in_all=Count("pk"),
            handed_in=Count("pk", filter=Q(submitted_at__isnull=False)),
            stepped_aside=Count("pk", filter=Q(conflict_at__isnull=False)),
        )
    )
    rows = []
    for name, account, in_all, handed_in, aside in counted:
        to_score = in_all - aside
        rows.append(
            (name, account, in_all, aside, handed_in, to_score - handed_in, Share(handed_in, to_score))
        )
    rows.sort(key=lambda row: (-row[5], -row[2], row[0], row[1]))
    table = Table(
        code="experts",
        title="专家评审，按专家",
        columns=("专家", "账号", "安排", "回避", "已评", "待评", "完成率"),
        rows=rows,
        words=2,
        note="完成率为已评占安排减去回避的比例。",
        nothing="该年度没有安排专家评审。",
        drawn=("已评", "待评"),
    )
    return [table]
