"""Claims: moved by the thousand, listed by the million, and claimed in two taps.

    ./jht bench claims [-- --cases 1000000 --claims 10000 --singly 300 --taps 200 --rounds 60]

Ten thousand are taken in, reviewed and approved by the job of the list, as a worker process does it: with events, duties,
audit, letters as records and results for each. Beside it, in the same run, some hundred like them go the same way one by
one; what stands of each afterwards is compared. Files of letters are built after the commit by workers of their own
(`bench letters`), on both paths, and are not counted. All of it runs in a register that has the million of the list,
which is listed first, as the years left it.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from bench import asking, claim_rows
from bench.crowd import RARE
from bench.database import owner
from bench.figures import Said
from bench.timing import seconds_of
from portal.accounts.access import NotNow, Refused
from portal.accounts.models import User
from portal.cases.models import Case
from portal.cases.models.life import NEWEST_FIRST
from portal.jobs import runner
from portal.jobs.models import Job
from portal.letters.models import Letter
from portal.workforce.models import PayeeAccount, SkillCredential
from subsidies import claiming, handling, jobs
from subsidies.models import Claim
from subsidies.schemes import SCHEMES, SKILL_UPGRADE

MOST_SECONDS, LEAST_TIMES, PAGE_MS, DEEPEST_LIMIT, TAP_MS = 60.0, 5.0, 100.0, 1.5, 200.0
NOTE = "核对无误。"
LIST = "/subsidies/claims/"


# -- moved by the thousand -----------------------------------------------------------------------------------
class _Office:
    """Whoever takes in, reviews and approves."""

    def __init__(self) -> None:
        self.clerk = asking.person("bench.clerk", "window_clerk", claim_rows.LEAGUE)
        self.reviewer = asking.person("bench.reviewer", "league_reviewer", claim_rows.LEAGUE)
        self.approver = asking.person("bench.approver", "approver", "150000")


def _move(action: str, cases: Sequence[int], by: User, note: str = "") -> tuple[float, dict[int, str]]:
    """Seconds of the job, and what is noted of each claim."""
    versions = dict(Case.objects.filter(pk__in=cases).values_list("pk", "version"))
    job = jobs.start_moving(action, versions, note=note, by=by, on=timezone.localdate())
    seconds = seconds_of(lambda: runner.run_job(job.pk))
    done = Job.objects.get(pk=job.pk)
    if done.state != "done":
        raise SystemExit(f"{action}: {done.state} {done.message}")
    results = {int(key): f"{ok} {text}" for key, ok, text in job.items.values_list("key", "ok", "message")}
    print(
        f"    {action:<8} {seconds:6.2f} s  {done.result['done']:,} moved, {done.result['refused']:,} left",
        flush=True,
    )
    return seconds, results


def _in_bulk(cases: Sequence[int], office: _Office) -> tuple[float, list[list[str]]]:
    taken, results = zip(
        _move("accept", cases, office.clerk),
        _move("review", cases, office.reviewer, NOTE),
        _move("approve", cases, office.approver),
        strict=True,
    )
    return sum(taken), [[step[case] for step in results] for case in cases]


def _one_by_one(cases: Sequence[int], office: _Office) -> tuple[float, list[list[str]]]:
    on = timezone.localdate()
    said: list[list[str]] = [[] for _ in cases]

    def each(done: str, act: Callable[[int], Any]) -> None:
        for case, results in zip(cases, said, strict=True):
            try:
                act(case)
                results.append(f"True {done}")
            except (NotNow, Refused) as refusal:
                results.append(f"False {refusal}")

    def go() -> None:
        each("已受理", lambda case: claiming.accept(case, by=office.clerk, on=on))
        each("已审核", lambda case: handling.review(case, by=office.reviewer, on=on, note=NOTE))
        each("已批准", lambda case: handling.approve(case, by=office.approver, on=on))

    return seconds_of(go), said


# All that stands of a claim but for numbers and moments: {n} is what the person and the certificate are numbered.
_STANDING = """
SELECT p.case_id, jsonb_build_object(
    'case', to_jsonb(c) - '{id,number,worker_id,state_since,opened_at,closed_at}'::text[],
    'closed', c.closed_at IS NOT NULL,
    'claim', (to_jsonb(p) - '{case_id,worker_id,credential_id,handed_in_at,determination_id,decision_id,record_id}'::text[]),
    'events', (SELECT jsonb_agg(to_jsonb(e) - '{id,case_id,at,detail}'::text[]
                                || jsonb_build_object('detail', e.detail - 'digest', 'read', e.detail ? 'digest')
                                ORDER BY e.position) FROM cases_caseevent e WHERE e.case_id = c.id),
    'duties', (SELECT jsonb_agg(jsonb_build_array(u.duty, u.person_id) ORDER BY u.duty)
               FROM cases_caseduty u WHERE u.case_id = c.id),
    'keys', (SELECT jsonb_agg(jsonb_build_array(k.kind, k.occupation, k.level, k.fund, k.year, k.place,
                                                k.freed_at IS NULL, k.person_id = c.worker_id) ORDER BY k.kind)
             FROM subsidies_claimkey k WHERE k.claim_id = c.id),
    'decided', (SELECT jsonb_agg(to_jsonb(d) - '{id,subject_id,decided_at,supersedes_id,batch,digest,facts}'::text[]
                                 ORDER BY d.id)
                FROM policy_determination d
                WHERE d.subject_type = 'certificate' AND d.subject_id = p.credential_id),
    'messages', (SELECT jsonb_agg(jsonb_build_array(m.kind, m.stage, m.state, m.on) ORDER BY m.id)
                 FROM outgoing_message m WHERE m.case_id = c.id),
    'record', (SELECT to_jsonb(r) - '{id,worker_id,certificate_number,source,recorded_at}'::text[]
               FROM workforce_benefitclaim r WHERE r.id = p.record_id)
) FROM subsidies_claim p JOIN cases_case c ON c.id = p.case_id WHERE p.case_id = ANY (%s)
"""
_AUDITED = """
SELECT c.case_id, (SELECT jsonb_agg(jsonb_build_array(a.action, a.actor_id, a.region_code, a.detail - 'number') ORDER BY a.id)
                   FROM audit_entry a WHERE a.worker_ref = c.worker_id)
FROM subsidies_claim c WHERE c.case_id = ANY (%s)
"""


def _standing(cases: Sequence[int]) -> list[str]:
    """What stands of each of the claims, in words that can be compared."""
    with owner() as cursor:
        cursor.execute(_STANDING, [list(cases)])
        told = dict(cursor.fetchall())
        cursor.execute(_AUDITED, [list(cases)])
        audited = dict(cursor.fetchall())
    letters: dict[int, list[Any]] = {}
    for letter in Letter.objects.filter(case__in=cases).order_by("pk"):
        said = {key: value for key, value in letter.context.items() if key != "case_number"}
        how = (
            letter.kind,
            letter.template_version,
            letter.issuer_id,
            letter.issued_by_id,
            str(letter.issued_on),
        )
        letters.setdefault(letter.case_id, []).append([*how, letter.region_id, letter.is_sample, said])
    return [
        json.dumps([told[case], audited[case], letters.get(case)], ensure_ascii=False, sort_keys=True)
        for case in cases
    ]


def _without_numbers(results: Sequence[Sequence[str]]) -> list[str]:
    return [re.sub(r"JN-2026-N\d+", "", str(of_claim)) for of_claim in results]


def _differing(some: Sequence[str], others: Sequence[str]) -> int:
    unlike = [(one, other) for one, other in zip(some, others, strict=True) if one != other]
    if unlike:
        place = next(
            place for place, (one, other) in enumerate(zip(*unlike[0], strict=False)) if one != other
        )
        print(
            "    the first that differs:",
            *(said[max(place - 60, 0) : place + 200] for said in unlike[0]),
            sep="\n    ",
        )
    return len(unlike)


def _measure_moving(said: Said, claims: int, singly: int, first: int) -> None:
    runner.run_job.delay = lambda job_id: None
    office, on = _Office(), timezone.localdate()
    alone = claim_rows.handed_in(singly, first=first, on=on)
    together = claim_rows.handed_in(claims, first=first + singly, on=on)
    print(f"\n{claims:,} claims in bulk, {singly:,} one by one")
    one_by_one, said_of_each = _one_by_one(alone, office)
    print(f"    one by one {one_by_one:.2f} s, {one_by_one / singly * 1000:.1f} ms each")
    in_bulk, said_of_all = _in_bulk(together, office)
    print(f"    in bulk {in_bulk:.2f} s, {in_bulk / claims * 1000:.2f} ms each")
    compared = min(singly, claims)
    differing = _differing(_standing(alone[:compared]), _standing(together[:compared]))
    differing += _differing(
        _without_numbers(said_of_each[:compared]), _without_numbers(said_of_all[:compared])
    )
    said.say("accepted, reviewed and approved", in_bulk, MOST_SECONDS * claims / 10_000, unit=" s")
    said.say(
        "times one by one", one_by_one / singly / (in_bulk / claims), LEAST_TIMES, at_least=True, unit=" ×"
    )
    said.say(f"of {compared:,} differ from one like them that went alone", differing, 0)


# -- listed by the million -----------------------------------------------------------------------------------
_COMMON = (
    "",
    "kind=subsidies.skill-upgrade",
    "kind=subsidies.technician",
    "state=approved",
    "state=submitted",
    "state=first_reviewed",
    "state=no_figure",
    "channel=self",
    "channel=employer",
    "name=王",
    "name=国",
    "name=建国",
    f"name={RARE}",
    "state=approved&channel=employer",
    "state=returned&channel=employer&kind=subsidies.technician",
    "state=no_figure&channel=window&kind=subsidies.technician",
    "state=rejected&name=建国",
    "state=approved&kind=subsidies.technician&channel=employer&name=国",
)
_OF_REGION = (
    *_COMMON,
    "region=150600",
    "region=152923",
    "region=150600&state=submitted",
    "region=152923&state=approved",
    "region=152923&state=first_reviewed",
    "region=152923&state=no_figure&channel=employer",
    "region=150600&state=approved&channel=employer&kind=subsidies.technician",
    "region=150600&name=国",
    "region=152923&state=approved&name=建国",
    f"region=152900&name={RARE}",
)
_OF_LEAGUE = (
    *_COMMON,
    "region=150624",
    "region=150624&state=approved&channel=employer",
    "region=150624&name=国",
)


def _cases(user: User) -> Any:
    return Case.objects.visible_to(user).filter(kind__in=SCHEMES)


def _measure_lists(said: Said, rounds: int) -> None:
    people = (
        ("region", "regional_reviewer", "150000", _OF_REGION),
        ("league", "league_reviewer", claim_rows.LEAGUE, _OF_LEAGUE),
        ("banner", "window_clerk", "150624", _COMMON),
    )
    figures = []
    for called, role, place, asked in people:
        user = asking.person(f"bench.list.{called}", role, place)
        client = asking.signed_in(user)
        worst = asking.report(f"claims, {called}", asking.queries(client, LIST, asked), rounds)
        last = asking.deepest(LIST, _cases(user), NEWEST_FIRST)
        first, deep = asking.asks(client, LIST), asking.asks(client, last)
        pair = asking.p95_of(first, rounds), asking.p95_of(deep, rounds)
        print(f"  first page {pair[0]:.1f} ms, deepest {pair[1]:.1f} ms")
        figures.append((called, worst, pair[1] / pair[0]))
    print()
    for called, worst, ratio in figures:
        said.say(f"any filter, {called}, p95", worst, PAGE_MS, unit=" ms")
        said.say(f"deepest page, {called}, times the first", ratio, DEEPEST_LIMIT, unit=" ×")


# -- in two taps ---------------------------------------------------------------------------------------------
_ACCOUNTS = """
WITH made AS (
    INSERT INTO accounts_user (
        username, display_name, password, is_active, must_change_password, password_changed_at, created_at)
    SELECT 'bench.worker' || w.id, w.name, '!', true, false, now(), now()
    FROM workforce_worker w WHERE w.id = ANY (%(workers)s) ORDER BY w.id
    RETURNING id, username
), given AS (
    INSERT INTO accounts_roleassignment (user_id, role, region_id, since)
    SELECT id, 'worker', '150624', date '2026-01-01' FROM made
)
UPDATE workforce_worker w SET account_id = made.id FROM made WHERE made.username = 'bench.worker' || w.id
"""


def _measure_taps(said: Said, taps: int, first: int) -> None:
    """The second tap, until the page stands that says under which number it was handed in."""
    # Of fifty, two have something that nobody has confirmed.
    found = claim_rows.claimants(taps * 50 // 48 + 2, first=first, on=timezone.localdate())
    ready = [credential for place, credential in enumerate(found) if place % 50 < 48][:taps]
    credentials = list(SkillCredential.objects.filter(pk__in=ready).select_related("worker").order_by("pk"))
    with owner() as cursor:
        cursor.execute(_ACCOUNTS, {"workers": [one.worker_id for one in credentials]})
    times = []
    for place, credential in enumerate(credentials):
        account = _payee_of(credential.worker, place)
        client = asking.signed_in(User.objects.get(worker=credential.worker_id))
        address = reverse(
            "subsidies:claim_own", args=[credential.pk, SKILL_UPGRADE.removeprefix("subsidies.")]
        )
        asking.asks(client, address)()
        times.append(asking.milliseconds(partial(_tap, client, address, account)))
    made = Claim.objects.filter(credential__in=credentials, prefilled=True).count()
    if made != len(credentials):
        raise SystemExit(f"{made:,} of {len(credentials):,} were claimed without typing")
    print(f"\n{len(times):,} prefilled claims")
    said.say("from tap to receipt, p95", asking.p95(times[len(times) // 20 :]), TAP_MS, unit=" ms")


def _payee_of(worker: Any, place: int) -> int:
    account = PayeeAccount(
        worker=worker, bank="合成银行", source="合成数据", account_digest=place.to_bytes(32)
    )
    account.account_number = f"622848{place:012d}"
    account.save()
    return account.pk


def _tap(client: Any, address: str, account: int) -> None:
    answer = client.post(address, {"account": account})
    if answer.status_code != 302:
        raise SystemExit(f"{address} answered {answer.status_code}")
    receipt = client.get(answer["Location"])
    if receipt.status_code != 200 or "已提交" not in receipt.content.decode():
        raise SystemExit(f"{answer['Location']} is no receipt")


# ------------------------------------------------------------------------------------------------------------
def _begin_anew() -> None:
    """Each part is done by processes of its own in a portal: no page is served by one that moved ten thousand claims
    before, with all that is left of them to be looked through, and with their session of the database.
    """
    connection.close()
    gc.collect()
    gc.freeze()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench claims")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--singly", type=int, default=300)
    parser.add_argument("--taps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--only", choices=("moving", "lists", "taps"), help="one of the three parts")
    asked = parser.parse_args(argv)
    # Pages name their static files by the manifest, as in production.
    call_command("collectstatic", verbosity=0, interactive=False)
    took = seconds_of(lambda: claim_rows.populate(asked.cases))
    print(f"{asked.cases:,} claims of half as many people, in {took:.0f} s")
    said, first = Said(), asked.cases + 1
    parts: dict[str, Callable[[], None]] = {
        # Before ten thousand of one kind, one channel and one day stand above all others.
        "lists": lambda: _measure_lists(said, asked.rounds),
        "taps": lambda: _measure_taps(said, asked.taps, first + asked.claims + asked.singly),
        "moving": lambda: _measure_moving(said, asked.claims, asked.singly, first),
    }
    for name, measure in parts.items():
        if asked.only in (None, name):
            _begin_anew()
            measure()
    return 0 if said.reached else 1
