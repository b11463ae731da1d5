"""A worker's account: the code from the window, and what it takes to use it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.utils import timezone

from portal.accounts import actions
from portal.accounts.access import NotNow, Refused
from portal.accounts.activation import CodeRefused, _digest, activate, normal_code
from portal.accounts.models import ActivationCode, User
from portal.audit.models import Entry
from portal.workforce.activation import Issued, issue_activation_code
from portal.workforce.models import Worker
from tests.cast import KUNDULUN, PEOPLE, make_account, make_worker

PAGE = "/accounts/activate/"
NEW = "Steppe-2027-Wind"
OTHERS = [person for person, _, _, role, _ in PEOPLE if role != "window_clerk"]


def issue(worker: Worker, by: Any) -> Issued:
    return issue_activation_code(worker, by=by, id_card_seen=True)


def number_of(worker: Worker) -> str:
    return str(worker.id_number)


def test_a_code_of_before_goes_with_the_number_s_last_six(worker: Worker, clerk: Any) -> None:
    """The last four are published: such codes end with the week."""
    issued = issue(worker, clerk)
    ended = _digest(normal_code(issued.code), number_of(worker)[-6:])
    ActivationCode.objects.update(digest=ended)
    assert send(issued.code, number_of(worker))["Location"] == "/my/"


def test_what_the_registry_publishes_is_not_enough(worker: Worker, clerk: Any) -> None:
    issued = issue(worker, clerk)
    for known in (number_of(worker)[-6:], number_of(worker)[-4:]):
        assert "应为18位" in send(issued.code, known).text
        with pytest.raises(CodeRefused):
            activate(issued.code, known, NEW)


def send(
    code: str, answer: str, new: str = NEW, again: str | None = None, client: Client | None = None
) -> Any:
    return (client or Client()).post(
        PAGE, {"code": code, "answer": answer, "new": new, "again": again or new}
    )


def test_the_clerk_s_code_makes_an_account_that_only_its_holder_can_open(worker: Worker, clerk: Any) -> None:
    issued = issue(worker, clerk)
    worker.refresh_from_db()
    assert re.fullmatch(r"w[1-9]\d{7}", issued.username)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", issued.code)
    assert worker.account is not None and not worker.account.has_usable_password()
    assert list(worker.account.assignments.values_list("role", "region_id")) == [
        ("worker", worker.work_region_id)
    ]
    assert timedelta(days=6, hours=23) < issued.expires_at - timezone.now() <= timedelta(days=7)
    answer = send(issued.code, number_of(worker), client=(client := Client()))
    assert answer["Location"] == "/my/"
    assert client.get("/my/").status_code == 200
    assert (
        Client().post("/accounts/login/", {"username": issued.username, "password": NEW})["Location"]
        == "/my/"
    )


def test_only_a_digest_is_kept_and_the_audit_knows_neither_code_nor_number(
    worker: Worker, clerk: Any
) -> None:
    issued = issue(worker, clerk)
    plain = normal_code(issued.code)
    [row] = ActivationCode.objects.values_list("digest", flat=True)
    assert len(bytes(row)) == 32 and plain.encode() not in bytes(row)
    entry = Entry.objects.get(action="worker.activation_issue")
    assert (entry.actor, entry.worker_ref, entry.detail["id_card_seen"]) == (clerk, worker.pk, True)
    everything = str(list(Entry.objects.values_list("detail", flat=True)))
    assert plain not in everything and issued.code not in everything and number_of(worker) not in everything


def test_the_clerk_says_that_the_id_card_was_seen(worker: Worker, clerk: Any) -> None:
    with pytest.raises(NotNow, match="居民身份证原件"):
        issue_activation_code(worker, by=clerk, id_card_seen=False)
    assert not User.objects.filter(username__startswith="w").exists()


@pytest.mark.parametrize("person", OTHERS)
def test_nobody_but_a_clerk_issues(cast: Any, worker: Worker, person: str) -> None:
    with pytest.raises(Refused, match="发放激活码"):
        issue(worker, cast(person))


def test_a_clerk_of_another_banner_does_not_issue(worker: Worker, baotou_clerk: Any) -> None:
    with pytest.raises(Refused, match="不属于您负责的地区"):
        issue(worker, baotou_clerk)


def test_a_worker_who_moved_meanwhile_is_no_longer_the_clerk_s(worker: Worker, clerk: Any) -> None:
    Worker.objects.filter(pk=worker.pk).update(work_region=KUNDULUN)
    with pytest.raises(Refused, match="不属于您负责的地区"):
        issue(worker, clerk)


def test_a_new_code_ends_the_old_one_and_keeps_the_account(worker: Worker, clerk: Any) -> None:
    first, second = issue(worker, clerk), issue(worker, clerk)
    assert (first.username, first.renewed, second.renewed) == (second.username, False, True)
    with pytest.raises(CodeRefused):
        activate(first.code, number_of(worker), NEW)
    activate(second.code, number_of(worker), NEW)


def test_a_forgotten_password_is_replaced_and_open_sessions_end(
    worker_user: Any, worker: Worker, clerk: Any, as_user: Any
) -> None:
    client = as_user(worker_user)
    issued = issue(worker, clerk)
    assert client.get("/my/").status_code == 200, "until the code is used the old password goes on"
    activate(issued.code, number_of(worker), NEW)
    assert client.get("/my/").status_code == 302
    worker_user.refresh_from_db()
    assert worker_user.check_password(NEW)


@pytest.mark.parametrize("typed", ["as printed", "lower", "without dashes", "full width", "misread"])
def test_what_people_type_is_forgiven(worker: Worker, clerk: Any, typed: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        "portal.accounts.activation.secrets", SimpleNamespace(choice=_drawing("01AB01CD01EF"))
    )
    code = issue(worker, clerk).code
    forms = {
        "as printed": code,
        "lower": code.lower(),
        "without dashes": code.replace("-", " "),
        "full width": "".join(chr(ord(c) + 0xFEE0) for c in code),
        "misread": code.replace("0", "O").replace("1", "l"),
    }
    assert (
        activate(forms[typed], f" {number_of(worker).lower()} ", NEW).username
        == worker_account(worker).username
    )


def _drawing(text: str) -> Any:
    letters = iter(text)
    return lambda _: next(letters)


def worker_account(worker: Worker) -> User:
    worker.refresh_from_db()
    assert worker.account is not None
    return worker.account


def test_everything_wrong_looks_the_same(worker: Worker, clerk: Any) -> None:
    issued = issue(worker, clerk)
    other = make_worker("李强")
    used = issue(other, clerk)
    activate(used.code, number_of(other), NEW)
    late = make_worker("赵敏")
    expired = issue(late, clerk)
    ActivationCode.objects.filter(user=worker_account(late)).update(expires_at=timezone.now())
    said = set()
    for code, answer in (
        (issued.code, "110105194912310021"),
        ("0000-0000-0000", number_of(worker)),
        (used.code, number_of(other)),
        (expired.code, number_of(late)),
    ):
        response = send(code, answer)
        assert response.status_code == 200
        said.add(re.search(r"激活码与证件号码[^<]*", response.content.decode())[0])  # type: ignore[index]
    assert len(said) == 1
    assert Entry.objects.filter(action="account.activation_failed", actor=None, detail={}).count() == 4


def test_the_code_cannot_be_used_for_another_person(worker: Worker, clerk: Any) -> None:
    other = make_worker("李强")
    issue(other, clerk)
    with pytest.raises(CodeRefused):
        activate(issue(worker, clerk).code, number_of(other), NEW)


def test_a_weak_password_does_not_use_the_code_up(worker: Worker, clerk: Any) -> None:
    issued = issue(worker, clerk)
    with pytest.raises(ValidationError):
        activate(issued.code, number_of(worker), "short")
    with pytest.raises(ValidationError):
        activate(issued.code, number_of(worker), f"{issued.username}A")
    activate(issued.code, number_of(worker), NEW)


def test_a_disabled_account_is_not_opened_by_a_code(worker: Worker, clerk: Any, system_admin: Any) -> None:
    issued = issue(worker, clerk)
    account = worker_account(worker)
    actions.disable_account(account.pk, by=system_admin, reason="冒领")
    with pytest.raises(CodeRefused):
        activate(issued.code, number_of(worker), NEW)
    with pytest.raises(NotNow, match="已停用"):
        issue(worker, clerk)


def test_two_people_with_one_code_open_one_account(committed: str) -> None:
    by = make_account("otog.clerk", "乌兰", "window_clerk", "150624")
    worker = make_worker()
    issued = issue(worker, by)

    def use(number: int) -> str:
        try:
            activate(issued.code, number_of(worker), f"Steppe-2027-Wind-{number}")
            return f"Steppe-2027-Wind-{number}"
        except CodeRefused:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(use, range(6)))
    assert came.count("refused") == 5
    winner = next(answer for answer in came if answer != "refused")
    assert worker_account(worker).check_password(winner)


def test_two_clerks_at_once_make_one_account(committed: str) -> None:
    by = [make_account(f"otog.clerk{n}", "乌兰", "window_clerk", "150624") for n in range(3)]
    worker = make_worker()

    def run(clerk: Any) -> str:
        try:
            return issue(Worker.objects.get(pk=worker.pk), clerk).username
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        names = set(pool.map(run, by))
    assert len(names) == 1
    assert User.objects.filter(assignments__role="worker").count() == 1
    assert ActivationCode.objects.filter(used_at=None, expires_at__gt=timezone.now()).count() == 1


def test_a_user_name_that_is_taken_is_drawn_again(worker: Worker, clerk: Any, monkeypatch: Any) -> None:
    User.objects.create_user("w10000007", display_name="别人")
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("portal.workforce.activation.secrets.randbelow", lambda _: next(drawn))
    assert issue(worker, clerk).username == "w10000008"


def test_issuing_is_bounded(worker: Worker, clerk: Any) -> None:
    for _ in range(5):
        issue(worker, clerk)
    with pytest.raises(NotNow, match="今日领取激活码次数过多"):
        issue(worker, clerk)


def test_guessing_the_answer_is_bounded(worker: Worker, clerk: Any) -> None:
    issued = issue(worker, clerk)
    for number in range(5):
        assert send(issued.code, f"11010519491231002{number}").status_code == 200
    answer = send(issued.code, number_of(worker))
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert "小时" in answer.content.decode()


def test_guessing_codes_from_one_address_is_bounded(db: None) -> None:
    answers = [send(f"0000-0000-{number:04d}", "000000").status_code for number in range(31)]
    assert answers == [200] * 30 + [429]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"code": ""}, "请填写激活码"),
        ({"code": "ABCD"}, "激活码应为12位，现为4位"),
        ({"answer": "12345"}, "应为18位"),
        ({"answer": "12345Y"}, "应为18位"),
        ({"new": "short", "again": "short"}, "不少于10个字符"),
        ({"again": "Other-2027-Wind"}, "两次输入的新密码不一致"),
    ],
)
def test_errors_stand_beside_their_fields(db: None, given: dict[str, str], says: str) -> None:
    form = {"code": "0000-0000-0000", "answer": "110105194912310021", "new": NEW, "again": NEW} | given
    answer = Client().post(PAGE, form)
    assert answer.status_code == 200 and says in answer.content.decode()


def test_who_is_signed_in_does_not_activate(clerk: Any, as_user: Any) -> None:
    assert as_user(clerk).get(PAGE)["Location"] == "/window/"


def test_the_sheet_is_shown_once_and_never_cached(worker: Worker, clerk: Any, as_user: Any) -> None:
    client, page = as_user(clerk), f"/window/workers/{worker.pk}/activation/"
    asked = client.get(page)
    assert "原件" in asked.content.decode() and worker.id_number not in asked.content.decode()
    unseen = client.post(page, {})
    assert "请先核对身份证原件" in unseen.content.decode() and not ActivationCode.objects.exists()
    sheet = client.post(page, {"id_card_seen": "on"})
    text = sheet.content.decode()
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)[0]  # type: ignore[index]
    assert "no-store" in sheet["Cache-Control"] and "<svg" in text and " style=" not in text
    assert number_of(worker) not in text.replace(code, "")
    assert code not in client.get(page).content.decode()
    assert activate(code, number_of(worker), NEW).pk == worker_account(worker).pk


def test_the_page_is_not_found_for_a_worker_of_another_region(
    worker: Worker, baotou_clerk: Any, as_user: Any
) -> None:
    assert as_user(baotou_clerk).get(f"/window/workers/{worker.pk}/activation/").status_code == 404
