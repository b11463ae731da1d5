"""What the law leaves open and money may hang on: how the portal reads it is said as a caveat of every answer it touches.

Each is one of the open questions on the shelf (data/open_questions.yaml), by its code; the reasons stand there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.rules import Interval, is_within

Facts = Mapping[str, Any]
CONFIRM = "须由经办机构确认。"


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


def _helped_at_worldskills(facts: Facts) -> bool:
    helped = facts.get("competition_role") in ("technical_expert", "coach", "interpreter")
    return helped and facts.get("competition") == "worldskills"


OPEN_READINGS: list[OpenReading] = [
    OpenReading(
        "may-day-medal-grade",
        "registry.direct-inclusion",
        f"文件没有写明五一劳动奖章是否包括自治区级；级别由名录管理人员确认时认定，{CONFIRM}",
        ("honours",),
        lambda facts: "may_day_medal" in (facts.get("honours") or ()),
    ),
    OpenReading(
        "worldskills-staff-award",
        "award.worldskills",
        "对技术指导专家、教练、技术翻译的“同等奖励”，文件没有写明按每人还是按项目组计算；"
        f"本平台按每人与选手同等计算，{CONFIRM}",
        ("competition", "competition_role"),
        _helped_at_worldskills,
        beyond_the_rule=True,
    ),
]


def register_open_reading(reading: OpenReading) -> None:
    """Make known how a programme reads what the law leaves open about a benefit of its own."""
    if reading not in OPEN_READINGS:
        OPEN_READINGS.append(reading)


def open_readings_of(benefit: str, on: dt.date) -> tuple[OpenReading, ...]:
    """What is open of a benefit on a day."""
    day = on.isoformat()
    return tuple(one for one in OPEN_READINGS if one.benefit == benefit and is_within(one.during, day))
