"""What the office and a person spoke of: written down at the desk, kept until its day, and the person's to take away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.my.own_copy import _contacts
from portal.workforce.actions.contacts import erase_old, record_contact
from portal.workforce.models import Contact
from tests.cast import KUNDULUN, make_account, make_worker

pytestmark = pytest.mark.django_db
SAID = "电话告知须补交社保证明，本人表示下周送来。"


def page_of(worker: Any) -> str:
    return reverse("window:desk_person", args=[worker.pk])


def test_it_is_written_down_at_the_desk_and_read_there(cast: Any, as_user: Any) -> None:
    worker = make_worker()
    client = as_user(cast("clerk"))
    answer = client.post(page_of(worker), {"channel": "phone", "said": SAID}, follow=True)
    page = answer.content.decode()
    assert SAID in page and "电话" in page and "已记录联系情况" in page and "乌兰" in page
    kept = Contact.objects.get()
    assert kept.kept_until == timezone.localdate() + timedelta(days=settings.CONTACT_KEPT_DAYS)
    entry = Entry.objects.get(action="contact.record")
    assert entry.worker_ref == worker.pk and SAID not in repr(entry.detail)
    assert SAID in as_user(cast("reviewer")).get(page_of(worker)).content.decode()
    assert as_user(cast("baotou_clerk")).get(page_of(worker)).status_code == 404


@pytest.mark.parametrize("said", ["", "无", "本人证件号码150624198506150018", "长" * 501])
def test_what_is_refused_stays_in_its_field(cast: Any, as_user: Any, said: str) -> None:
    worker = make_worker()
    answer = as_user(cast("clerk")).post(page_of(worker), {"channel": "visit", "said": said})
    page = answer.content.decode()
    assert "said" in answer.context["form"].errors and not Contact.objects.exists()
    assert said in page.partition("<textarea")[2]


def test_who_may_not_is_not_asked(cast: Any, as_user: Any) -> None:
    worker = make_worker()
    page = as_user(cast("auditor")).get(page_of(worker)).content.decode()
    assert "记录联系情况" not in page
    as_user(cast("auditor")).post(page_of(worker), {"channel": "phone", "said": SAID})
    assert not Contact.objects.exists()
    given = {"channel": "phone", "said": SAID, "on": timezone.localdate()}
    with pytest.raises(Refused):
        record_contact(make_worker("李静", region=KUNDULUN).pk, by=cast("clerk"), **given)
    with pytest.raises(NotNow):
        record_contact(worker.pk, by=cast("clerk"), **{**given, "channel": "pigeon"})


def test_it_is_erased_after_its_day_and_not_before(cast: Any) -> None:
    worker, today = make_worker(), timezone.localdate()
    long_ago = today - timedelta(days=settings.CONTACT_KEPT_DAYS)
    given = {"channel": "window", "said": SAID, "by": cast("clerk")}
    old = record_contact(worker.pk, on=long_ago - timedelta(days=1), **given)
    last_day = record_contact(worker.pk, on=long_ago, **given)
    assert erase_old() == 1 and erase_old() == 0
    assert not Contact.objects.filter(pk=old.pk).exists()
    assert Contact.objects.filter(pk=last_day.pk).exists()
    assert Entry.objects.filter(action="contact.erase").count() == 1


def test_the_person_takes_it_away(cast: Any) -> None:
    worker = make_worker()
    worker.account = make_account("w20261234", worker.name, "worker", worker.work_region_id)
    worker.save()
    record_contact(worker.pk, channel="window", said=SAID, by=cast("clerk"), on=date(2026, 11, 20))
    record_contact(
        make_worker("李静").pk, channel="window", said="别人的", by=cast("clerk"), on=date(2026, 11, 20)
    )
    ((_, how, said, until),) = _contacts(worker.account)
    assert (how, said) == ("窗口", SAID) and "2028年" in until
