"""Rules about what somebody has learned and won: certificates, schooling, honours, competitions, and what follows."""

from __future__ import annotations

from portal.workforce.plausibility.limits import (
    AGES_BY_LEVEL,
    FIRST_YEAR,
    LABOUR_LAW,
    LAWFUL_FROM,
    LIFE,
    NO_ARTICLE,
    NOBODY_BELOW,
    SAME_RECORD,
    STANDARDS,
    too_young,
)
from portal.workforce.plausibility.rules import Rule, age, between_ages

CREDENTIAL = [
    *too_young("credential", "issued_on", "issued_on", "发证日期", cell="issued_on"),
    Rule(
        key="credential.young-for-level",
        impossible=False,
        fields={"credential": "issued_on"},
        when=(
            "issued_on < birth_on + CASE level WHEN 40 THEN interval '18 years' WHEN 50 THEN interval '20 years' "
            "WHEN 60 THEN interval '24 years' WHEN 70 THEN interval '28 years' WHEN 80 THEN interval '30 years' END "
            f"AND issued_on >= birth_on + interval '{LAWFUL_FROM} years'"
        ),
        words=f"发证日期为{{issued_on}}，本人当时{{{age('issued_on')}}}周岁，取得这一等级时明显偏小",
        source=AGES_BY_LEVEL,
        cell="issued_on",
    ),
    Rule(
        key="credential.higher-level-first",
        impossible=False,
        fields={"credential": "issued_on"},
        when="(issued_on > higher_issued_on OR issued_on < lower_issued_on)",
        words="同一职业（工种）的较高等级证书发证在前，较低等级证书发证在后",
        source=STANDARDS,
        cell="issued_on",
    ),
    Rule(
        key="credential.levels-within-a-year",
        impossible=False,
        fields={"credential": "issued_on"},
        when=(
            "((issued_on <= higher_issued_on AND issued_on + interval '1 year' > higher_issued_on) "
            "OR (issued_on >= lower_issued_on AND issued_on < lower_issued_on + interval '1 year'))"
        ),
        words="同一职业（工种）的两个等级证书，发证日期相隔不足一年",
        source=STANDARDS,
        cell="issued_on",
    ),
    Rule(
        key="credential.number-of-another",
        impossible=False,
        fields={"credential": "number"},
        when="others_with_number > 0",
        words="同一证书编号已登记在另外{others_with_number}人名下",
        source="一本证书属于一人；不同发证机构的编号可能相同",
        cell="certificate",
    ),
]

_HONOUR_AGE = "honour_year - extract(year FROM birth_on)"
HONOUR = [
    Rule(
        key="honour.before-fourteen",
        impossible=True,
        fields={"honour": "year"},
        when=f"{_HONOUR_AGE} < {NOBODY_BELOW}",
        words=f"荣誉年度为{{honour_year}}年，早于本人年满{NOBODY_BELOW}周岁之年",
        source=LIFE,
        cell="honours",
    ),
    Rule(
        key="honour.before-sixteen",
        impossible=False,
        fields={"honour": "year"},
        when=f"({_HONOUR_AGE} >= {NOBODY_BELOW} AND {_HONOUR_AGE} < {LAWFUL_FROM})",
        words=f"荣誉年度为{{honour_year}}年，早于本人年满{LAWFUL_FROM}周岁之年",
        source=LABOUR_LAW,
        cell="honours",
    ),
    Rule(
        key="honour.year-out-of-range",
        impossible=True,
        fields={"honour": "year"},
        when=f"(honour_year < {FIRST_YEAR} OR honour_year > extract(year FROM today))",
        words=f"年度应在{FIRST_YEAR}年至{{extract(year FROM today)}}年之间",
        source="尚未到来的年度不会已有荣誉",
    ),
    Rule(
        key="honour.conferred-in-another-year",
        impossible=True,
        fields={"honour": "conferred_on"},
        # A list of a year is often announced early in the next one.
        when="extract(year FROM conferred_on) NOT IN (honour_year, honour_year + 1)",
        words="授予日期应在荣誉年度当年或次年",
        source=SAME_RECORD,
    ),
]

_WORLDSKILLS = (
    "((41, 2011), (42, 2013), (43, 2015), (44, 2017), (45, 2019), (46, 2022), (47, 2024), (48, 2026))"
)
COMPETITION = [
    *too_young("competition", "held_on", "held_on", "比赛日期"),
    Rule(
        key="competition.old-for-worldskills",
        impossible=False,
        fields={"competition": "held_on"},
        when=(
            "(competition = 'worldskills' AND role = 'competitor' "
            "AND extract(year FROM held_on) - extract(year FROM birth_on) > 25)"
        ),
        words=f"世界技能大赛选手比赛当年一般不超过25周岁，本人当时{{{age('held_on')}}}周岁",
        source=(
            "世界技能组织《竞赛规则》（WSI OD03）对选手的年龄限制：多数项目22周岁，少数项目25周岁"
            f"（{NO_ARTICLE}）"
        ),
    ),
    Rule(
        key="competition.another-edition",
        impossible=False,
        fields={"competition": "edition"},
        when=(
            "(competition = 'worldskills' AND edition IS NOT NULL AND held_on IS NOT NULL "
            f"AND held_on < date '2028-01-01' AND (edition, extract(year FROM held_on)) NOT IN {_WORLDSKILLS})"
        ),
        words="第{edition}届世界技能大赛不在{extract(year FROM held_on)}年举行",
        source="我国自第41届（2011年）起参加世界技能大赛",
    ),
    Rule(
        key="competition.another-prize",
        impossible=False,
        fields={"competition": "prize"},
        when=(
            "((rank = 1 AND prize IN ('silver', 'bronze', 'excellence')) OR (rank > 3 AND prize = 'gold'))"
        ),
        words="名次为第{rank}名，与所登记的奖项不一致",
        source="奖项按名次授予",
    ),
]

SCHOOLING = [
    *too_young("schooling", "graduated_on", "graduated_on", "毕业日期"),
    Rule(
        key="schooling.young-for-class",
        impossible=False,
        fields={"schooling": "graduated_on"},
        when=(
            "(graduated_on < birth_on + CASE school_class WHEN 'senior' THEN interval '18 years' "
            "WHEN 'pre_technician' THEN interval '19 years' END "
            f"AND graduated_on >= birth_on + interval '{LAWFUL_FROM} years')"
        ),
        words=f"毕业日期为{{graduated_on}}，本人当时{{{age('graduated_on')}}}周岁，从这一班别毕业明显偏小",
        source="技工院校招收初中毕业生，高级工班、预备技师班学制五年、六年",
    ),
]

ATTESTED = [
    *too_young("attested", "since", "attested_since", "起始日期"),
    Rule(
        key="attested.young-parent",
        impossible=False,
        fields={"attested": "since"},
        when=(
            "(attested = 'child_in_compulsory_education' "
            f"AND {between_ages('attested_since', LAWFUL_FROM, 22)})"
        ),
        words=f"子女已处于义务教育阶段，本人当时{{{age('attested_since')}}}周岁",
        source="《中华人民共和国义务教育法》第十一条：年满六周岁的儿童入学",
    ),
]

CLAIM = [
    *too_young("claim", "claimed_on", "claimed_on", "申领日期"),
    Rule(
        key="claim.before-the-subsidy",
        impossible=False,
        fields={"claim": "claimed_on"},
        when="(claim_kind = 'skill_upgrade' AND claimed_on < date '2017-01-01')",
        words="申领日期为{claimed_on}，早于技能提升补贴开始实施的2017年1月1日",
        source="《关于失业保险支持参保职工提升职业技能有关问题的通知》（人社部发〔2017〕40号）"
        f"（{NO_ARTICLE}）",
    ),
    Rule(
        key="claim.before-the-certificate",
        impossible=False,
        fields={"claim": "claimed_on"},
        when="claimed_on < claim_certified_on",
        words="申领日期为{claimed_on}，早于同一职业（工种）、同一等级证书的发证日期{claim_certified_on}",
        source="补贴凭证书申领",
    ),
]
