"""What the law leaves open and money may hang on: how the portal reads it is said as a caveat of every answer it touches.

Each is one of the open questions on the shelf (data/open_questions.yaml), by its code; the reasons stand there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.benefits.skills import RELAXED_2025
from portal.policy.facts import LEVEL_BY_CODE
from portal.policy.rules import Interval, is_within

Facts = Mapping[str, Any]
_CONFIRM = "须由经办机构确认。"


@dataclass(frozen=True)
class OpenReading:
    """An open question as it touches one person. `touches` is asked of canonical facts, of which any may be unknown.

    `facts` are those it asks for. What is asked beyond the benefit's rule (`beyond_the_rule`) is known while somebody
    is asked and stands in no stored evidence: there it is not told.
    """

    code: str
    benefit: str
    says: str
    facts: tuple[str, ...]
    touches: Callable[[Facts], bool]
    # The days on which it matters; always, when there are none.
    during: tuple[Interval, ...] = ()
    # Whether it asks for a fact that decides nothing of the benefit.
    beyond_the_rule: bool = False


def _mixes_claims(facts: Facts) -> bool:
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


def _would_gain_by_backdating(facts: Facts) -> bool:
    months = facts.get("unemployment_insured_months")
    return bool(facts.get("drawing_unemployment_benefit")) or (months is not None and 12 <= months < 36)


def _holds_a_higher_level(facts: Facts) -> bool:
    held, claimed = facts.get("skill_level"), facts.get("certificate_level")
    return bool(held and claimed and LEVEL_BY_CODE[held] > LEVEL_BY_CODE[claimed])


def _helped_at_worldskills(facts: Facts) -> bool:
    helped = facts.get("competition_role") in ("technical_expert", "coach", "interpreter")
    return helped and facts.get("competition") == "worldskills"


OPEN_READINGS = (
    OpenReading(
        "may-day-medal-grade",
        "registry.direct-inclusion",
        f"文件没有写明五一劳动奖章是否包括自治区级；级别由名录管理人员确认时认定，{_CONFIRM}",
        ("honours",),
        lambda facts: "may_day_medal" in (facts.get("honours") or ()),
    ),
    OpenReading(
        "mixed-claims",
        "training.skill-upgrade",
        "本年度的申领兼有（或可能兼有）急需紧缺职业（工种）和其他职业（工种）的证书，文件没有写明怎样计次；"
        f"本平台两类分别计次，不论先后，{_CONFIRM}",
        ("claims_this_year", "scarce_claims_this_year", "certificate_occupation_scarce"),
        _mixes_claims,
        during=(RELAXED_2025,),
    ),
    OpenReading(
        "relaxation-backdating",
        "training.skill-upgrade",
        f"2025年的放宽自4月22日公布，是否追溯到1月1日没有查得；本平台不追溯，{_CONFIRM}",
        ("unemployment_insured_months", "drawing_unemployment_benefit"),
        _would_gain_by_backdating,
        during=(("2025-01-01", "2025-04-21"),),
    ),
    OpenReading(
        "higher-level-held",
        "training.skill-upgrade",
        "已持有更高的技能等级。同一职业（工种）持有更高等级证书的，能否再以较低等级证书申领，文件没有写明；"
        f"本平台只看是否领过更高等级的补贴，{_CONFIRM}",
        ("skill_level", "certificate_level"),
        _holds_a_higher_level,
        beyond_the_rule=True,
    ),
    OpenReading(
        "worldskills-staff-award",
        "award.worldskills",
        "对技术指导专家、教练、技术翻译的“同等奖励”，文件没有写明按每人还是按项目组计算；"
        f"本平台按每人与选手同等计算，{_CONFIRM}",
        ("competition", "competition_role"),
        _helped_at_worldskills,
        beyond_the_rule=True,
    ),
)


def open_readings_of(benefit: str, on: dt.date) -> tuple[OpenReading, ...]:
    """What is open of a benefit on a day."""
    day = on.isoformat()
    return tuple(one for one in OPEN_READINGS if one.benefit == benefit and is_within(one.during, day))
