"""A reason that somebody has to give says something."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from portal.reasons import ReasonField, reason_in


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "无",
        "無",
        "/",
        "——",
        "……",
        "无。",
        "没有",
        "暂无",
        "同上",
        "略",
        "1",
        "111",
        "xx",
        "ＮＡ",
        "None",
    ],
)
def test_what_says_nothing_is_no_reason(text: str) -> None:
    assert reason_in(text) == ""
    with pytest.raises(ValidationError, match="请写明理由。"):
        ReasonField(error_messages={"required": "请写明理由。"}).clean(text)


@pytest.mark.parametrize(
    "text", ["误登", "误", "退休", "已离职", "不实", "无证据证明", "12345", "没有技能岗位", "来电"]
)
def test_what_says_something_is_one_without_stray_spaces(text: str) -> None:
    assert reason_in(f" {text}\n") == text
    assert ReasonField().clean(f" {text} ") == text


def test_where_no_reason_is_needed_anything_may_be_written() -> None:
    assert ReasonField(required=False).clean("无") == "无"
