"""People on both sides of every line the assessment draws, and a second writing of it in plain Python.

`people(count, seed)` are descriptions, `store` puts them into the register, `expected` says what must come of
each. Nothing here is shared with the portal's own rules, scoring or SQL.
"""

from __future__ import annotations

import hashlib
import random
from datetime import date, timedelta
from typing import Any

from portal.policy.facts import SkillLevel

AS_OF = date(2026, 10, 31)
BEFORE, AFTER = AS_OF - timedelta(days=1), AS_OF + timedelta(days=1)
BANNERS = ["150624", "150621", "150203", "152923"]
CONTRIBUTING = (
    "solved_major_technical_problem",
    "regional_innovation_award",
    "outstanding_mentor",
    "outstanding_contribution",
)
HONOURS = (
    "northern_border_craftsman",
    "regional_technical_expert",
    "league_craftsman",
    "special_allowance_regional",
)


def people(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    pick, maybe = chance.choice, lambda part: chance.random() < part
    found = []
    for number in range(count):
        found.append(
            {
                "name": f"王建国{number}",
                "region": pick(BANNERS),
                "certificates": [
                    (pick([10, 30, 40, 40, 50, 60, 80]), pick([None, BEFORE, AS_OF, AFTER]))
                    for _ in range(pick([0, 1, 1, 2]))
                ],
                # (open, on the front line, years)
                "jobs": [(False, True, "30.0")] * maybe(0.3)
                + [
                    (
                        True,
                        pick([True, True, True, False, None]),
                        pick([None, "0.0", "9.9", "10.0", "12.5", "33.3"]),
                    )
                ]
                * maybe(0.8),
                "honours": [
                    (
                        pick(HONOURS),
                        year,
                        pick([None, None, BEFORE, AFTER]),
                        pick(["verified", "verified", "unverified"]),
                    )
                    for year in chance.sample([2019, 2024, 2026, 2027], pick([0, 0, 1, 3]))
                ],
                # (competition, rank, prize, role, day)
                "results": [
                    (
                        pick(["worldskills", "national_class_one", "regional"]),
                        pick([None, 1, 2, 3, 4]),
                        pick(["", "", "gold", "none"]),
                        pick(["competitor", "competitor", "coach"]),
                        pick([None, BEFORE, AFTER]),
                    )
                    for _ in range(pick([0, 0, 0, 1, 2]))
                ],
                # code: (value, since, until)
                "attested": {
                    code: (
                        pick([True, True, False]),
                        pick([BEFORE, AS_OF, AFTER]),
                        pick([None, None, AS_OF, BEFORE]),
                    )
                    for code in chance.sample([*CONTRIBUTING, "superb_skill"], pick([0, 0, 1, 3]))
                },
            }
        )
    return found


def store(
    described: list[dict[str, Any]], *, recorded_by: Any, verified_by: Any
) -> dict[int, dict[str, Any]]:
    """Put them into the register; {id of the worker: description}."""
    from django.utils import timezone

    from portal.workforce.models import AttestedFact, CompetitionResult, Employment, Honour, SkillCredential
    from tests.cast import confirm_everything, make_worker

    by_worker = {}
    for one in described:
        worker = make_worker(one["name"], region=one["region"])
        by_worker[worker.pk] = {**one, "digest": bytes(worker.id_digest)}
        own = {"worker": worker, "source": "窗口登记"}
        for place, (level, issued_on) in enumerate(one["certificates"]):
            SkillCredential.objects.create(
                occupation="焊工", level=level, issued_on=issued_on, number=f"N{place}", **own
            )
        for is_open, front_line, years in one["jobs"]:
            Employment.objects.create(
                on_front_line=front_line,
                front_line_years=years,
                ended_on=None if is_open else date(2020, 1, 1),
                **own,
            )
        for code, year, conferred_on, state in one["honours"]:
            verified = (
                {"verified_by": verified_by, "verified_at": timezone.now()} if state == "verified" else {}
            )
            Honour.objects.create(
                type_id=code,
                named_as=code,
                year=year,
                conferred_on=conferred_on,
                state=state,
                recorded_by=recorded_by,
                **verified,
                **own,
            )
        for competition, rank, prize, role, held_on in one["results"]:
            CompetitionResult.objects.create(
                competition=competition,
                name="技能大赛",
                rank=rank,
                prize=prize,
                role=role,
                held_on=held_on,
                **own,
            )
        for code, (value, since, until) in one["attested"].items():
            AttestedFact.objects.create(
                code=code, value=value, since=since, until=max(until, since) if until else None, **own
            )
    confirm_everything(*by_worker)
    return by_worker


def expected(one: dict[str, Any], scheme: dict[str, Any], *, on_registry: bool = False) -> dict[str, Any]:
    """What the assessment must say about a person."""
    levels = [level for level, issued_on in one["certificates"] if issued_on is None or issued_on <= AS_OF]
    level = max(levels) if levels else None
    front_line, years = next(((line, years) for is_open, line, years in one["jobs"] if is_open), (None, None))
    honours = {
        code
        for code, year, conferred_on, state in one["honours"]
        if state == "verified" and year <= AS_OF.year and (conferred_on is None or conferred_on <= AS_OF)
    }
    achievements = set()
    for competition, rank, prize, role, held_on in one["results"]:
        result = prize if prize not in ("", "none") else {1: "first", 2: "second", 3: "third"}.get(rank)
        if role == "competitor" and result and (held_on is None or held_on <= AS_OF):
            achievements.add(f"{competition}-{result}")
    for code, (value, since, until) in one["attested"].items():
        ends = max(until, since) if until else None
        if code in CONTRIBUTING and value and since <= AS_OF and (ends is None or ends >= AS_OF):
            achievements.add(code)

    def worth(table: str, codes: Any) -> int:
        return sum(scheme[table].get(code, 0) for code in codes)

    tenths = None if years is None else int(years.replace(".", ""))
    raw = {
        "skill": worth("levels", [SkillLevel(level).code] if level else []),
        "achievement": worth("honours", honours) + worth("competitions", achievements),
        "contribution": worth("contributions", achievements),
        "front_line": (tenths or 0) // 10 * scheme["front_line_year"],
    }
    parts = {code: min(points, scheme["most"][code]) for code, points in raw.items()}
    # In the order of the law: in force, level, front line.
    holds = [True, None if level is None else level >= 40, front_line]
    outcome = "ineligible" if False in holds else "undetermined" if None in holds else "eligible"
    return {
        "skill_level": level,
        "on_front_line": front_line,
        "front_line_tenths": tenths,
        "honours": sorted(honours),
        "achievements": sorted(achievements),
        "on_registry": on_registry,
        "outcome": outcome,
        "failed": sum(1 << n for n, held in enumerate(holds) if held is False),
        "unknown": sum(1 << n for n, held in enumerate(holds) if held is None),
        **parts,
        "score": sum(parts.values()),
        "region_code": one["region"],
        "league_code": one["region"][:4] + "00",
    }


def places(
    by_worker: dict[int, dict[str, Any]], said: dict[int, dict[str, Any]], year: int
) -> dict[int, int | None]:
    """Place in the league, for the eligible who are not on the registry."""
    found: dict[int, int | None] = dict.fromkeys(by_worker)
    for league in {one["league_code"] for one in said.values()}:
        rivals = [
            pk
            for pk, one in said.items()
            if one["league_code"] == league and one["outcome"] == "eligible" and not one["on_registry"]
        ]
        rivals.sort(
            key=lambda pk: (
                -said[pk]["score"],
                -said[pk]["skill"],
                -said[pk]["contribution"],
                -said[pk]["achievement"],
                -said[pk]["front_line"],
                hashlib.sha256(str(year).encode() + by_worker[pk]["digest"]).hexdigest(),
            )
        )
        found |= {pk: place for place, pk in enumerate(rivals, start=1)}
    return found
