"""A worker signs in with a telephone that was confirmed at the window, and with no other."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.accounts.backends import ActiveUserBackend
from portal.accounts.names import account_name
from portal.audit.models import Entry
from portal.workforce.actions import phones
from portal.workforce.models import ConfirmedPhone
from tests.accounts.test_signing_in import sign_in
from tests.cast import KUNDULUN, OTOG, make_account, make_worker
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db
PHONE, OTHER = "13847700001", "13847700002"


def worker_with(phone: str | None, name: str = "敖登", account: str = "w10000001", region: str = OTOG) -> Any:
    worker = make_worker(name, region=region)
    worker.set_phone(phone)
    if account:
        worker.account = make_account(account, name, "worker", region)
    worker.save()
    return worker


def signed_in_with(typed: str) -> str:
    """As whom one is signed in; empty when it was refused."""
    client = Client()
    answer = sign_in(typed, client=client)
    return str(client.get("/my/").wsgi_request.user) if answer.status_code == 302 else ""


def confirmed(worker: Any, by: Any) -> ConfirmedPhone:
    return phones.confirm_phone(worker.pk, by=by, id_card_seen=True, rang=True)


def test_a_confirmed_phone_signs_in_and_an_unconfirmed_one_never_does(cast: Any) -> None:
    # Given a worker with an account and a phone in the record
    worker = worker_with(PHONE)
    assert signed_in_with(PHONE) == "" and signed_in_with(worker.id_number) == "敖登"
    # When it is confirmed at the window
    made = confirmed(worker, cast("clerk"))
    # Then it signs in, and who confirmed it is written down
    assert signed_in_with(PHONE) == "敖登"
    assert (
        Entry.objects.filter(action="phone.confirm", worker_ref=worker.pk, actor_id=cast("clerk").pk).count()
        == 1
    )
    assert made.confirmed_by == cast("clerk")
    # When it is ended, it signs nobody in
    phones.end_phone(worker.pk, by=cast("clerk"))
    assert signed_in_with(PHONE) == "" and Entry.objects.filter(action="phone.end").count() == 1


def test_another_number_in_the_record_has_to_be_confirmed_anew(cast: Any) -> None:
    worker = worker_with(PHONE)
    confirmed(worker, cast("clerk"))
    worker.set_phone(OTHER)
    worker.save()
    assert signed_in_with(PHONE) == "" and signed_in_with(OTHER) == ""
    confirmed(worker, cast("clerk"))
    assert signed_in_with(OTHER) == "敖登"
    # The number that this record gave up can be confirmed for whoever has it now.
    heir = worker_with(PHONE, "李秀英", "w10000002")
    confirmed(heir, cast("clerk"))
    assert signed_in_with(PHONE) == "李秀英"


def test_a_phone_that_a_family_shares_signs_in_one_of_them(cast: Any) -> None:
    wife, husband = worker_with(PHONE), worker_with(PHONE, "巴雅尔", "w10000002")
    confirmed(wife, cast("clerk"))
    with pytest.raises(NotNow, match="另一人"):
        confirmed(husband, cast("clerk"))
    assert signed_in_with(PHONE) == "敖登"
    # The database refuses it as well.
    with pytest.raises(IntegrityError), transaction.atomic():
        ConfirmedPhone.objects.create(worker=husband, digest=husband.phone_digest, confirmed_by=cast("clerk"))


def test_it_is_confirmed_by_whoever_may_and_saw_it(cast: Any) -> None:
    worker, elsewhere = worker_with(PHONE), worker_with(OTHER, "李秀英", "w10000002", KUNDULUN)
    without = worker_with(None, "赵六", "w10000003")
    nobody = worker_with("13847700003", "孙七", "")
    for who, what in ((cast("employer_agent"), worker), (cast("clerk"), elsewhere), (worker.account, worker)):
        with pytest.raises(Refused):
            confirmed(what, who)
    for person in (without, nobody):
        with pytest.raises(NotNow):
            confirmed(person, cast("clerk"))
    for seen in ({"id_card_seen": False, "rang": True}, {"id_card_seen": True, "rang": False}):
        with pytest.raises(NotNow):
            phones.confirm_phone(worker.pk, by=cast("clerk"), **seen)
    assert not ConfirmedPhone.objects.exists()


def test_after_a_merge_the_phone_leads_to_the_account_that_stands(cast: Any) -> None:
    old, new = worker_with(PHONE), worker_with(None, "敖登", "")
    confirmed(old, cast("clerk"))
    merged(cast, old, new)
    assert signed_in_with(PHONE) == "敖登"


def test_an_unknown_number_is_answered_and_looked_at_as_any_other(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a confirmed number, one of the register that is not, and one that nobody has
    confirmed(worker_with(PHONE), cast("clerk"))
    worker_with(OTHER, "李秀英", "w10000002")
    looked_at: list[str] = []
    look = ActiveUserBackend.authenticate

    def counted(self: Any, request: Any, **named: Any) -> Any:
        looked_at.append(named["username"])
        return look(self, request, **named)

    monkeypatch.setattr(ActiveUserBackend, "authenticate", counted)
    told: dict[str, list[Any]] = {}
    # When wrong passwords are tried with each
    for place, typed in enumerate((PHONE, OTHER, "13999999999"), start=1):
        told[typed] = []
        for _ in range(7):
            looked_at.clear()
            answer = Client().post(
                reverse("accounts:login"),
                {"username": typed, "password": "wrong"},
                REMOTE_ADDR=f"203.0.113.{place}",
            )
            page = re.sub(r'name="csrf\w+" value="\w+"|value="[\w.]+"', "", answer.content.decode())
            told[typed].append((answer.status_code, page, len(looked_at)))
    # Then each is answered with the same words, computed as often, and locked as soon
    assert told[PHONE] == told[OTHER] == told["13999999999"]
    assert {status for status, _, _ in told[PHONE]} == {200, 429} and told[PHONE][0][2] == 1


def test_no_scan_of_all_people_stands_behind_it(cast: Any) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert account_name(PHONE) == PHONE
    assert len(asked) == 1


def test_the_page_confirms_and_ends(cast: Any, as_user: Any) -> None:
    worker, client = worker_with(PHONE), as_user(cast("clerk"))
    address = reverse("window:phone", args=[worker.pk])
    page = client.get(address).content.decode()
    assert "138****0001" in page and PHONE not in page
    assert client.post(address, {"id_card_seen": "on"}).status_code == 200
    assert not ConfirmedPhone.objects.exists()
    assert client.post(address, {"id_card_seen": "on", "rang": "on"}).status_code == 302
    assert signed_in_with(PHONE) == "敖登"
    assert "终止手机号登录" in client.get(address).content.decode()
    assert client.post(address).status_code == 302 and signed_in_with(PHONE) == ""
    assert as_user(cast("baotou_clerk")).get(address).status_code == 404
    assert as_user(cast("employer_agent")).get(address).status_code == 403
