"""What the API's description says of every operation alike: the refusals, and the address it stands at."""

from __future__ import annotations

import re
from typing import Any

from portal.api.check_schema import ERRORS, Schema

REFUSALS = {
    "400": "请求有误：列出每个有误的字段、问题和允许的取值",
    "401": "没有登录，或访问令牌无效、已过期",
    "403": "没有权限",
    "404": "没有这条记录，或无权查看",
    "405": "该地址不支持这种请求方法",
    "409": "现在不能办理，或者读取之后情况有变化：说明原因和变化",
    "429": "请求过于频繁；多少秒后重试见 Retry-After",
}
_ANSWERS = REFUSALS | {
    "200": "已办理，或已返回所查内容",
    "201": "已新建",
    "202": "已受理，正在后台办理",
    "204": "已办理，没有返回内容",
    "304": "内容没有变化",
    "413": "内容过大",
    "415": "不接受这种格式的内容",
}
_NAME = "Errors"
# The parts of the API by the first step of their addresses; a programme's is called as the programme.
ROOT = "root"
PARTS = {
    ROOT: "地址一览",
    "benefits": "待遇事项",
    "cases": "办件归档",
    "coverage": "外部数据的范围",
    "eligibility-checks": "待遇测算",
    "extracts": "外部数据",
    "funds": "资金、付款和追回",
    "honours": "荣誉类型",
    "jobs": "后台任务",
    "letters": "信函验证",
    "messages": "办件消息",
    "notices": "公示",
    "policy": "政策条款和参数",
    "regions": "行政区划",
    "windows": "服务窗口",
    "workers": "技术工人",
}
# What the portal's own operations are for; a programme says it of its own.
_SUMMARIES = {
    "/api/": "接口地址一览",
    "/api/letters/verify/{code}/": "验证信函：是否为本平台发出，写了什么，是否仍然有效",
    "/api/policy/clauses/": "政策条款摘要和责任部门",
    "/api/policy/parameters/": "某一天执行的政策参数和出处",
    "/api/regions/": "行政区划和服务窗口",
    "/api/regions/{code}/": "一个行政区划和它的服务窗口",
    "/api/workers/": "本人有权查看的技术工人",
    "/api/workers/by-number/": "按证件号码查询技术工人；号码在请求内容里发送，不出现在地址中",
    "/api/workers/{id}/": "一名技术工人",
}


def describe_refusals(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Every operation says what it is for, and refuses in one shape: drf-spectacular knows neither by itself."""
    result.setdefault("components", {}).setdefault("schemas", {})[_NAME] = ERRORS
    for path, operations in result["paths"].items():
        for operation in operations.values():
            if path in _SUMMARIES:
                operation.setdefault("summary", _SUMMARIES[path])
            _without_english(operation)
            for status, response in operation["responses"].items():
                response["description"] = _chinese(response.get("description")) or _ANSWERS[status]
            for status in _refusals_of(path, operation):
                if "content" not in operation["responses"].get(status, {}):
                    operation["responses"][status] = _refusal(status)
    for schema in result["components"]["schemas"].values():
        _without_english(schema)
    return result


def _without_english(described: Schema) -> None:
    """What we say to each other of the code is no description for whoever asks the API."""
    if not _chinese(described.get("description")):
        described.pop("description", None)


def _chinese(said: Any) -> str:
    """What is said, if it is said in Chinese."""
    words = str(said or "")
    return words if re.search("[\u4e00-\u9fff]", words) else ""


def _refusals_of(path: str, operation: Schema) -> list[str]:
    """Who needs no account is never refused for want of one; only what is asked for by name can be missing, and only
    what changes something can come too late, unless an operation says so itself.
    """
    open_to_all = {} in operation.get("security", [{}])
    left_out = {"401", "403"} if open_to_all else set()
    declared = operation["responses"]
    if "{" not in path and "404" not in declared:
        left_out.add("404")
    if "409" not in declared:
        left_out.add("409")
    return [status for status in REFUSALS if status not in left_out]


def _refusal(status: str) -> Schema:
    schema = {"$ref": f"#/components/schemas/{_NAME}"}
    return {"description": REFUSALS[status], "content": {"application/json": {"schema": schema}}}
