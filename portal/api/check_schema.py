"""The eligibility check as the API describes it: facts, types, limits and words of the fact model."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view

from portal.api.check_answer_schema import ANSWER
from portal.api.schema_terms import Schema, object_schema, text, text_list
from portal.policy.benefits import BY_CODE
from portal.policy.facts import FACTS, LEVEL_FACTS, REGION_FACTS, choices_of
from portal.policy.intake import HONOURS_MOST, TEXT_MOST

OPERATION = "eligibility_check"


def fact_schema(name: str) -> Schema:
    """One fact in JSON Schema: what `validate_facts` accepts, without the limit of dates."""
    field = FACTS[name]
    label = str(field.verbose_name)
    return {**_type_schema(name, field), "nullable": True, "description": label}


def _type_schema(name: str, field: models.Field[Any, Any]) -> Schema:
    if isinstance(field, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, models.DateField):
        return {"type": "string", "format": "date"}
    if isinstance(field, ArrayField):
        # The lookahead keeps a line break out, which `$` alone lets pass in some languages.
        code = {"type": "string", "pattern": r"^[-a-zA-Z0-9_]{1,64}(?!\n)$", "maxLength": 64}
        return {"type": "array", "items": code, "maxItems": HONOURS_MOST}
    if name in LEVEL_FACTS or field.choices:
        return {"type": "string", "enum": list(choices_of(name))}
    if isinstance(field, models.IntegerField | models.DecimalField):
        least, most = field.bounds  # type: ignore[union-attr]
        return {
            "type": "integer" if isinstance(field, models.IntegerField) else "number",
            "minimum": least,
            "maximum": most,
        }
    if name in REGION_FACTS:
        return {"type": "string", "pattern": "^[0-9]{6}$", "minLength": 6, "maxLength": 6}
    return {
        "type": "string",
        "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
        "minLength": 1,
        "maxLength": TEXT_MOST,
    }


def _notes_on(name: str) -> str:
    """The Chinese words of the choices, and what a type cannot say."""
    field = FACTS[name]
    if choices := choices_of(name):
        return "：" + "；".join(f"{code} {label}" for code, label in choices.items())
    if isinstance(field, models.DateField):
        return "（不晚于办理基准日 on）"
    if isinstance(field, models.DecimalField):
        return f"（至多 {field.decimal_places} 位小数）"
    if isinstance(field, ArrayField):
        return "（荣誉代码；未列入政策的荣誉可以填写，不影响结果）"
    return "（GB/T 2260 六位代码）" if name in REGION_FACTS else ""


def _facts_schema() -> Schema:
    properties = {}
    for name in FACTS:
        properties[name] = fact_schema(name)
        properties[name]["description"] += _notes_on(name)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "description": "已知的事实；未填写或为 null 的视为未知，不在此列的名称会被拒绝。",
    }


REQUEST: Schema = {
    **object_schema(
        {
            "on": text(
                "办理基准日，1900-01-01 至 2100-12-31；不填为今天（北京时间）。", format="date", nullable=True
            ),
            "facts": _facts_schema(),
            "benefits": {
                "type": "array",
                "items": {"type": "string", "enum": list(BY_CODE)},
                "minItems": 1,
                "nullable": True,
                "description": "要查询的事项；不填则按政策顺序查询个人的全部事项。",
            },
        },
        optional=("on", "benefits"),
    )
}

ERRORS: Schema = object_schema(
    {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": object_schema(
                {
                    "field": text("有误的字段；与字段无关时为 null", nullable=True),
                    "problem": text("有什么问题"),
                    "allowed": text_list("允许的取值；不能逐个列出的，是一句说明"),
                },
                optional=("allowed",),
            ),
        }
    }
)

EXAMPLE_REQUEST: Schema = {
    "on": "2024-06-30",
    "facts": {
        "leading_talent": True,
        "child_in_compulsory_education": None,
        "jobless_willing_spouse_or_child": True,
    },
    "benefits": ["family.employment"],
}
_FOUR = {"document": "内党办发〔2019〕6号", "number": "四"}
EXAMPLE_ANSWER: Schema = {
    "on": "2024-06-30",
    "policy_version": "1c9eb5e4cf6c275a",
    "results": [
        {
            "benefit": "family.employment",
            "title": "配偶、子女就业服务",
            "clause": _FOUR,
            "force": "entitled",
            "outcome": "eligible",
            "amount": None,
            "fund": None,
            "gives": {
                "summary": "提供一对一职业指导和就业培训，年度内提供 2 个以上就业机会",
                "offers_per_year": 2,
            },
            "qualifies_on": None,
            "apply_until": None,
            "possible_from": None,
            "possible_until": None,
            "windows": [],
            "assumes": [],
            "rises": [],
            "conditions": [
                {
                    "code": "policy-in-force",
                    "label": "政策已施行",
                    "clause": _FOUR,
                    "holds": True,
                    "observed": {"on": "2024-06-30"},
                    "remedy": "本项政策自 2019-02-20 起施行，请以该日及以后的日期查询。",
                    "measure": None,
                },
                {
                    "code": "leading-talent",
                    "label": "已纳入高技能领军人才名录",
                    "clause": {"document": "内党办发〔2019〕6号", "number": "一"},
                    "holds": True,
                    "observed": {"leading_talent": True},
                    "remedy": "请先申请纳入自治区高技能领军人才名录："
                    "持有相关荣誉的可直接纳入，其他人员可参加年度遴选。",
                    "measure": None,
                },
                {
                    "code": "jobless-family",
                    "label": "配偶或子女有就业意愿但未就业",
                    "clause": _FOUR,
                    "holds": True,
                    "observed": {"jobless_willing_spouse_or_child": True},
                    "remedy": "配偶或子女有就业意愿的，请到当地公共就业服务机构办理失业登记或求职登记。",
                    "measure": None,
                },
            ],
            "missing_facts": [],
            "missing_law": [],
            "caveats": [],
            "digest": "b2c661392bf1be1cdd7d2fa33c192e29d34760675687b7f52b5220e33a61f0c7",
        }
    ],
    "following": [],
}


def _refusal_response(description: str) -> OpenApiResponse:
    return OpenApiResponse(ERRORS, description)


def require_body(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """A check without a body is refused; of a body given as a schema drf-spectacular does not say so."""
    for operations in result["paths"].values():
        for operation in operations.values():
            if operation["operationId"] == OPERATION:
                operation["requestBody"]["required"] = True
    return result


described = extend_schema_view(
    post=extend_schema(
        operation_id=OPERATION,
        summary="查询可享受的待遇",
        description=(
            "根据所填事实，逐项答复个人可享受哪些待遇、依据哪一条、还缺什么、何时可以申请，以及然后还可享受什么。"
            "不需要账号，不保存任何内容。"
            "按来源地址限制每分钟的次数，超出时返回 429 和 Retry-After。请求内容不超过 16 KB。"
        ),
        request={"application/json": REQUEST},
        responses={
            200: OpenApiResponse(ANSWER, "逐项答复，按政策顺序"),
            400: _refusal_response("请求有误：列出每个有误的字段、问题和允许的取值"),
            413: _refusal_response("请求内容过大"),
            415: _refusal_response("请求内容不是 JSON"),
            429: _refusal_response("请求过于频繁"),
        },
        examples=[
            OpenApiExample("领军人才家属就业", value=EXAMPLE_REQUEST, request_only=True),
            OpenApiExample(
                "领军人才家属就业", value=EXAMPLE_ANSWER, response_only=True, status_codes=["200"]
            ),
            OpenApiExample(
                "取值有误",
                response_only=True,
                status_codes=["400"],
                value={
                    "errors": [
                        {
                            "field": "technical_school_class",
                            "problem": "没有这个取值。",
                            "allowed": list(choices_of("technical_school_class")),
                        }
                    ]
                },
            ),
        ],
        auth=[],
    )
)
