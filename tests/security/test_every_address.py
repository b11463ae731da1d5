"""Every address, asked by everybody who does not belong: of another league in every role, after the role has ended,
without an account. Nobody learns anything of 斯琴图雅格日勒, and nothing changes.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from portal.accounts.actions import end_role
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import ADMINISTRATORS, Role
from portal.audit.models import Entry
from portal.cases.models import CaseEvent
from tests.cast import BAOTOU, KUNDULUN, OTOG, make_account, make_worker
from tests.roles import undone
from tests.security.furnished import Furnished, furnish
from tests.selection.nominees import make_employer

pytestmark = pytest.mark.sweep
WORK = [role for role in Role if role not in {*ADMINISTRATORS, Role.WORKER}]


@pytest.fixture
def furnished(cast: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Furnished:
    from portal.letters import tasks

    monkeypatch.setattr(tasks.build_letters, "delay", lambda ids: None)
    # Of thousands of refusals not each is written to the log.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    return furnish(cast)


# -- who asks ------------------------------------------------------------------------------------------------
def in_every_role(username: str, place: str) -> Any:
    """All roles of the office and around it that one account may hold together: what any of them opens, it opens."""
    user = User.objects.create_user(username, display_name="外地人员")
    RoleAssignment.objects.bulk_create(RoleAssignment(user=user, role=role, region_id=place) for role in WORK)
    return user


def strangers(furnished: Furnished) -> dict[str, Any]:
    """Of 包头, each in a place of their own."""
    agent = make_account("baotou.agent", "外地经办人", Role.EMPLOYER_AGENT, KUNDULUN)
    make_employer("昆都仑机械厂", region=KUNDULUN, agents=(agent,))
    worker = make_worker("外地工人", region=KUNDULUN)
    worker.account = make_account("w20260778", "外地工人", Role.WORKER, KUNDULUN)
    worker.save()
    found = {
        "another league, all roles": in_every_role("baotou.everything", BAOTOU),
        "another league, expert": make_account("baotou.expert", "外地专家", Role.PANEL_EXPERT, BAOTOU),
        "another league, agent": agent,
        "another worker": worker.account,
        "nobody": None,
    }
    for role in ADMINISTRATORS:
        found[f"another league, {role}"] = make_account(f"baotou.{role}", "外地管理员", role, BAOTOU)
    return found


def whose_roles_ended(furnished: Furnished) -> dict[str, Any]:
    """They could see it all until today. The clerk began imports and jobs, the agent and the expert were named."""
    former = {
        "former clerk": furnished.clerk,
        "former agent": furnished.agent,
        "former expert": furnished.expert,
        "former worker": furnished.own,
    }
    for user in former.values():
        for held in user.assignments.all():
            end_role(held.pk, by=None)
    return {who: User.objects.get(pk=user.pk) for who, user in former.items()}


# -- what is asked -------------------------------------------------------------------------------------------
def names(resolver: Any, space: str = "") -> Iterator[str]:
    """The names of all addresses."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inside = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from names(entry, inside)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}"


def arguments(furnished: Furnished) -> dict[str, dict[str, Any]]:
    """What stands for an argument of this name; more exactly, by the beginning of the address's name."""
    numbers, cases, worker = furnished.numbers, furnished.cases, furnished.worker
    return {
        "": {
            "worker_id": worker.pk, "record_id": numbers["credential"], "kind": "credential",
            "employer_id": furnished.unit.pk, "agent_id": furnished.unit.agents.get().pk, "unit_id": furnished.unit.pk,
            "credential_id": numbers["credential"],
            "payee_id": numbers["payee"], "honour_id": numbers["honour"], "job_id": numbers["job"],
            "alert_id": numbers["alert"], "evidence_id": numbers["evidence"], "improbable_id": 1,
            "number": cases["nomination"], "code": cases["letter"], "year": 2026, "version": 1, "pk": 1,
            "action": "withdraw", "step": "open", "mode": "standard", "benefit": "training.skill-upgrade",
        },
        "accounts:user": {"pk": worker.account.pk},
        "accounts:role": {"pk": furnished.own.pk},
        "accounts:factors": {"kind": "app"},
        "window:activation": {"pk": worker.pk},
        "window:document": {"pk": numbers["document"]},
        "window:evidence": {"pk": numbers["evidence"]},
        "window:import": {"pk": numbers["roster"]},
        "window:roster": {"pk": numbers["roster"], "kind": "xlsx"},
        "window:merge": {"kind": "person", "pk": numbers["pointer"], "record_id": worker.pk},
        "window:offer": {"pk": numbers["offer"]},
        "window:request": {"number": cases["request"]},
        "window:rectification": {"number": cases["request"]},
        "window:worker_check": {"code": "age"},
        "window:extract": {"pk": numbers["extract"], "kind": "insurance", "suffix": "csv"},
        "window:coverage": {"pk": numbers["statement"]},
        "window:office": {"code": OTOG},
        "window:fund_document": {"pk": numbers["document_of_money"]},
        "window:fund_closing": {"pk": numbers["closing"]},
        "window:fund_draw": {"pk": numbers["line"]},
        "window:fund_line": {"pk": numbers["line"]},
        "window:fund_line_new": {"pk": numbers["document_of_money"]},
        "window:fund_order": {"pk": numbers["order"]},
        "window:fund_order_new": {"pk": numbers["line"], "move": "appropriate"},
        "window:fund_batch": {"batch_id": numbers["batch"], "step": "send"},
        "window:fund_file": {"file_id": numbers["payment_file"]},
        "window:fund_payment": {"payable_id": numbers["payable"]},
        "window:fund_recovery": {"recovery_id": numbers["recovery"], "step": "remind"},
        "window:fund_recovery_new": {"payable_id": numbers["paid"]},
        "window:fund_court_document": {"pk": numbers["court_document"]},
        "window:fund_plan": {"change_id": numbers["plan_change"]},
        "window:fund_write_off": {"write_off_id": numbers["write_off"]},
        "window:fund_item": {"item_id": numbers["item"]},
        "window:fund_answer": {"answer_id": numbers["answer"]},
        "window:fund_cause": {"cause_id": 1},
        "public:window": {"code": OTOG},
        "my:offer": {"pk": numbers["offer"]},
        "my:case": {"number": cases["request"]},
        "registry:panel": {"pk": numbers["sheet"]},
        "registry:conflict": {"pk": numbers["sheet"]},
        "registry:release": {"pk": numbers["sheet"]},
        "registry:sheet": {"pk": numbers["sheet"]},
        "registry:league": {"code": "150600"},
        "subsidies:": {
            "number": cases["claim"], "evidence_id": numbers["evidence_of_claim"],
            "pk": numbers["course"],
        },
        "subsidies:unit_file": {"pk": numbers["claim_file"], "kind": "xlsx"},
        "subsidies:proposal": {"number": cases["proposal"], "action": "consent"},
        "subsidies:claim_own": {"kind": "technician"},
        "subsidies:claim_training": {"training_id": numbers["training"]},
        "subsidies:confirm_training": {"pk": numbers["training"]},
        "api:worker": {"pk": worker.pk},
        "api:region": {"code": OTOG},
        "api:claim": {"number": cases["claim"]},
        "api:claimable": {"pk": worker.pk},
        "api:job": {"pk": numbers["job"]},
        "api:fund-batch": {"pk": numbers["batch"]},
        "api:fund-payment-file": {"pk": numbers["payment_file"]},
        "api:bank-answer": {"pk": numbers["answer"]},
        "api:recovery": {"pk": numbers["recovery"]},
        "api:attach-court-document": {"pk": numbers["recovery"]},
        "api:court-document": {"pk": numbers["court_document"]},
        "api:remove-court-document": {"pk": numbers["court_document"]},
        "api:write_off": {"pk": numbers["write_off"]},
        "api:plan_change": {"pk": numbers["plan_change"]},
        "api:extract": {"pk": numbers["extract"]},
        "api:course": {"pk": numbers["course"]},
        "api:unit_list": {"pk": numbers["claim_file"]},
        "api:proposal": {"number": cases["proposal"]},
    }  # fmt: skip


def addresses(furnished: Furnished) -> list[tuple[str, bool]]:
    """Each address once, filled in as far as it names something; and whether it does."""
    given = arguments(furnished)
    found: dict[str, bool] = {}
    for name in names(get_resolver()):
        values: dict[str, Any] = {}
        for beginning in sorted(given, key=len):
            if name.startswith(beginning):
                values |= given[beginning]
        space, _, last = name.rpartition(":")
        for possible in _possibilities(name):
            filled = {argument: values[argument] for argument in possible if argument in values}
            assert len(filled) == len(possible), f"{name}: what stands for {set(possible) - set(filled)}?"
            try:
                found[reverse(name, kwargs=filled)] = bool(filled)
            except NoReverseMatch:
                # A code of another shape names nothing here; a wrong shape is the resolver's to refuse.
                continue
    return sorted(found.items())


def _possibilities(name: str) -> list[tuple[str, ...]]:
    """The arguments an address takes."""
    resolver = get_resolver()
    *spaces, last = name.split(":")
    for space in spaces:
        _, resolver = resolver.namespace_dict[space]
    return [
        tuple(arguments) for possible, *_ in resolver.reverse_dict.getlist(last) for _, arguments in possible
    ]


# -- what must not be ----------------------------------------------------------------------------------------
def signed_in_as(user: Any) -> Client:
    """With a second factor, as whoever works in the office signs in."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="portal.accounts.backends.ActiveUserBackend")
    session = client.session
    session["factor"] = {"kind": "totp", "at": 0}
    session.save()
    return client


@contextmanager
def refusals_drawn_once() -> Iterator[None]:
    """A page that refuses is drawn once for each person, reason and method: of thousands they are a few dozen."""
    draw, drawn = Template.render, {}

    def render(self: Any, context: Any = None, request: Any = None) -> str:
        name = self.template.name
        if not name.startswith("errors/"):
            return draw(self, context, request)
        kind = (name, request.user.pk, request.method, repr(sorted((context or {}).items())))
        if kind not in drawn:
            drawn[kind] = draw(self, context, request)
        return drawn[kind]

    with mock.patch.object(Template, "render", render):
        yield


def leaks(furnished: Furnished, identities: dict[str, Any], *, enough: int | None = None) -> list[str]:
    """Every answer that says what it must not, fails, or changed something; of `enough` addresses at least."""
    wrong = []
    asked = addresses(furnished)
    assert len(asked) > 200
    secrets = re.compile("|".join(map(re.escape, filter(None, furnished.secrets))))
    for who, user in identities.items():
        client = Client(raise_request_exception=False)
        if user is not None:
            client = signed_in_as(user)
        signed_in = client.cookies.copy()
        noted = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        # What a request does is undone after it: it is the same before each.
        before, _ = _happened(noted)
        for address, names_something in asked:
            for method in ("GET", "POST") if names_something else ("GET",):
                client.cookies = signed_in.copy()
                with undone():
                    said = _said(client, method, address, secrets, noted, before)
                if said:
                    wrong.append(f"{who}: {method} {address}: {said}")
            if enough is not None and len({line.split(": ")[1] for line in wrong}) >= enough:
                return wrong
    return wrong


def _said(
    client: Client, method: str, address: str, secrets: re.Pattern[str], noted: int, before: int
) -> str:
    """What was wrong with an answer; `before` it cases had so many events."""
    answer = client.generic(method, address, content_type="application/x-www-form-urlencoded")
    if answer.status_code >= 500:
        return f"status {answer.status_code}"
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if found := secrets.search(content.decode("utf-8", "replace")):
        return f"says {found[0]}"
    if b"%PDF" in content[:1024] or b"\x89PNG" in content[:16]:
        return "gives a file away"
    moves, done = _happened(noted)
    if moves != before:
        return "moves a case"
    return f"does {done}" if done else ""


def _happened(noted: int) -> tuple[int, str | None]:
    """How many events cases have, and what was noted of a worker since then. In one question: it is asked thousands
    of times.
    """
    events, entries = CaseEvent._meta.db_table, Entry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM {events}), (SELECT action FROM {entries}"
            " WHERE id > %s AND worker_ref IS NOT NULL AND action <> 'worker.list' LIMIT 1)",
            [noted],
        )
        return cursor.fetchone()


def test_nobody_of_elsewhere_learns_or_changes_anything(furnished: Furnished) -> None:
    with refusals_drawn_once():
        assert leaks(furnished, strangers(furnished)) == []


def test_whose_role_has_ended_learns_and_changes_nothing(furnished: Furnished) -> None:
    with refusals_drawn_once():
        assert leaks(furnished, whose_roles_ended(furnished)) == []


def test_the_walk_sees_what_the_clerk_of_the_place_sees(furnished: Furnished) -> None:
    """That it can fail: who belongs there finds the person on page after page."""
    found = leaks(furnished, {"clerk": furnished.clerk}, enough=21)
    assert len({line.split(": ")[1] for line in found}) > 20
