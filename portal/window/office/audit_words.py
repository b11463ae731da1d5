"""What an entry of the audit says to a reader: people and cases by name, codes by their words, days as days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.address_codes import code_of, short_code
from portal.audit.models import Entry
from portal.cases.models import Case
from portal.cases.workflow import workflow_of, workflows
from portal.entitlements.models import OfferState
from portal.formats import date_cn
from portal.funds.models import Use
from portal.funds.moves import MoveCode
from portal.letters import kinds
from portal.outgoing import kinds as messages
from portal.policy.benefits import BY_CODE, FUNDS
from portal.policy.models import Parameter
from portal.regions.models import Region
from portal.window.office.audit_labels import KEYS, label_of, object_name
from portal.workforce.models import Employer, Extracted, Worker
from portal.workforce.models.honours import HonourState
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import KINDS, PAYEE

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
# Kinds of things that are named with their pages.
_NAMED_APART = frozenset({"cases.case", "accounts.user", "workforce.worker"})
# Whom an entry is about besides; of merged people both records, of merged units both units.
_PEOPLE = ("worker", "shown")
_MERGED = ("one", "into")
# Numbers of records that nobody is told by.
_NUMBERS = frozenset({"honour", "again", "nomination", "simulation", "record"})
# What people wrote themselves, or what is a name: never a code.
_AS_WRITTEN = frozenset(
    {
        *_PEOPLE,
        "username",
        "reason",
        "number",
        "numbers",
        "deputy",
        "document",
        "digest",
        "head",
        "asked",
        "expert",
        "anchors",
        "page",
        "payables",
    }
)


# Of tables of figures by level.
_LEVELS = {
    "junior": "初级工",
    "intermediate": "中级工",
    "senior": "高级工",
    "technician": "技师",
    "senior_technician": "高级技师",
}


# Kinds of jobs that are named by their code.
_JOBS = {
    "entitlements.match": "全库匹配",
    "entitlements.simulate": "政策测算",
    "letters.print": "合并打印信函",
    "lists.file": "生成名单文件",
    "roster.import": "导入花名册",
    "workforce.verify-honours": "批量核实荣誉",
    "workforce.confirm-records": "批量核验登记信息",
    "workforce.confirm-changes": "批量确认变更",
    "workforce.confirm-from-extract": "按登记库摘录核验",
    "workforce.look-at-extract": "核对登记库摘录",
    "workforce.take-in-extract": "写入登记库摘录",
}


# What people sign in with besides the password.
_FACTORS = {
    "totp": "动态验证码",
    "app": "验证器",
    "passkey": "通行密钥",
    "recovery": "恢复码",
    "enrol": "登记第二重验证",
    "factor-lost": "更换遗失的第二重验证",
}


# Codes that are told from others by what they stand under.
_OF_KEY: dict[str, dict[str, str]] = {
    "move": {str(code): str(label) for code, label in MoveCode.choices},
    "use": {str(code): str(label) for code, label in Use.choices},
}


@dataclass(frozen=True)
class Named:
    """Something by its name, with its page for those who may open it."""

    words: str
    href: str = ""


@dataclass(frozen=True)
class Line:
    """An entry as a row of the page shows it."""

    entry: Entry
    label: str
    actor: str
    object: Named | None
    worker: Named | None
    region: Region | None
    detail: str
    # The audit of the same actor, person and case alone.
    of_actor: str = ""
    of_worker: str = ""
    of_case: str = ""


@cache
def _words() -> Mapping[str, str]:
    """Codes that stand for the same everywhere, and what they are called."""
    words: dict[str, str] = {}
    for choices in (OfferState, HonourState, Verification, Extracted):
        words |= {str(code): str(label) for code, label in choices.choices}
    # A kind of case may be called like the benefit that it is about.
    words |= {code: benefit.title for code, benefit in BY_CODE.items()}
    words |= _states()
    words |= {workflow.kind: workflow.title for workflow in workflows()}
    words |= {kind.code: kind.title for kind in (*KINDS.values(), PAYEE)}
    words |= kinds.labels() | messages.labels()
    words |= dict(Role.choices)
    return words | _LEVELS | _JOBS | _FACTORS | FUNDS


def _states() -> dict[str, str]:
    """Every state by its label; one that several kinds of cases have, by each of theirs: of an entry whose case is not
    shown nobody can tell which it is.
    """
    called: dict[str, list[str]] = {}
    for workflow in workflows():
        for value, label in workflow.states.choices:
            called.setdefault(value, []).append(str(label))
    return {value: "或".join(dict.fromkeys(labels)) for value, labels in called.items()}


def _figures() -> dict[str, str]:
    """The figures of the law by their labels."""
    return dict(Parameter.objects.values_list("code", "label"))


def lines_of(entries: list[Entry], user: Any) -> list[Line]:
    """The entries, read with their actors, with everything named that the user may see: a question to the
    database for each kind of thing, however many entries there are.
    """
    regions = Region.objects.select_related("parent").in_bulk({entry.region_code for entry in entries})
    people = _people(entries, user)
    cases = _cases(entries, user)
    accounts = User.objects.visible_to(user).in_bulk(_keys(entries, "accounts.User"))
    others = _others(entries, user)
    units = _units(entries, user)
    figures = _figures()
    found = []
    for entry in entries:
        case = cases.get(_key(entry.object_ref)) if _is(entry, "cases.Case") else None
        account = accounts.get(_key(entry.object_ref)) if _is(entry, "accounts.User") else None
        line = Line(
            entry=entry,
            label=label_of(entry.action),
            actor=str(entry.actor or ""),
            object=_object(entry, case, account, others, figures, user),
            worker=_worker(entry, people),
            region=regions.get(entry.region_code),
            detail=detail_text(_with_names(entry, people, units), entry.object_type, case, figures),
            of_actor=_audit_of("actor", entry.actor_name if entry.actor_id else ""),
            of_worker=_audit_of("worker", code_of("person", entry.worker_ref) if entry.worker_ref else ""),
            of_case=_audit_of("case", case.number if case else ""),
        )
        found.append(line)
    return found


def _audit_of(field: str, value: str) -> str:
    """The address of the audit with one filter set; none without a value."""
    return f"{reverse('window:audit')}?{urlencode({field: value})}" if value else ""


def _is(entry: Entry, label: str) -> bool:
    return entry.object_type.lower() == label.lower()


def _key(ref: str) -> int:
    return int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 19 else 0


def _keys(entries: Iterable[Entry], label: str) -> set[int]:
    return {_key(entry.object_ref) for entry in entries if _is(entry, label)}


def _people(entries: list[Entry], user: Any) -> dict[int, Worker]:
    """The workers whom the entries are about, if the user sees workers at all."""
    ids = {entry.worker_ref for entry in entries if entry.worker_ref}
    ids |= {key for entry in entries for name in _people_of(entry) for key in _listed(entry.detail.get(name))}
    if not ids or not can(user, "worker.view"):
        return {}
    return Worker.objects.visible_to(user, merged=True).only("name").in_bulk(ids)


def _people_of(entry: Entry) -> tuple[str, ...]:
    """The keys of the detail under which the numbers of people stand."""
    return (*_PEOPLE, *_MERGED) if _is(entry, "workforce.PersonPointer") else _PEOPLE


def _units(entries: list[Entry], user: Any) -> dict[int, str]:
    """The merged units that the entries are about, by name."""
    merges = [entry for entry in entries if _is(entry, "workforce.EmployerPointer")]
    ids = {key for entry in merges for name in _MERGED for key in _listed(entry.detail.get(name))}
    if not ids:
        return {}
    units = Employer.objects.visible_to(user, merged=True).filter(pk__in=ids)
    return dict(units.values_list("pk", "name"))


def _listed(value: Any) -> list[int]:
    """The numbers of people in a detail: one, or many."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, int)]


def _cases(entries: list[Entry], user: Any) -> dict[int, Case]:
    keys = _keys(entries, "cases.Case")
    return Case.objects.visible_to(user).only("number", "kind", "state").in_bulk(keys) if keys else {}


def _worker(entry: Entry, people: Mapping[int, Worker]) -> Named | None:
    if not entry.worker_ref:
        return None
    worker = people.get(entry.worker_ref)
    if worker is None:
        only = code_of("person", entry.worker_ref)
        return Named(person_code(entry.worker_ref), f"{reverse('window:audit')}?worker={only}")
    return Named(worker.name, reverse("window:worker", args=[worker.pk]))


def person_code(worker_id: int) -> str:
    """Somebody whom the reader may not see: told from others by a code that says nothing of them."""
    return f"人员代号{short_code('person', worker_id)}"


def _others(entries: list[Entry], user: Any) -> dict[tuple[str, int], str]:
    """Whatever else entries are about by its own name, where the user sees it."""
    named: dict[tuple[str, int], str] = {}
    for label in {entry.object_type.lower() for entry in entries if entry.object_type} - _NAMED_APART:
        keys = _keys(entries, label)
        try:
            visible = apps.get_model(label)._default_manager.visible_to(user)
        except (LookupError, AttributeError):
            continue
        for key, found in visible.in_bulk(keys).items():
            words = _words().get(str(found), str(found))
            if not words.isdigit():
                named[label, key] = words
    return named


def _object(
    entry: Entry,
    case: Case | None,
    account: User | None,
    others: Mapping[tuple[str, int], str],
    figures: Mapping[str, str],
    user: Any,
) -> Named | None:
    if not entry.object_type:
        return None
    if case is not None:
        return Named(f"办件{case.number}", reverse("window:case", args=[case.number]))
    if account is not None:
        manages = can(user, "account.manage") or can(user, "role.grant")
        return Named(f"账号：{account}", reverse("accounts:user", args=[account.pk]) if manages else "")
    if _is(entry, "workforce.Worker"):
        # Named beside it.
        return None
    if _is(entry, "accounts.User"):
        is_own = entry.actor_id is not None and entry.object_ref == str(entry.actor_id)
        known = entry.actor_name if is_own else short_code("account", _key(entry.object_ref))
        return Named(f"账号 {known}")
    # A number is of no use to a reader; a code that is none has words.
    ref = "" if entry.object_ref.isdigit() else figures.get(entry.object_ref, entry.object_ref)
    words = others.get((entry.object_type.lower(), _key(entry.object_ref)), ref)
    return Named(f"{object_name(entry.object_type)} {words}".strip())


def _with_names(entry: Entry, people: Mapping[int, Worker], units: Mapping[int, str]) -> dict[str, Any]:
    """The detail with people and units by name instead of the numbers of their records."""
    said = {
        name: value
        for name, value in entry.detail.items()
        if not (name in _NUMBERS and isinstance(value, int))
    }
    for name in _people_of(entry):
        if keys := _listed(entry.detail.get(name)):
            said[name] = [people[key].name if key in people else person_code(key) for key in keys]
    if _is(entry, "workforce.EmployerPointer"):
        for name in _MERGED:
            said[name] = [units.get(key, "") for key in _listed(entry.detail.get(name)) if key in units]
    return said


# -- details -------------------------------------------------------------------------------------------------
def detail_text(
    detail: Mapping[str, Any],
    object_type: str = "",
    case: Case | None = None,
    further: Mapping[str, str] | None = None,
) -> str:
    """The detail of an entry in one line; what is empty is left out. `further` are codes besides those that
    everybody knows.
    """
    words: dict[str, str] = dict(further or {})
    if case is not None:
        words |= {value: str(label) for value, label in workflow_of(case.kind).states.choices}
    parts = []
    for key, value in detail.items():
        if value in ("", None, [], {}):
            continue
        if key == "fields" and isinstance(value, list):
            text = "、".join(_field_name(object_type, str(name)) for name in value)
        else:
            text = _value(value, key, words)
        parts.append(f"{KEYS.get(key, key)}：{text}")
    return "；".join(parts)


def _field_name(object_type: str, name: str) -> str:
    """A field by its label; one that no longer exists stands for itself."""
    try:
        return str(apps.get_model(object_type)._meta.get_field(name).verbose_name)
    except (LookupError, ValueError, FieldDoesNotExist, AttributeError):
        return KEYS.get(name, name)


def _value(value: Any, key: str, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        filled = {name: one for name, one in value.items() if one not in ("", None, [], {})}
        return "，".join(
            f"{_called(name, words)}为{_value(one, name, words)}" for name, one in filled.items()
        )
    if isinstance(value, list):
        return "、".join(_value(one, key, words) for one in value)
    if key == "status":
        return _status(value)
    text = str(value)
    if key in _AS_WRITTEN:
        return text
    if _MOMENT.match(text):
        return f"{timezone.localtime(datetime.fromisoformat(text)):%Y-%m-%d %H:%M:%S}"
    if _DAY.match(text):
        return _day(text)
    return _OF_KEY.get(key, {}).get(text) or words.get(text) or _words().get(text, text)


def _called(name: str, words: Mapping[str, str]) -> str:
    return KEYS.get(name) or words.get(name) or _words().get(name, name)


def _status(code: Any) -> str:
    """How a request was refused."""
    return {403: "无权访问", 404: "查无此内容", 429: "访问过于频繁"}.get(code, str(code))


def _day(text: str) -> str:
    try:
        return date_cn(date.fromisoformat(text))
    except ValueError:
        return text
