"""The limits that many rules share, and the rules that are the same for whatever has a day or a length."""

from __future__ import annotations

from portal.workforce.plausibility.rules import Rule, age, before_age, between_ages, years_since_age

# Nothing that the register keeps is older: for forms and rosters alike.
FIRST_YEAR = 1949
# Below the first age nobody has learned or done what the register is about. From the second on the law lets people
# work.
NOBODY_BELOW, LAWFUL_FROM = 14, 16
LIFE = "早于这一年龄不可能从业或取得职业技能证书"
LABOUR_LAW = "《中华人民共和国劳动法》第十五条：禁止用人单位招用未满十六周岁的未成年人"
# A document that has no such article, or whose article was not found: then nobody is told a number. What rests on it
# is asked about, never refused.
NO_ARTICLE = "没有查得条号，只用于提示核对"
STANDARDS = (
    "各职业国家职业标准“职业概况”中的“申报条件”：取得下一等级后须从事本职业若干年，年限因职业而异"
    f"（{NO_ARTICLE}）"
)
AGES_BY_LEVEL = (
    "各职业国家职业标准“职业概况”中的“申报条件”没有写明年龄；这里的年龄由初中毕业起逐级从业的年限推算"
    f"（{NO_ARTICLE}）"
)
SAME_RECORD = "两项信息相互矛盾"


def too_young(kind: str, field: str, day: str, what: str, *, cell: str = "") -> list[Rule]:
    """Before fourteen it is impossible, before sixteen improbable, whatever it is."""
    return [
        Rule(
            key=f"{kind}.before-fourteen",
            impossible=True,
            fields={kind: field},
            when=before_age(day, NOBODY_BELOW),
            words=f"{what}为{{{day}}}，本人{{birth_on}}出生，当时未满{NOBODY_BELOW}周岁",
            source=LIFE,
            cell=cell,
        ),
        Rule(
            key=f"{kind}.before-sixteen",
            impossible=False,
            fields={kind: field},
            when=between_ages(day, NOBODY_BELOW, LAWFUL_FROM),
            words=f"{what}为{{{day}}}，本人当时{{{age(day)}}}周岁，未满{LAWFUL_FROM}周岁",
            source=LABOUR_LAW,
            cell=cell,
        ),
    ]


def longer_than_life(
    key: str, fields: dict[str, str], years: str, until: str, what: str, *, cell: str = ""
) -> list[Rule]:
    """So many years of anything that begins with work have no room since fourteen, or since sixteen."""
    since_fourteen = years_since_age(NOBODY_BELOW, until)
    since_sixteen = years_since_age(LAWFUL_FROM, until)
    return [
        Rule(
            key=f"{key}.longer-than-life",
            impossible=True,
            fields=fields,
            # Who gives whole years has rounded them.
            when=f"{years} > greatest({since_fourteen}, 0) + 0.5",
            words=f"{what}，本人{{birth_on}}出生，从{NOBODY_BELOW}周岁算起也不够",
            source=LIFE,
            cell=cell,
        ),
        Rule(
            key=f"{key}.from-before-sixteen",
            impossible=False,
            fields=fields,
            when=(
                f"({years} > greatest({since_sixteen}, 0) + 1 "
                f"AND {years} <= greatest({since_fourteen}, 0) + 0.5)"
            ),
            words=f"{what}，本人{{birth_on}}出生，即未满{LAWFUL_FROM}周岁已开始工作",
            source=LABOUR_LAW,
            cell=cell,
        ),
    ]
