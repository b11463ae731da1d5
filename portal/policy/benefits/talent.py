"""Clauses 一 to 四: the registry of leading talents and what its members may expect."""

from __future__ import annotations

from django.db.models import Q

from portal.policy.facts import SkillLevel
from portal.policy.rules import Benefit, all_of, any_of, need
from portal.policy.terms import Cite, Constant, codes, whole

POLICY = "内党办发〔2019〕6号"
ONE, TWO, THREE, FOUR = (Cite(POLICY, number) for number in "一二三四")

LEADING_TALENT = need(
    "leading-talent",
    Q(leading_talent=True),
    "已纳入高技能领军人才名录",
    "请先申请纳入自治区高技能领军人才名录：持有相关荣誉的可直接纳入，其他人员可参加年度遴选。",
    ONE,
)
RECRUITED_BY_REGION = need(
    "recruited-by-region",
    Q(recruited="by_region"),
    "由自治区引进",
    "请向引进单位或当地人力资源社会保障部门核实引进身份。",
)
RECRUITED = need(
    "recruited",
    Q(recruited__in=["by_region", "other"]),
    "属于引进人才",
    "请向引进单位或当地人力资源社会保障部门核实引进身份。",
)
JOBLESS_FAMILY = need(
    "jobless-family",
    Q(jobless_willing_spouse_or_child=True),
    "配偶或子女有就业意愿但未就业",
    "配偶或子女有就业意愿的，请到当地公共就业服务机构办理失业登记或求职登记。",
)

ON_THE_REGISTRY = {"leading_talent": True}

BENEFITS = (
    Benefit(
        "registry.direct-inclusion",
        "直接纳入高技能领军人才名录",
        ONE,
        "entitled",
        any_of(
            need(
                "inclusion-honour",
                Q(honours__overlap=codes("registry.inclusion-honours")),
                "获得可直接纳入名录的荣誉",
                "如获得过政策列明的荣誉，请携带荣誉证书或表彰文件到服务窗口登记。",
                ONE,
            ),
            need(
                "special-allowance",
                Q(special_allowance__in=["national", "autonomous_region"]),
                "享受自治区级以上政府特殊津贴",
                "如享受政府特殊津贴，请提供批准文件或证书。",
                ONE,
            ),
            need(
                "scarce-talent",
                Q(recognised_scarce_talent=True),
                "经自治区认定为“高精尖缺”高技能人才",
                "如已获认定，请提供认定文件。",
                ONE,
            ),
        ),
        "尚未在名录中的，及时纳入自治区高技能领军人才名录，不再参加遴选",
        caveats=("名录面向技术工人，部分荣誉也授予其他人员；纳入前由名录管理人员核实本人属于技术工人。",),
        leads_to=ON_THE_REGISTRY,
    ),
    Benefit(
        "registry.nomination",
        "参加高技能领军人才年度遴选",
        ONE,
        "may_apply",
        all_of(
            need(
                "senior-or-above",
                Q(skill_level__gte=SkillLevel.SENIOR),
                "技能等级为高级工及以上",
                "可先参加职业技能等级认定，取得高级工及以上等级。",
            ),
            need(
                "front-line",
                Q(on_front_line=True),
                "在生产服务一线岗位工作",
                "遴选面向生产服务一线岗位的高技能人才。",
            ),
        ),
        "尚未在名录中的，可由单位或所在地推荐参加年度遴选，经评审、公示后纳入名录",
        leads_to=ON_THE_REGISTRY,
    ),
    Benefit(
        "expert.checkup-and-leave",
        "专家体检和休假",
        TWO,
        "entitled",
        all_of(
            LEADING_TALENT,
            need(
                "liaison-expert",
                Q(liaison_expert=True),
                "经遴选纳入党委和政府联系专家范围",
                "联系专家由党委和政府遴选产生，可向当地组织部门咨询。",
            ),
        ),
        "按规定安排专家体检和休假",
    ),
    Benefit(
        "promotion.exceptional",
        "破格晋升技术等级",
        THREE,
        "may_apply",
        all_of(
            LEADING_TALENT,
            any_of(
                need(
                    "solved-problem",
                    Q(solved_major_technical_problem=True),
                    "解决重大工艺技术难题或重大质量问题",
                    "可由所在单位出具成果证明。",
                ),
                need(
                    "innovation-award",
                    Q(regional_innovation_award=True),
                    "技术创新成果获自治区级以上奖项",
                    "如已获奖，请提供获奖证书。",
                ),
                need(
                    "mentor", Q(outstanding_mentor=True), "“师带徒”业绩突出", "可由所在单位出具带徒业绩证明。"
                ),
            ),
        ),
        "可破格晋升技术等级，不受学历、年限等限制",
    ),
    Benefit(
        "recruited.parity",
        "引进高技能领军人才同等待遇",
        FOUR,
        "entitled",
        all_of(LEADING_TALENT, RECRUITED_BY_REGION),
        "在科研支持、岗位激励、生活保障等方面，与引进的高层次专业技术人员享受同等待遇",
    ),
    Benefit(
        "housing.support",
        "引进人才住房支持",
        FOUR,
        "encouraged",
        all_of(LEADING_TALENT, RECRUITED),
        "鼓励各地提供人才公寓或发放购（租）房补贴，具体以当地办法为准",
    ),
    Benefit(
        "household.registration",
        "在工作地落户",
        FOUR,
        "may_apply",
        LEADING_TALENT,
        "本人及配偶、未成年子女、父母可按规定在工作地落户",
        gives={"relatives": Constant(["self", "spouse", "minor_children", "parents"])},
    ),
    Benefit(
        "schooling.compulsory",
        "随迁子女义务教育入学",
        FOUR,
        "entitled",
        all_of(
            LEADING_TALENT,
            need(
                "child",
                Q(child_in_compulsory_education=True),
                "随迁子女需在义务教育阶段学校入学",
                "子女到入学年龄时，可向当地教育行政部门提出。",
            ),
        ),
        "按划片免试就近入学的原则，以公办中小学为主安排，享受同城待遇",
    ),
    Benefit(
        "family.employment",
        "配偶、子女就业服务",
        FOUR,
        "entitled",
        all_of(LEADING_TALENT, JOBLESS_FAMILY),
        "提供一对一职业指导和就业培训，并在年度内提供就业机会",
        "提供一对一职业指导和就业培训，年度内提供 {offers_per_year} 个以上就业机会",
        gives={"offers_per_year": whole("family.employment.offers-per-year")},
    ),
    Benefit(
        "family.public-welfare-post",
        "家属公益性岗位安置",
        FOUR,
        "may_apply",
        all_of(
            LEADING_TALENT,
            JOBLESS_FAMILY,
            need(
                "hard-to-employ",
                Q(hard_to_employ_family_member=True),
                "该家属符合就业困难人员条件",
                "请先到户籍地或常住地公共就业服务机构申请就业困难人员认定。",
            ),
        ),
        "可按规定安排公益性岗位",
    ),
    Benefit(
        "business.registration",
        "创业和企业登记服务",
        FOUR,
        "entitled",
        LEADING_TALENT,
        "为参与市场经营活动提供便利的企业登记等服务",
    ),
)
