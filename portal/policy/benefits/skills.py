"""Clause 十一: evaluation, and what a skill level counts as. What is paid for training stands in its programme."""

from __future__ import annotations

from django.db.models import Q

from portal.policy.benefits.talent import POLICY
from portal.policy.facts import SkillLevel
from portal.policy.rules import Benefit, all_of, need
from portal.policy.terms import Cite, chosen

ELEVEN = Cite(POLICY, "十一")

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

BENEFITS = (
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
