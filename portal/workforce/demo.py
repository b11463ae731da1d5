"""A synthetic roster, imported as an office would import it, and its honours verified by the reviewers of
three leagues.
"""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.demo import Demo
from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.workforce import synthetic
from portal.workforce.actions.coverage import confirm_decided_here, state_decided_here
from portal.workforce.actions.honours import verify_honour
from portal.workforce.coverage import CLAIMS_BEGAN
from portal.workforce.identity import birth_date, check_digit
from portal.workforce.models import Employment, Honour, Occupation, UnemploymentInsurance, Worker
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import CREDENTIAL, EMPLOYMENT, INSURANCE
from portal.workforce.roster.columns import COLUMNS
from portal.workforce.roster.importing import import_file

# League, how many workers, the short name of who verifies there.
LEAGUES = [("150600", 160, "reviewer"), ("150200", 70, "baotou_reviewer"), ("150100", 70, "hohhot_reviewer")]
# Reviewers of the other two leagues. Nobody signs in as them: their passwords are thrown away.
BEHIND_THE_SCENES = [
    ("baotou_reviewer", "mengshi.baotou", "刘洋", "150200"),
    ("hohhot_reviewer", "mengshi.huhehaote", "田雨", "150100"),
]
HONOURS = (
    "全国技术能手",
    "北疆工匠",
    "自治区劳动模范",
    "技师高级技师突出贡献奖",
    "草原英才",
    "自治区技术能手",
    "国务院政府特殊津贴",
    "全国五一劳动奖章",
)
SAMPLE_CATALOGUE = "示例目录（仅供演示，不是公布的文件）"
SAMPLE_COVERAGE = "示例（合成数据，仅供演示）"
LEFT_OUT_OF_CATALOGUE = ("奶牛饲养工", "砌筑工")
# Stay unverified, for whoever signs in as the reviewer of 鄂尔多斯市.
LEFT_TO_VERIFY = 8
_NUMBER, _REGION, _OCCUPATION, _LEVEL, _ISSUED_ON, _ON_FRONT_LINE, _MONTHS = 1, 2, 5, 6, 8, 9, 11
_HONOUR, _EXPLANATION = 12, 14


def _roster_rows(demo: Demo) -> list[list[str]]:
    units = _units_by_league(demo)
    leagues = [code for code, count, _ in LEAGUES for _ in range(count)]
    # One run over all, so that no two rows share a number.
    drawn = synthetic.roster_rows(demo.random, units["150600"], len(leagues), today=demo.on, each_day=1)
    rows: list[list[str]] = []
    for league, row in zip(leagues, drawn, strict=True):
        unit = demo.random.choice(units[league])
        row[_REGION : _REGION + 3] = [unit.region, unit.name, unit.code]
        row[_HONOUR] = _draw_honour(demo)
        rows.append(row)
    _make_worker_of_the_demonstration(rows[0], demo)
    _make_somebody_who_learned_early(rows[1])
    return rows


def _units_by_league(demo: Demo) -> dict[str, list[synthetic.Unit]]:
    units = {}
    for league, *_ in LEAGUES:
        banners = list(Region.objects.filter(parent_id=league).values_list("code", flat=True))
        units[league] = synthetic.units(demo.random, banners, 12)
    # The clerk one signs in as has units to look after.
    units["150600"][:2] = [replace(unit, region="150624") for unit in units["150600"][:2]]
    return units


def _draw_honour(demo: Demo) -> str:
    """One worker in five has an honour."""
    year = demo.random.randrange(demo.on.year - 7, demo.on.year)
    if demo.random.random() >= 0.2:
        return ""
    return f"{demo.random.choice(HONOURS)}@{year}@合成文号〔{year}〕{demo.random.randrange(1, 200)}号"


def _make_worker_of_the_demonstration(row: list[str], demo: Demo) -> None:
    """In the banner of the clerk, with an honour of last year; a welder of forty, half of his life in the post."""
    year = demo.on.year - 1
    born = f"{demo.on.year - 40}0615"
    number = f"{synthetic.NOWHERE}{born}{synthetic.NUMBERS_A_DAY}"
    row[0] = "王建国"
    row[_NUMBER] = number + check_digit(number)
    row[_REGION] = "150624"
    row[_OCCUPATION : _LEVEL + 1] = ["焊工", "中级工"]
    row[_ISSUED_ON] = f"{demo.on.year - 15}-05-20"
    row[_ON_FRONT_LINE : _MONTHS + 1] = ["是", "19.5", "96"]
    row[_HONOUR] = f"全国技术能手@{year}@合成文号〔{year}〕1号"


def _make_somebody_who_learned_early(row: list[str]) -> None:
    """Improbable and explained: what the supervisor finds in the list."""
    born = birth_date(row[_NUMBER])
    row[_REGION], row[_LEVEL], row[_ISSUED_ON] = "150624", "初级工", f"{born.year + 15}-12-31"
    row[_EXPLANATION] = "随父学艺，已核对证书原件，发证日期无误"


def load(demo: Demo) -> None:
    _make_reviewers(demo)
    _list_occupations(demo)
    _import_roster(_roster_rows(demo))
    _verify_honours(demo)
    _say_what_the_roster_does_not()
    _confirm_records(demo)
    _state_coverage(demo)
    Worker.objects.filter(name="王建国", work_region_id="150624").update(account=demo.people["worker"])


def _state_coverage(demo: Demo) -> None:
    """In the demonstration nobody has claims that it does not know of; elsewhere nothing is covered."""
    for league, _, reviewer in LEAGUES:
        by = demo.people.get(reviewer) or demo.backstage[reviewer]
        for fund in FUNDS:
            statement = state_decided_here(
                place=league, fund=fund, since=CLAIMS_BEGAN, basis=SAMPLE_COVERAGE, by=by, on=demo.on
            )
            confirm_decided_here(statement.pk, by=demo.people["regional_reviewer"])


def _list_occupations(demo: Demo) -> None:
    """A catalogue that says of itself that it is a sample; what it leaves out is seen marked."""
    since = demo.on.replace(month=1, day=1)
    Occupation.objects.bulk_create(
        Occupation(name=name, folded=fold_occupation(name), since=since, document=SAMPLE_CATALOGUE)
        for name in synthetic.OCCUPATIONS
        if name not in LEFT_OUT_OF_CATALOGUE
    )


def _make_reviewers(demo: Demo) -> None:
    for short, username, name, region in BEHIND_THE_SCENES:
        demo.backstage[short] = User.objects.create_user(username, None, display_name=name)
        RoleAssignment.objects.create(user=demo.backstage[short], role=Role.LEAGUE_REVIEWER, region_id=region)


def _import_roster(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "演示花名册.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.label for column in COLUMNS])
            writer.writerows(rows)
        outcome = import_file(path, name=path.name, by=None)
    if outcome.refused:
        raise RuntimeError(f"{outcome.refused} rows of the demonstration's own roster were refused")


def _verify_honours(demo: Demo) -> None:
    for league, _, reviewer in LEAGUES:
        by = demo.people.get(reviewer) or demo.backstage[reviewer]
        unverified = Honour.objects.unverified().filter(worker__league_code=league).order_by("id")
        honour_ids = list(unverified.values_list("id", flat=True))
        if league == "150600":
            honour_ids = honour_ids[:-LEFT_TO_VERIFY]
        for honour_id in honour_ids:
            verify_honour(honour_id, by=by, on=demo.on, verdict="查验文件原件")


def _say_what_the_roster_does_not() -> None:
    """In these leagues it is known who pays contributions now, and that nobody is on the public payroll."""
    here = {"worker__league_code__in": [code for code, *_ in LEAGUES]}
    UnemploymentInsurance.objects.filter(**here).update(paying=True, drawing_benefit=False)
    Employment.objects.filter(**here).update(public_institution_payroll=False)


def _confirm_records(demo: Demo) -> None:
    """Certificates, jobs and insurance of nearly everybody; the last of 鄂尔多斯 wait for its reviewer."""
    for league, _, reviewer in LEAGUES:
        by = demo.people.get(reviewer) or demo.backstage[reviewer]
        workers = Worker.objects.filter(league_code=league).order_by("id").values_list("id", flat=True)
        chosen = list(workers)
        if league == "150600":
            chosen = chosen[:-LEFT_TO_VERIFY]
        for kind in (EMPLOYMENT, CREDENTIAL, INSURANCE):
            # Hundreds at once, as nobody does it at a window; each as `confirm_record` leaves it.
            kind.model._default_manager.filter(worker_id__in=chosen).update(
                verification=Verification.CONFIRMED,
                verified_by=by,
                verified_at=timezone.now(),
                verified_from="查验证书原件、劳动合同和社保经办系统查询结果",
            )
