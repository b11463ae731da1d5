"""A public notice as everybody reads it: its facts and its list, on its public page and before it is published."""

from __future__ import annotations

from typing import Any

from portal.cases.models import NoticeVersion, PublicNotice
from portal.formats import date_cn


def table_of(version: NoticeVersion) -> list[dict[str, Any]]:
    """Each row with its cells beside their columns, as the table draws them."""
    return [
        {"key": row["key"], "cells": list(zip(version.columns, row["cells"], strict=True))}
        for row in version.rows
    ]


def facts_of(notice: PublicNotice, version: NoticeVersion) -> list[tuple[str, Any, str]]:
    """(label, value, note). One that is not published yet has no number."""
    days = f"{date_cn(notice.opens_on)}至{date_cn(notice.closes_on)}（含当日）"
    uncertain = "" if notice.closes_certain else "该年度的官方放假安排尚未公布，截止日期可能调整"
    of_digest = "由名单及其依据计算得出，名单有任何改动摘要即不同，可与公布结果核对"
    return [
        ("公示编号", notice.number or "发布时编号", ""),
        ("公示期", days, uncertain),
        ("公示依据", notice.legal_basis, ""),
        ("公示人数", f"{len(version.rows)}人", ""),
        ("名单摘要", version.digest, of_digest),
    ]
