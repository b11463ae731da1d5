"""An encrypted value opens in its own place and for its own purpose, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from portal import crypto, unbound_values
from portal.accounts.models import TotpDevice
from portal.audit.models import Entry
from portal.crypto import Purpose, Undecipherable
from portal.fields import AlteredValue
from portal.reencrypting import encrypted_columns
from portal.workforce.actions import propose_payee
from portal.workforce.models import PayeeAccount, Worker
from tests.cast import make_worker
from tests.factors import give_device
from tests.factors import signed_in as with_both_factors
from tests.security.unbound import unbound


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def read(sql: str, *params: Any) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return bytes(cursor.fetchone()[0])


@pytest.fixture
def two(db: None) -> tuple[Worker, Worker]:
    return make_worker("王建国", phone="13800000001"), make_worker("李秀英", phone="13800000002")


def test_every_encrypted_column_says_what_it_is_bound_to() -> None:
    found = encrypted_columns()
    assert len(found) >= 12
    for model, field in found:
        assert field.bound_to, f"{model.__name__}.{field.name}"
        assert field.with_row('"t"').count("||") == len(field.bound_to)


@pytest.mark.parametrize("column", ["id_number", "phone"])
def test_a_value_does_not_open_in_another_row(two: tuple[Worker, Worker], column: str) -> None:
    first, second = two
    run(
        f"UPDATE workforce_worker SET {column} = (SELECT {column} FROM workforce_worker WHERE id = %s) WHERE id = %s",
        first.pk,
        second.pk,
    )
    with pytest.raises(AlteredValue, match=f"workforce_worker.{column}"):
        Worker.objects.get(pk=second.pk)
    with pytest.raises(AlteredValue):
        list(Worker.objects.filter(pk=second.pk).values_list(column))
    assert Worker.objects.get(pk=first.pk).id_number == first.id_number
    assert Worker.objects.defer("id_number", "phone").get(pk=second.pk).name == second.name


def test_a_value_does_not_open_in_another_column(two: tuple[Worker, Worker]) -> None:
    first, _ = two
    run("UPDATE workforce_worker SET phone = id_number WHERE id = %s", first.pk)
    with pytest.raises(AlteredValue, match=r"workforce_worker\.phone"):
        Worker.objects.get(pk=first.pk)


def test_a_value_does_not_open_in_another_table(two: tuple[Worker, Worker], clerk: Any) -> None:
    from django.utils import timezone

    first, second = two
    payees = [
        propose_payee(
            person.pk,
            bank="农业银行",
            account_number=number,
            source="存折",
            by=clerk,
            on=timezone.localdate(),
        )
        for person, number in ((first, "6228480012345678"), (second, "6228480087654321"))
    ]
    assert [PayeeAccount.objects.get(pk=payee.pk).account_number[-4:] for payee in payees] == ["5678", "4321"]
    kept = read("SELECT account_number FROM workforce_payeeaccount WHERE id = %s", payees[0].pk)
    other = read("SELECT id_number FROM workforce_worker WHERE id = %s", first.pk)
    for value in (other, kept):
        run("UPDATE workforce_payeeaccount SET account_number = %s WHERE id = %s", value, payees[1].pk)
        with pytest.raises(AlteredValue, match=r"workforce_payeeaccount\.account_number"):
            PayeeAccount.objects.get(pk=payees[1].pk)


def test_a_device_is_its_owners(cast: Any) -> None:
    mine, other = give_device(cast("clerk"), name="手机"), give_device(cast("reviewer"), name="手机")
    again = give_device(cast("clerk"), name="另一部手机", secret="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    secret = read("SELECT secret FROM accounts_totpdevice WHERE id = %s", mine.pk)
    for device in (other, again):
        run("UPDATE accounts_totpdevice SET secret = %s WHERE id = %s", secret, device.pk)
        with pytest.raises(AlteredValue):
            TotpDevice.objects.get(pk=device.pk)


def test_a_history_holds_the_values_of_its_row(two: tuple[Worker, Worker]) -> None:
    from django.apps import apps

    first, second = two
    event = apps.get_model("workforce", "WorkerEvent")
    number = first.id_number
    for worker in two:
        worker.name += "二"
        worker.save()
    kept = event.objects.get(pgh_obj_id=first.pk)
    assert (kept.id_number, kept.phone) == (number, "13800000001")
    # The application cannot change a history: its ciphertext is tried in the row of somebody else.
    value = read("SELECT id_number FROM workforce_workerevent WHERE pgh_obj_id = %s", first.pk)
    run("UPDATE workforce_worker SET id_number = %s WHERE id = %s", value, second.pk)
    with pytest.raises(AlteredValue):
        Worker.objects.get(pk=second.pk)


def test_what_a_number_is_bound_to_changes_only_with_the_number(two: tuple[Worker, Worker]) -> None:
    from django.db import DatabaseError, transaction

    for column in ("id_digest",):
        with pytest.raises(DatabaseError, match="changes only with the number"), transaction.atomic():
            run(f"UPDATE workforce_worker SET {column} = sha256('x') WHERE id = %s", two[0].pk)


def test_an_altered_value_is_refused(two: tuple[Worker, Worker]) -> None:
    first, _ = two
    value = read("SELECT id_number FROM workforce_worker WHERE id = %s", first.pk)
    for place in (0, 1, 5, 20, len(value) - 1):
        altered = bytearray(value)
        altered[place] ^= 1
        run("UPDATE workforce_worker SET id_number = %s WHERE id = %s", bytes(altered), first.pk)
        with pytest.raises(AlteredValue):
            Worker.objects.get(pk=first.pk)
    for short in (b"", b"\x00", value[:20]):
        run("UPDATE workforce_worker SET id_number = %s WHERE id = %s", short, first.pk)
        with pytest.raises(AlteredValue):
            Worker.objects.get(pk=first.pk)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_no_purpose_reads_what_another_wrote(purpose: Purpose) -> None:
    value = crypto.encrypt("15062419850615001X", purpose=purpose, bound_to=b"here")
    assert crypto.decrypt(value, purpose=purpose, bound_to=b"here") == "15062419850615001X"
    for other in set(Purpose) - {purpose}:
        with pytest.raises(Undecipherable):
            crypto.decrypt(value, purpose=other, bound_to=b"here")
    with pytest.raises(Undecipherable):
        crypto.decrypt(value, purpose=purpose, bound_to=b"there")
    with pytest.raises(Undecipherable):
        crypto.decrypt_unbound(value[1:])


def test_a_value_is_written_with_its_row_or_not_at_all(two: tuple[Worker, Worker]) -> None:
    with pytest.raises(TypeError, match="bound to its row"):
        Worker.objects.filter(pk=two[0].pk).update(id_number="x")
    with pytest.raises(TypeError, match="bound to its row"):
        Worker.objects.bulk_update(two, ["phone"])
    with pytest.raises(TypeError, match="read as a column"):
        from django.db.models import Min

        Worker.objects.aggregate(Min("id_number"))


def test_the_form_of_before_is_refused_where_everything_is_bound(
    two: tuple[Worker, Worker], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Otherwise what an old backup holds could be put wherever somebody likes."""
    first, second = two
    run("UPDATE workforce_worker SET id_number = %s WHERE id = %s", unbound(str(first.id_number)), second.pk)
    monkeypatch.setattr(unbound_values, "_looked", {})
    assert unbound_values.is_marked(), "a new database begins with the mark"
    with pytest.raises(AlteredValue, match="not bound to its place"):
        Worker.objects.get(pk=second.pk)
    monkeypatch.setattr(unbound_values, "is_marked", lambda: False)
    monkeypatch.setattr(unbound_values, "_looked", {})
    assert Worker.objects.get(pk=second.pk).id_number == first.id_number
    settings.BOUND_VALUES_ONLY = True
    with pytest.raises(AlteredValue):
        Worker.objects.get(pk=second.pk)


def test_the_application_cannot_take_the_mark_away(db: None) -> None:
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run("DELETE FROM audit_boundvaluesonly")


def test_whoever_opens_the_page_is_told_and_the_audit_knows(two: tuple[Worker, Worker], clerk: Any) -> None:
    first, second = two
    signed_in: Client = with_both_factors(clerk)
    address = f"/window/workers/{second.pk}/"
    page = signed_in.get(address, follow=True)
    assert page.status_code == 200
    run(
        "UPDATE workforce_worker SET phone = (SELECT phone FROM workforce_worker WHERE id = %s) WHERE id = %s",
        first.pk,
        second.pk,
    )
    answer = signed_in.get(page.request["PATH_INFO"])
    assert answer.status_code == 409
    assert "加密内容与写入时不一致" in answer.content.decode()
    entry = Entry.objects.get(action="data.refused")
    assert entry.actor == clerk and entry.detail["place"] == "workforce_worker.phone"
