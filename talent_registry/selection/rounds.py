"""Preparing a year's selection: its days, its scheme and its places, all of them open to change until the
round opens.

The database holds the same line (selection.guards): once a round is open, what it decides by is fixed. Only
the panel may be given more time while it works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction

from portal import audit
from portal.accounts.access import WHOLE_REGION, require
from portal.cases.actions import NewCase, NotNow, open_cases
from portal.cases.models import Case
from portal.formats import date_cn
from portal.policy.law import law_on
from portal.reasons import reason_in
from portal.regions.models import Region
from portal.workforce.models import HonourType
from talent_registry.models import Industry, Quota, QuotaKind, SelectionRound
from talent_registry.selection import scheme as schemes
from talent_registry.selection.workflow import PANEL_WORKS, ROUND, RoundState

Quotas = Mapping[str, Mapping[str, int]]

MOST_PLACES = 100_000
LONGEST_NOTICE = 60
# The sample a draft begins with; the officer enters what the office has decided.
SAMPLE_PLACES = 100
_SAMPLE_QUOTA = {QuotaKind.RECOMMENDATION: 20, QuotaKind.LEAGUE: 15, QuotaKind.INDUSTRY: 30}
# Days of the sample, counted from the opening: end of nominations, of the panel's work, of the
# recommendations.
_SAMPLE_DAYS = {"nominations_until": 30, "panel_until": 50, "recommend_until": 65}
_ORDER = ("opens_on", "nominations_until", "panel_until", "recommend_until")
_LABELS = {
    "opens_on": "开始申报",
    "nominations_until": "申报截止",
    "panel_until": "评审截止",
    "recommend_until": "推荐截止",
    "as_of": "事实截止日",
    "notice_working_days": "公示工作日",
}


class RoundRefused(NotNow):
    """What was entered for a round cannot stay so; `problems` are (field, what is wrong with it)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("".join(problem for _, problem in problems))
        self.problems = problems


def quota_keys() -> dict[str, dict[str, str]]:
    """kind of quota: {key: name} of everything that kind is given by."""
    leagues = dict(Region.objects.leagues().values_list("code", "name"))
    return {
        QuotaKind.RECOMMENDATION.value: leagues,
        QuotaKind.LEAGUE.value: leagues,
        QuotaKind.INDUSTRY.value: {industry.value: str(industry.label) for industry in Industry},
    }


@transaction.atomic
def prepare(year: int, *, by: Any, on: date) -> SelectionRound:
    """Open the round of a year as a draft with sample days, scheme and places.

    NotNow when the year has one already.
    """
    _require_manager(by)
    if not 2000 <= year <= 2100:
        raise NotNow(f"年度“{year}”无效，请填写四位年份。")
    if SelectionRound.objects.filter(year=year).exists():
        raise NotNow(f"{year}年度遴选已经建立。")
    title = f"{year}年度内蒙古自治区高技能领军人才遴选"
    new_case = NewCase(region_id=WHOLE_REGION, worker_id=None, subject=title)
    (case,) = open_cases(ROUND, [new_case], by=by, on=on)
    days = _sample_days(year, on)
    notice_days = law_on(on).value("office.public-notice-working-days")
    if notice_days is None:
        raise NotNow("公示期目前没有标准。请政策管理员录入“公示期”并经复核后，再建立年度遴选。")
    try:
        with transaction.atomic():
            round_ = SelectionRound.objects.create(
                case=case,
                year=year,
                title=title,
                **days,
                notice_working_days=notice_days,
                scheme=schemes.SAMPLE.data(),
                places=SAMPLE_PLACES,
            )
    except IntegrityError as error:
        raise NotNow(f"{year}年度遴选已经建立。") from error
    _write_quotas(round_, _sample_quotas())
    return round_


def _sample_days(year: int, on: date) -> dict[str, date]:
    """Opening in a week, or in March of a year to come; everything else counted from there."""
    opens_on = date(year, 3, 1)
    if year <= on.year:
        opens_on = on + timedelta(days=7)
    days = {"opens_on": opens_on}
    for name, after in _SAMPLE_DAYS.items():
        days[name] = opens_on + timedelta(days=after)
    days["as_of"] = days["nominations_until"]
    return days


def _sample_quotas() -> dict[str, dict[str, int]]:
    quotas = {}
    for kind, keys in quota_keys().items():
        quotas[kind] = dict.fromkeys(keys, _SAMPLE_QUOTA[QuotaKind(kind)])
    return quotas


def set_days(
    round_: SelectionRound,
    *,
    opens_on: date,
    nominations_until: date,
    panel_until: date,
    recommend_until: date,
    as_of: date,
    notice_working_days: int,
    by: Any,
    on: date,
) -> SelectionRound:
    """Fix the days of a draft. RoundRefused names each field that cannot stay so."""
    days = {
        "opens_on": opens_on,
        "nominations_until": nominations_until,
        "panel_until": panel_until,
        "recommend_until": recommend_until,
        "as_of": as_of,
    }
    with _draft(round_, by, "days") as (draft, detail):
        problems = _wrong_days(draft.year, days, notice_working_days, on)
        if problems:
            raise RoundRefused(problems)
        for name, day in days.items():
            setattr(draft, name, day)
            detail[name] = day.isoformat()
        draft.notice_working_days = notice_working_days
        detail["notice_working_days"] = notice_working_days
        draft.save(update_fields=[*days, "notice_working_days"])
    return draft


def _wrong_days(
    year: int, days: Mapping[str, date], notice_working_days: int, on: date
) -> list[tuple[str, str]]:
    problems = []
    for earlier, later in pairwise(_ORDER):
        if days[later] < days[earlier]:
            problems.append((later, f"“{_LABELS[later]}”不能早于“{_LABELS[earlier]}”。"))
    if abs(days["opens_on"].year - year) > 1:
        problems.append(("opens_on", f"“开始申报”应在{year}年前后一年之内。"))
    if days["nominations_until"] < on:
        problems.append(("nominations_until", "“申报截止”已经过去，请改为今天或以后的日期。"))
    if days["as_of"] > days["recommend_until"]:
        problems.append(("as_of", "“事实截止日”不能晚于“推荐截止”。"))
    if not 1 <= notice_working_days <= LONGEST_NOTICE:
        problems.append(("notice_working_days", f"公示期为1至{LONGEST_NOTICE}个工作日。"))
    return problems


def extend_panel(
    round_: SelectionRound, *, panel_until: date, recommend_until: date, reason: str, by: Any, on: date
) -> SelectionRound:
    """Give the experts of an open or assessed round more time, and the leagues theirs after it.

    Scores are taken again from now on, through `panel_until`. Raises Refused, NotNow (not in its time),
    RoundRefused by field.
    """
    reason = " ".join(reason.split())
    with transaction.atomic():
        _require_manager(by)
        case = Case.objects.select_for_update().get(pk=round_.pk)
        if case.state not in PANEL_WORKS:
            raise NotNow(
                f"{round_.year}年度遴选当前为“{case.state_label}”，只有接受申报和评审期间可以延长评审。"
            )
        current = SelectionRound.objects.select_related("case").get(pk=round_.pk)
        problems = _wrong_extension(current, panel_until, recommend_until, reason, on)
        if problems:
            raise RoundRefused(problems)
        before = [current.panel_until.isoformat(), current.recommend_until.isoformat()]
        current.panel_until = panel_until
        current.recommend_until = recommend_until
        current.save(update_fields=["panel_until", "recommend_until"])
        audit.record(
            "registry.panel-extend",
            by=by,
            obj=case,
            region=WHOLE_REGION,
            detail={
                "year": current.year,
                "reason": reason,
                "before": before,
                "panel_until": panel_until.isoformat(),
                "recommend_until": recommend_until.isoformat(),
            },
        )
    return current


def _wrong_extension(
    current: SelectionRound, panel_until: date, recommend_until: date, reason: str, on: date
) -> list[tuple[str, str]]:
    problems = []
    if panel_until <= current.panel_until:
        problems.append(("panel_until", f"应晚于现在的评审截止日{date_cn(current.panel_until)}。"))
    if panel_until < on:
        problems.append(("panel_until", "已经过去，请改为今天或以后的日期。"))
    if panel_until.year > current.year + 1:
        problems.append(("panel_until", f"不能晚于{current.year + 1}年底。"))
    if recommend_until < current.recommend_until:
        problems.append(("recommend_until", f"不能早于现在的推荐截止日{date_cn(current.recommend_until)}。"))
    if recommend_until < panel_until:
        problems.append(("recommend_until", "“推荐截止”不能早于“评审截止”。"))
    if recommend_until.year > current.year + 1:
        problems.append(("recommend_until", f"不能晚于{current.year + 1}年底。"))
    if not reason_in(reason):
        problems.append(("reason", "请写明延长的原因。"))
    return problems


def set_scheme(
    round_: SelectionRound, scheme: Any, *, document: str = "", by: Any, on: date
) -> SelectionRound:
    """Fix what facts and the panel are worth (a Scheme, or its JSON), and by which document.

    Without a document number scheme and places stay samples, and every page says so.
    Raises scheme.SchemeRefused with every field that cannot stay so.
    """
    honours = list(HonourType.objects.values_list("code", flat=True))
    data = scheme.data() if isinstance(scheme, schemes.Scheme) else scheme
    checked = schemes.read(data, honours)
    with _draft(round_, by, "scheme") as (draft, detail):
        draft.scheme = checked.data()
        draft.scheme_document = " ".join(document.split())[:120]
        draft.is_sample = not draft.scheme_document
        draft.save(update_fields=["scheme", "scheme_document", "is_sample"])
        detail["digest"] = checked.digest()
        detail["document"] = draft.scheme_document
    return draft


def set_places(round_: SelectionRound, *, total: int, quotas: Quotas, by: Any, on: date) -> SelectionRound:
    """Fix the places of a draft: in all, and {kind: {key: places}}.

    A kind without entries has no such limit; a kind with entries has one for each of its keys. Places to
    recommend are always given. RoundRefused names each field (`total`, or kind-key) that cannot stay so.
    """
    with _draft(round_, by, "places") as (draft, detail):
        problems = _wrong_places(total, quotas)
        if problems:
            raise RoundRefused(problems)
        draft.places = total
        draft.save(update_fields=["places"])
        draft.quotas.all().delete()
        _write_quotas(draft, quotas)
        detail["total"] = total
        detail["quotas"] = {str(kind): dict(keys) for kind, keys in quotas.items()}
    return draft


def _wrong_places(total: int, quotas: Quotas) -> list[tuple[str, str]]:
    problems = []
    if not 1 <= total <= MOST_PLACES:
        problems.append(("total", f"入选名额为1至{MOST_PLACES:,}。"))
    known = quota_keys()
    for kind in quotas:
        if kind not in known:
            problems.append(("total", f"没有“{kind}”这种名额。"))
    for kind, names in known.items():
        given = quotas.get(kind)
        if given:
            problems += _wrong_quotas(kind, names, given)
        elif kind == QuotaKind.RECOMMENDATION:
            problems.append((f"{kind}-{next(iter(names))}", "须确定各盟市的推荐名额。"))
    return problems


def _wrong_quotas(kind: str, names: Mapping[str, str], given: Mapping[str, int]) -> list[tuple[str, str]]:
    """What is wrong with the places of one kind: a key too many, a key left out, a number out of range."""
    label = QuotaKind(kind).label
    problems = []
    for key in given:
        if key not in names:
            problems.append((f"{kind}-{key}", f"{label}中没有“{key}”。"))
    for key, name in names.items():
        if key not in given:
            problems.append((f"{kind}-{key}", f"{label}：请填写{name}的名额（不分配填0）。"))
        elif not 0 <= given[key] <= MOST_PLACES:
            problems.append((f"{kind}-{key}", f"{label}：{name}的名额为0至{MOST_PLACES:,}。"))
    return problems


def _write_quotas(round_: SelectionRound, quotas: Quotas) -> None:
    rows = []
    for kind, places_by_key in quotas.items():
        for key, places in places_by_key.items():
            rows.append(Quota(round=round_, kind=kind, key=key, places=places))
    Quota.objects.bulk_create(rows)


def _require_manager(by: Any) -> None:
    """Raise Refused unless the person manages selections; None is the operator at the command line."""
    if by is not None:
        require(by, "selection.manage", WHOLE_REGION)


@contextmanager
def _draft(round_: SelectionRound, by: Any, what: str) -> Iterator[tuple[SelectionRound, dict[str, Any]]]:
    """The round as it is now, locked while it is changed; what was changed goes into the audit."""
    with transaction.atomic():
        _require_manager(by)
        case = Case.objects.select_for_update().get(pk=round_.pk)
        if case.state != RoundState.DRAFT:
            raise NotNow(
                f"{round_.year}年度遴选当前为“{case.state_label}”，办法、名额和日期自开始申报起不再修改。"
            )
        detail: dict[str, Any] = {"year": round_.year, "what": what}
        yield SelectionRound.objects.select_related("case").get(pk=round_.pk), detail
        audit.record("registry.round-edit", by=by, obj=case, region=WHOLE_REGION, detail=detail)
