"""The cast: the people who appear in the tests, always the same, each with their place and their duty."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

REGION, ORDOS, BAOTOU = "150000", "150600", "150200"
OTOG, KUNDULUN = "150624", "150203"
PASSWORD = "Grassland-2026-Sky"  # of every account of the cast

# (fixture, user name, name, role, region)
PEOPLE = [
    ("clerk", "otog.clerk", "乌兰", "window_clerk", OTOG),
    ("second_clerk", "otog.clerk2", "图雅", "window_clerk", OTOG),
    ("baotou_clerk", "kundulun.clerk", "赵敏", "window_clerk", KUNDULUN),
    ("reviewer", "ordos.reviewer", "巴特尔", "league_reviewer", ORDOS),
    ("second_reviewer", "ordos.reviewer2", "其其格", "league_reviewer", ORDOS),
    ("baotou_reviewer", "baotou.reviewer", "刘洋", "league_reviewer", BAOTOU),
    ("regional_reviewer", "region.reviewer", "陈静", "regional_reviewer", REGION),
    ("approver", "region.approver", "孙立新", "approver", REGION),
    ("finance_officer", "region.finance", "周会计", "finance_officer", REGION),
    ("registry_officer", "region.registry", "高娃", "registry_officer", REGION),
    ("second_registry_officer", "region.registry2", "马骏", "registry_officer", REGION),
    ("policy_officer", "region.policy", "宋文", "policy_officer", REGION),
    ("second_policy_officer", "region.policy2", "何平", "policy_officer", REGION),
    ("supervisor", "region.supervisor", "白音", "supervisor", REGION),
    ("auditor", "region.auditor", "钱正", "auditor", REGION),
    ("panel_expert", "region.expert", "郭师傅", "panel_expert", REGION),
    ("employer_agent", "unit.agent", "韩冰", "employer_agent", OTOG),
    ("training_provider", "school.agent", "丁宁", "training_provider", ORDOS),
    ("system_admin", "admin.system", "吴昊", "system_admin", REGION),
    ("security_admin", "admin.security", "郑安", "security_admin", REGION),
    ("audit_admin", "admin.audit", "冯鉴", "audit_admin", REGION),
]
_serial = itertools.count(1)
_kept: set[int] = set()


def _next_serial() -> int:
    return next(serial for serial in _serial if serial % 1000 not in _kept)


@contextmanager
def keep_id_numbers() -> Iterator[None]:
    """The numbers of people made inside are given to nobody else in this process."""
    first = _next_serial()
    yield
    _kept.update(serial % 1000 for serial in range(first, _next_serial()))


def id_number(*, area: str = OTOG, born: date = date(1985, 6, 15), serial: int | None = None) -> str:
    """A synthetic number with a right check digit. The serials run up, so that no two tests share a person; an odd one
    is a man's, an even one a woman's.
    """
    from portal.workforce.identity import check_digit

    first = f"{area}{born:%Y%m%d}{(_next_serial() if serial is None else serial) % 1000:03d}"
    return first + check_digit(first)


def make_account(username: str, name: str, role: str, region: str) -> Any:
    from portal.accounts.models import RoleAssignment, User

    user = User.objects.create_user(username, PASSWORD, display_name=name)
    RoleAssignment.objects.create(user=user, role=role, region_id=region)
    return user


def make_worker(name: str = "王建国", *, region: str = OTOG, number: str | None = None, **fields: Any) -> Any:
    from portal.workforce.models import Worker

    worker = Worker(name=name, work_region_id=region, source=fields.pop("source", "窗口登记"), **fields)
    worker.set_id_number(number or id_number())
    worker.save()
    return worker


def make_honour(
    worker: Any,
    *,
    recorded_by: Any,
    verified_by: Any = None,
    type: str = "national_technical_expert",
    year: int = 2025,
    **fields: Any,
) -> Any:
    from django.utils import timezone

    from portal.workforce.models import Honour, HonourType

    given = {
        "named_as": HonourType.objects.get(pk=type).name,
        "document": "人社部发〔2025〕1号",
        "source": "窗口登记",
    } | fields
    if verified_by is not None:
        given = {"state": "verified", "verified_by": verified_by, "verified_at": timezone.now()} | given
    return Honour.objects.create(worker=worker, type_id=type, year=year, recorded_by=recorded_by, **given)


def company() -> Callable[[str], Any]:
    """The cast in the database that is used now: by name of the fixture, each found there or made."""
    from portal.accounts.models import User

    known: dict[str, Any] = {}

    def get(fixture: str) -> Any:
        if fixture not in known:
            _, username, name, role, region = next(p for p in PEOPLE if p[0] == fixture)
            there = User.objects.filter(username=username).first()
            known[fixture] = there or make_account(username, name, role, region)
        return known[fixture]

    return get


def confirm(*records: Any) -> None:
    """Somebody who wrote none of these records down has held them against their documents."""
    for record in records:
        confirm_all(type(record).objects.filter(pk=record.pk))
        record.refresh_from_db()


def confirm_all(records: Any) -> None:
    """The same of a queryset."""
    from django.utils import timezone

    from portal.accounts.models import User

    verifier, _ = User.objects.get_or_create(
        username="verifier.of.the.tests", defaults={"display_name": "核验员"}
    )
    records.filter(verification="stated").update(
        verification="confirmed", verified_by=verifier, verified_at=timezone.now(), verified_from="原件"
    )


def confirm_everything(*worker_ids: int) -> None:
    """Whatever is recorded of these workers, or of everybody."""
    from portal.workforce.record_kinds import KINDS

    for kind in KINDS.values():
        if kind.verified:
            records = kind.model._default_manager.all()
            confirm_all(records.filter(worker__in=worker_ids) if worker_ids else records)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """`cast("clerk")` is the account of that person, made on first use. Works with `db` and with `committed`."""
    if "committed" not in request.fixturenames:
        request.getfixturevalue("db")
    return company()


def _person(fixture: str) -> Any:
    @pytest.fixture(name=fixture)
    def person(cast: Callable[[str], Any]) -> Any:
        return cast(fixture)

    return person


for _fixture, *_ in PEOPLE:
    globals()[f"_{_fixture}"] = _person(_fixture)


@pytest.fixture
def worker(cast: Callable[[str], Any]) -> Any:
    """王建国, a worker in 鄂托克旗."""
    return make_worker()


@pytest.fixture
def worker_user(worker: Any) -> Any:
    """The account of 王建国."""
    user = make_account("w20260001", worker.name, "worker", worker.work_region_id)
    worker.account = user
    worker.save(update_fields=["account"])
    return user


@pytest.fixture
def as_user() -> Callable[[Any], Any]:
    """`as_user(clerk)` is a test client on which that person is logged in, with a second factor; without one where
    `factor` is empty. The session is stored once, as it stands after both steps.
    """
    from django.conf import settings
    from django.contrib import auth
    from django.test import Client

    from portal.accounts.session_store import SessionStore

    def login(user: Any, *, factor: str = "totp") -> Client:
        session = SessionStore()
        session[auth.SESSION_KEY] = user._meta.pk.value_to_string(user)
        session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
        if factor:
            session["factor"] = {"kind": factor, "at": time.time()}
        session.save()
        fresh = Client()
        fresh.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return fresh

    return login
