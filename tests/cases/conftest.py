"""A case that takes evidence, and a notice that takes objections, for the tests of the shared ground."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from PIL import Image

from portal.cases.actions import NewCase, open_cases
from portal.cases.evidence import rules
from portal.cases.notices import kinds
from portal.cases.notices.publishing import publish_notice
from talent_registry.selection.workflow import ROUND
from tests.cast import REGION

KIND = "registry.direct-inclusion"
NOTICE = "test.list"
MONDAY = date(2026, 11, 16)
COLUMNS = [
    {"label": "名次", "kind": "number"},
    {"label": "姓名", "kind": "text"},
    {"label": "证件号码", "kind": "text"},
]
ROWS = [
    {"key": "TJ-2026-000001", "cells": ["1", "王建国", "150624********123X"]},
    {"key": "TJ-2026-000002", "cells": ["2", "李秀英", "150203********4561"]},
]


def pdf(text: str = "", **root: Any) -> bytes:
    """A PDF of one empty page; `text` makes two of them different, `root` adds to the catalogue."""
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Title"] = text
    for key, value in root.items():
        document.Root[f"/{key}"] = value
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "证书.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


@pytest.fixture
def takes_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proposals take evidence while they are proposed; the panel's expert reads it."""
    monkeypatch.setattr(rules, "_RULES", {})
    rules.register_evidence(
        KIND,
        permission="registry.propose",
        may_change=lambda case: case.state == "proposed",
        readers=lambda user: Q(label="专家可见") if user.username == "region.expert" else Q(pk__in=[]),
    )


@dataclass
class Programme:
    """Announces a list; remembers what an upheld objection made it do."""

    barred: set[int] = field(default_factory=set)
    upheld: list[tuple[str, str]] = field(default_factory=list)
    then: Callable[..., Any] | None = None

    def on_upheld(self, objection: Any, *, by: Any, on: date, reason: str, remedy: str) -> None:
        self.upheld.append((objection.about, remedy))
        if self.then:
            self.then(objection, by=by, on=on)


@pytest.fixture
def programme(monkeypatch: pytest.MonkeyPatch) -> Programme:
    made = Programme()
    monkeypatch.setattr(kinds, "_KINDS", {})
    kinds.register_notice_kind(
        NOTICE,
        remedies=[
            ("exclude", "取消资格", "从名单中移除。"),
            ("reassess", "重新排序", "按核定的信息重新排序。"),
        ],
        barred=lambda notice: made.barred,
        on_upheld=made.on_upheld,
    )
    return made


@pytest.fixture
def announce(programme: Programme, cast: Callable[[str], Any]) -> Callable[..., Any]:
    """`announce()` publishes the list for five working days from Monday, 16 November 2026: until Monday the
    23rd.
    """

    def make(**changed: Any) -> Any:
        officer = cast("registry_officer")
        [case] = open_cases(ROUND, [NewCase(REGION, None, "2026年度遴选")], by=officer, on=MONDAY)
        given = {
            "kind": NOTICE,
            "case": case,
            "title": "2026年度高技能领军人才拟入选名单公示",
            "legal_basis": "内党办发〔2019〕6号第一条",
            "body": "现将拟入选名单公示如下。",
            "columns": COLUMNS,
            "rows": ROWS,
            "digest": "a" * 64,
            "working_days": 5,
            "by": officer,
            "on": MONDAY,
        } | changed
        return publish_notice(**given)

    return make
