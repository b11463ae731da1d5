"""Clauses 九 to 十一: what is paid for training, evaluation, and what a skill level counts as."""

from __future__ import annotations

from django.db.models import F, Q

from portal.policy.benefits.talent import POLICY
from portal.policy.facts import SkillLevel
from portal.policy.rules import Benefit, all_of, any_of, need
from portal.policy.terms import Cite, DayOfCheck, Fact, WithinMonths, chosen, money, table, together, whole

NINE, TEN, ELEVEN = Cite(POLICY, "九"), Cite(POLICY, "十"), Cite(POLICY, "十一")
NOTICE_2017, NOTICE_2024 = Cite("人社部发〔2017〕40号"), Cite("人社部发〔2024〕40号")
NOTICE_2025 = Cite("人社部发〔2025〕18号")
REGIONAL_GUIDE = Cite("内蒙古自治区技能提升补贴申领指南")
FUND_RULES = Cite("财社〔2023〕181号", "第十六条")
UPGRADE = "training.skill-upgrade."
# While a relaxation ran; outside the base rule holds. The second one also counted claims otherwise.
RELAXED_2025 = ("2025-04-22", "2025-12-31")
RELAXED = (("2019-01-01", "2024-12-31"), RELAXED_2025)

EMPLOYED = need("employed", Q(employment="employed"), "在职", "本项面向在职职工。")
SKILLED_POST = need(
    "skilled-post", Q(in_skilled_post=True), "在技能岗位工作", "本项面向在技能岗位工作的人员。"
)
SENIOR_OR_ABOVE = need(
    "senior-or-above",
    Q(skill_level__gte=SkillLevel.SENIOR),
    "技能等级为高级工及以上",
    "可先参加职业技能等级认定，取得高级工及以上等级。",
)
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

BENEFITS = (
    Benefit(
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
    ),
    Benefit(
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
            need(
                "not-on-payroll",
                Q(public_institution_payroll=False),
                "不是机关事业单位在编人员",
                "就业补助资金不得用于机关事业单位在编人员。",
                FUND_RULES,
            ),
        ),
        "按规定发给培训补贴，从就业补助资金列支",
        amount=money("training.technician.amount"),
        fund="employment_subsidy_fund",
    ),
    Benefit(
        "evaluation.open",
        "技师、高级技师考评",
        ELEVEN,
        "entitled",
        SKILLED_POST,
        "参加技师、高级技师考评不要求论文和奖励证书，不受年龄、学历、资历、身份、比例等限制",
    ),
    Benefit(
        "evaluation.exceptional",
        "破格或越级参加考评",
        ELEVEN,
        "may_apply",
        all_of(
            SKILLED_POST,
            need("superb-skill", Q(superb_skill=True), "掌握高超技能", "可由所在单位出具技能水平证明。"),
            need(
                "contribution", Q(outstanding_contribution=True), "作出突出贡献", "可由所在单位出具贡献证明。"
            ),
        ),
        "可破格或越级参加技师、高级技师考评",
    ),
    Benefit(
        "title.equivalence",
        "技能等级比照职称待遇",
        ELEVEN,
        "encouraged",
        all_of(
            need("employed", Q(employment="employed"), "在聘", "本项面向企业在聘人员。"),
            need(
                "title-level",
                Q(skill_level__in=[SkillLevel.SENIOR, SkillLevel.TECHNICIAN, SkillLevel.SENIOR_TECHNICIAN]),
                "技能等级为高级工、技师或高级技师",
                "取得高级工、技师、高级技师等级后可以比照。",
            ),
        ),
        "鼓励企业在学习进修、住房和取暖费补贴、医疗体检、岗位聘任、职务职级晋升等方面比照相应职称落实待遇",
        "鼓励企业在学习进修、住房和取暖费补贴、医疗体检、岗位聘任、职务职级晋升等方面比照{title}落实待遇",
        words={
            "title": {
                "assistant_engineer": "助理工程师",
                "engineer": "工程师",
                "senior_engineer": "高级工程师",
            }
        },
        gives={
            "title": chosen(
                "skill_level",
                {
                    SkillLevel.SENIOR: "assistant_engineer",
                    SkillLevel.TECHNICIAN: "engineer",
                    SkillLevel.SENIOR_TECHNICIAN: "senior_engineer",
                },
            )
        },
    ),
    Benefit(
        "title.engineering-review",
        "参加工程系列职称评审",
        ELEVEN,
        "may_apply",
        SENIOR_OR_ABOVE,
        "可参加工程系列专业技术职称评审",
    ),
    Benefit(
        "evaluation.engineer-route",
        "工程技术人员参加技能评价",
        ELEVEN,
        "encouraged",
        need(
            "engineering-title",
            Q(
                engineering_title__in=[
                    "technician_title",
                    "assistant_engineer",
                    "engineer",
                    "senior_engineer",
                ]
            ),
            "具有工程系列专业技术职称",
            "取得工程系列专业技术职称后，可以直接参加高级工以上等级的评价。",
        ),
        "可直接参加相应职业（工种）高级工以上等级的职业技能评价",
        caveats=("文件只写“符合条件的”工程技术人员，具体条件未明确，须由评价机构确认。",),
    ),
    Benefit(
        "schooling.equivalence",
        "技工院校毕业生学历比照",
        ELEVEN,
        "entitled",
        need(
            "class",
            Q(technical_school_class__in=["intermediate", "senior", "pre_technician"]),
            "技工院校中级工班、高级工班或预备技师班毕业",
            "本项面向技工院校毕业生；如已毕业，请提供毕业证书。",
        ),
        "按相应学历落实相关待遇",
        "按相当于{education}学历落实相关待遇",
        words={"education": {"secondary": "中专", "junior_college": "大专", "bachelor": "本科"}},
        gives={
            "education": chosen(
                "technical_school_class",
                {
                    "intermediate": "secondary",
                    "senior": "junior_college",
                    "pre_technician": "bachelor",
                },
            )
        },
    ),
)
