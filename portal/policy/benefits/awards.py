"""Clauses 十二 and 十三: competition awards and annual leave."""

from __future__ import annotations

from django.db.models import Q

from portal.policy.benefits.skills import EMPLOYED
from portal.policy.benefits.talent import POLICY
from portal.policy.rules import Benefit, all_of, need
from portal.policy.terms import Cite, money, steps, table, whole

TWELVE, THIRTEEN = Cite(POLICY, "十二"), Cite(POLICY, "十三")

FOR_INNER_MONGOLIA = need(
    "for-inner-mongolia", Q(for_inner_mongolia=True), "代表我区参赛", "本项面向代表我区参赛的人员。"
)

BENEFITS = (
    Benefit(
        "award.worldskills",
        "世界技能大赛奖励",
        TWELVE,
        "entitled",
        all_of(
            need("worldskills", Q(competition="worldskills"), "参加世界技能大赛", "本项面向世界技能大赛。"),
            FOR_INNER_MONGOLIA,
            need(
                "prize",
                Q(competition_prize__in=["gold", "silver", "bronze", "excellence"]),
                "获得奖牌或优胜奖",
                "指导、协助人员以所指导、协助的选手获奖情况为准。",
            ),
        ),
        "按国家奖励标准给予奖励，选手与技术指导专家、教练、技术翻译同等",
        amount=table("award.worldskills.prize").at("competition_edition", "competition_prize"),
    ),
    Benefit(
        "award.national-class-one",
        "国家级一类大赛奖励",
        TWELVE,
        "entitled",
        all_of(
            need(
                "class-one",
                Q(competition="national_class_one"),
                "参加国家级一类技能大赛",
                "本项面向国家级一类技能大赛。",
            ),
            FOR_INNER_MONGOLIA,
            need(
                "top-three",
                Q(competition_rank__lte=whole("award.national-class-one.ranks")),
                "名次在规定名次以内",
                "本项只奖励名次在规定名次以内的选手。",
                TWELVE,
            ),
            need("competitor", Q(competition_role="competitor"), "本人为参赛选手", "本项只奖励参赛选手。"),
        ),
        "参照自治区突出贡献专家选拔管理办法给予奖励",
        amount=money("award.national-class-one.prize"),
    ),
    Benefit(
        "leave.annual",
        "带薪年休假",
        THIRTEEN,
        "entitled",
        all_of(
            EMPLOYED,
            need(
                "twelve-months",
                Q(continuous_months__gte=whole("leave.annual.months")),
                "连续工作满规定月数",
                "连续工作满规定月数后享受带薪年休假。",
            ),
        ),
        "享受带薪年休假",
        "享受带薪年休假 {days} 天（法定节假日、休息日不计入）",
        gives={"days": steps("leave.annual.days").by_step("worked_years")},
    ),
)
