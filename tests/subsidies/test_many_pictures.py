"""A worker completes a claim with the pictures their telephone takes: several at once, and a bad one keeps no other out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.cases.models import Evidence
from portal.pages.forms import EvidenceForm
from subsidies import claiming
from tests.selection.nominees import picture
from tests.subsidies.conftest import MONDAY

pytestmark = pytest.mark.django_db
COLOURS = ("red", "green", "blue", "black", "white", "yellow")


@pytest.fixture
def returned(
    cast: Any, own: Any, handed_in: Callable[..., Any], welding: Any, settings: Any, tmp_path: Any
) -> str:
    """The address of a claim that the worker is to complete."""
    settings.MEDIA_ROOT = tmp_path
    claim = handed_in(welding)
    claiming.return_for_correction(claim.pk, missing=["证书扫描件"], by=cast("clerk"), on=MONDAY)
    return reverse("subsidies:claim", args=[claim.case.number])


def test_several_pictures_are_handed_in_at_once(returned: str, own: Any, as_user: Any) -> None:
    client = as_user(own)
    # Given the page, whose chooser takes several and lets a telephone offer its camera
    page = client.get(returned).content.decode()
    chooser = page[page.index('type="file"') - 200 : page.index('type="file"') + 300]
    assert "multiple" in chooser and "image/*" in chooser and "capture" not in chooser
    assert "可以直接拍照" in page and "最多5个，每个不超过" in page
    # When three are handed in, one of which is none
    pictures = [picture(colour=colour) for colour in COLOURS[:2]]
    bad = SimpleUploadedFile("坏.jpg", b"MZ not a picture")
    answer = client.post(returned, {"label": "证书", "file": [pictures[0], bad, pictures[1]]})
    # Then two are there, and the third is named
    assert Evidence.objects.not_removed().count() == 2
    said = answer.content.decode()
    assert "共2个文件" in said and "坏.jpg" in said
    # The same again is not kept twice
    again = client.post(returned, {"label": "证书", "file": [picture(colour=COLOURS[0])]})
    assert "已提交过" in again.content.decode() and Evidence.objects.not_removed().count() == 2


def test_more_than_fit_are_refused_before_any_is_kept(returned: str, own: Any, as_user: Any) -> None:
    many = [picture(colour=colour) for colour in COLOURS]
    assert len(many) == EvidenceForm.AT_ONCE + 1
    answer = as_user(own).post(returned, {"label": "证书", "file": many})
    assert "一次最多提交5个文件" in answer.content.decode() and not Evidence.objects.exists()


def test_what_the_case_has_no_room_for_is_told(returned: str, own: Any, as_user: Any, settings: Any) -> None:
    settings.EVIDENCE_MAX_FILES = 2
    three = [picture(colour=colour) for colour in COLOURS[:3]]
    answer = as_user(own).post(returned, {"label": "证书", "file": three})
    assert Evidence.objects.not_removed().count() == 2 and "最多提交2个文件" in answer.content.decode()
