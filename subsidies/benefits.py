"""Clauses 九 and 十: what is paid to workers for training, by a certificate or for a training they attended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q

from portal.policy.benefits import register_benefit
from portal.policy.benefits.skills import EMPLOYED
from portal.policy.benefits.talent import POLICY
from portal.policy.facts import LEVEL_BY_CODE, SkillLevel
from portal.policy.open_readings import CONFIRM, OpenReading, register_open_reading
from portal.policy.rules import Benefit, all_of, any_of, need
from portal.policy.terms import Cite, DayOfCheck, Fact, WithinMonths, money, table, together, whole
from subsidies.training_facts import FACTS

NINE, TEN = Cite(POLICY, "九"), Cite(POLICY, "十")
NOTICE_2017, NOTICE_2024 = Cite("人社部发〔2017〕40号"), Cite("人社部发〔2024〕40号")
NOTICE_2025 = Cite("人社部发〔2025〕18号")
REGIONAL_GUIDE = Cite("内蒙古自治区技能提升补贴申领指南")
FUND_RULES = Cite("财社〔2023〕181号", "第十六条")
UPGRADE = "training.skill-upgrade."
# While a relaxation ran; outside the base rule holds. The second one also counted claims otherwise.
RELAXED_2025 = ("2025-04-22", "2025-12-31")
RELAXED = (("2019-01-01", "2024-12-31"), RELAXED_2025)

# No clause of its own: the number of months comes from the document behind the figure of that day, and is
# cited from there.
INSURED = need(
    "insured",
    Q(unemployment_insured_months__gte=whole(UPGRADE + "insured-months")),
    "失业保险累计缴费达到规定月数",
    "累计缴费不足的，可在达到规定月数后、证书核发之日起的规定期限内申请。",
)
PAYING = need(
    "paying",
    Q(paying_unemployment_insurance=True),
    "申请期间正常缴纳失业保险费",
    "中断缴费的，请由所在单位恢复缴费后，在证书期限内申请。",
    REGIONAL_GUIDE,
)
# A year's claims: so many for everybody, and while the notice of 2025 held more for scarce occupations. Claims
# of both kinds in one year are counted apart, whichever came first (an open question of the shelf).
CLAIMS_LEFT = (
    need(
        "claims-left-in-all",
        Q(
            claims_this_year__lt=together(
                whole(UPGRADE + "claims-per-year"), whole(UPGRADE + "scarce-claims-per-year")
            )
        ),
        "本年度申领次数合计未达上限",
        "本年度次数已用完的，可在证书期限内于下一年度申请。",
        NOTICE_2025,
        during=(RELAXED_2025,),
    ),
    any_of(
        need(
            "claims-left",
            Q(claims_this_year__lt=whole(UPGRADE + "claims-per-year")),
            "本年度申领次数未达上限",
            "本年度次数已用完的，可在证书期限内于下一年度申请。",
            since="2024-01-01",
        ),
        need(
            "scarce-occupation",
            Q(certificate_occupation_scarce=True),
            "证书职业（工种）列入当地急需紧缺目录",
            "当地公布的急需紧缺职业（工种）目录内的证书，每年可以另行申领。",
            NOTICE_2025,
            during=(RELAXED_2025,),
        ),
        need(
            "ordinary-claims-left",
            Q(
                claims_this_year__lt=together(
                    whole(UPGRADE + "claims-per-year"), Fact("scarce_claims_this_year")
                )
            ),
            "除急需紧缺职业（工种）外，本年度申领次数未达上限",
            "本年度次数已用完的，可在证书期限内于下一年度申请。",
            NOTICE_2025,
            during=(RELAXED_2025,),
        ),
    ),
)
# The day of the check bounds the certificate on both sides: a form cannot vouch for stored or replayed facts.
IN_TIME = need(
    "in-time",
    Q(
        certificate_issued_on__gte=WithinMonths(whole(UPGRADE + "claim-window-months")),
        certificate_issued_on__lte=DayOfCheck(),
    ),
    "自证书核发之日起在规定月数内申请",
    "超过规定期限的证书不能再申领；今后取得新证书的，请在期限内申请。",
    NOTICE_2017,
)

NOT_ON_PAYROLL = need(
    "not-on-payroll",
    Q(public_institution_payroll=False),
    "不是机关事业单位在编人员",
    "就业补助资金不得用于机关事业单位在编人员。",
    FUND_RULES,
)

SKILL_UPGRADE = Benefit(
    "training.skill-upgrade",
    "技能提升补贴",
    NINE,
    "may_apply",
    all_of(
        need(
            "level",
            Q(certificate_level__in=[SkillLevel.JUNIOR, SkillLevel.INTERMEDIATE, SkillLevel.SENIOR]),
            "证书等级为初级工、中级工或高级工",
            "取得初级工、中级工或高级工证书后，可在期限内申请；"
            "技师、高级技师证书适用“技师、高级技师培训补贴”。",
            NOTICE_2017,
        ),
        any_of(
            all_of(
                need(
                    "employed",
                    Q(employment="employed"),
                    "在职",
                    "本项面向在职职工；放宽政策执行期间，正在领取失业保险金的失业人员也可以申请。",
                    NOTICE_2017,
                ),
                PAYING,
                INSURED,
            ),
            need(
                "drawing",
                Q(drawing_unemployment_benefit=True),
                "正在领取失业保险金",
                "未领取失业保险金的，须在职、正常缴费并达到规定的失业保险缴费月数。",
                NOTICE_2024,
                during=RELAXED,
                later_cites=((RELAXED_2025[0], NOTICE_2025),),
            ),
        ),
        IN_TIME,
        *CLAIMS_LEFT,
        need(
            "first-for-level",
            Q(claimed_same_occupation_level=False),
            "同一职业（工种）同一等级未享受过补贴",
            "同一职业（工种）同一等级只能享受一次。",
            NOTICE_2017,
        ),
        need(
            "no-higher-claimed",
            Q(highest_level_claimed__lte=F("certificate_level")),
            "同一职业（工种）未享受过更高等级的补贴",
            "已享受更高等级补贴的，不再受理较低等级的申请。",
            NOTICE_2017,
        ),
        need(
            "no-training-subsidy",
            Q(training_subsidy_for_same_certificate=False),
            "同一证书未享受过职业培训补贴",
            "同一证书的职业培训补贴与技能提升补贴不能重复享受。",
            NOTICE_2017,
        ),
    ),
    "按证书等级发给技能提升补贴，从失业保险基金列支",
    amount=table(UPGRADE + "ceiling").at("certificate_level"),
    fund="unemployment_insurance_fund",
    version=2,
    since="2017-01-01",
    since_cite=NOTICE_2017,
)
TECHNICIAN = Benefit(
    "training.technician",
    "技师、高级技师培训补贴",
    TEN,
    "may_apply",
    all_of(
        EMPLOYED,
        any_of(
            need(
                "technician-level",
                Q(certificate_level__in=[SkillLevel.TECHNICIAN, SkillLevel.SENIOR_TECHNICIAN]),
                "晋升技师或高级技师",
                "取得技师、高级技师证书后可以申请。",
            ),
            need(
                "attended",
                Q(attended_senior_technician_upskilling=True),
                "参加过高级技师岗位技能提升培训",
                "可向所在单位或当地人力资源社会保障部门了解培训安排。",
            ),
        ),
        NOT_ON_PAYROLL,
    ),
    "按规定发给培训补贴，从就业补助资金列支",
    amount=money("training.technician.amount"),
    fund="employment_subsidy_fund",
)
# The same clause pays who attended: decided about one completed training, out of the same figure and fund.
COURSE = Benefit(
    "training.technician-course",
    "高级技师岗位技能提升培训补贴",
    TEN,
    "may_apply",
    all_of(
        EMPLOYED,
        need(
            "attended",
            Q(training_project="senior_technician"),
            "参加的是高级技师岗位技能提升培训",
            "其他培训不适用本项；取得技师、高级技师证书后可以凭证书申请。",
        ),
        need(
            "completed",
            Q(training_completed_on__lte=DayOfCheck()),
            "培训已经结业",
            "结业后可以申请。",
        ),
        NOT_ON_PAYROLL,
    ),
    "按规定发给培训补贴，从就业补助资金列支",
    amount=money("training.technician.amount"),
    fund="employment_subsidy_fund",
    facts=FACTS,
)


def _mixes_claims(facts: Mapping[str, Any]) -> bool:
    """Whether this claim and the year's earlier ones are, or may be, of both kinds."""
    claims, scarce = facts.get("claims_this_year"), facts.get("scarce_claims_this_year")
    if not claims and not scarce:
        return False
    kinds = {facts.get("certificate_occupation_scarce")}
    if scarce is None:
        kinds.add(None)
    elif scarce:
        kinds.add(True)
    if claims is not None and scarce is not None and claims > scarce:
        kinds.add(False)
    # What is not known may be of either kind.
    return len(kinds) > 1 or None in kinds


def _would_gain_by_backdating(facts: Mapping[str, Any]) -> bool:
    months = facts.get("unemployment_insured_months")
    return bool(facts.get("drawing_unemployment_benefit")) or (months is not None and 12 <= months < 36)


def _holds_a_higher_level(facts: Mapping[str, Any]) -> bool:
    held, claimed = facts.get("skill_level"), facts.get("certificate_level")
    return bool(held and claimed and LEVEL_BY_CODE[held] > LEVEL_BY_CODE[claimed])


OPEN_READINGS = (
    OpenReading(
        "mixed-claims",
        "training.skill-upgrade",
        "本年度的申领兼有（或可能兼有）急需紧缺职业（工种）和其他职业（工种）的证书，文件没有写明怎样计次；"
        f"本平台两类分别计次，不论先后，{CONFIRM}",
        ("claims_this_year", "scarce_claims_this_year", "certificate_occupation_scarce"),
        _mixes_claims,
        during=(RELAXED_2025,),
    ),
    OpenReading(
        "relaxation-backdating",
        "training.skill-upgrade",
        f"2025年的放宽自4月22日公布，是否追溯到1月1日没有查得；本平台不追溯，{CONFIRM}",
        ("unemployment_insured_months", "drawing_unemployment_benefit"),
        _would_gain_by_backdating,
        during=(("2025-01-01", "2025-04-21"),),
    ),
    OpenReading(
        "higher-level-held",
        "training.skill-upgrade",
        "已持有更高的技能等级。同一职业（工种）持有更高等级证书的，能否再以较低等级证书申领，文件没有写明；"
        f"本平台只看是否领过更高等级的补贴，{CONFIRM}",
        ("skill_level", "certificate_level"),
        _holds_a_higher_level,
        beyond_the_rule=True,
    ),
)


def register() -> None:
    """Make the rules known, and how what the law leaves open of them is read."""
    for benefit in (SKILL_UPGRADE, TECHNICIAN, COURSE):
        register_benefit(benefit)
    for reading in OPEN_READINGS:
        register_open_reading(reading)
