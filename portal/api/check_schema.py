"""The eligibility check as the API describes it: facts, types, limits and words of the fact model."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view

from portal.policy.benefits import BY_CODE, FORCES, FUNDS
from portal.policy.facts import FACTS, LEVEL_FACTS, REGION_FACTS, choices_of
from portal.policy.intake import HONOURS_MOST, TEXT_MOST

Schema = dict[str, Any]
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


def _object_schema(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
        **more,
    }


def _text_list(description: str, **items: Any) -> Schema:
    return {"type": "array", "items": {"type": "string", **items}, "description": description}


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


REQUEST: Schema = {
    **_object_schema(
        {
            "on": _text(
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

_CLAUSE = _object_schema(
    {"document": _text("文件"), "number": _text("条款", nullable=True)}, description="依据的文件和条款"
)


def _day(description: str) -> Schema:
    return _text(description, format="date", nullable=True)


_MEASURE = _object_schema(
    {
        "fact": _text("衡量的事实", enum=list(FACTS)),
        "comparison": _text(
            "at_least 不少于；at_most 不超过；below 少于（达到即用完）；within_months 自该日起几个月内",
            enum=["at_least", "at_most", "below", "within_months"],
        ),
        "required": {"description": "须达到的数或等级；没有依据时为 null", "nullable": True},
        "has": {"description": "现有的数、等级或日期；未知为 null", "nullable": True},
        "missing": {"type": "number", "nullable": True, "description": "还差多少（等级按级数计）"},
        "left": {"type": "integer", "nullable": True, "description": "还剩几次，或还剩几天"},
        "reached_on": _day("照此下去从哪天起达到"),
        "assumes": _text("reached_on 的前提；没有时为空"),
        "until": _day("到哪天为止"),
    },
    nullable=True,
    description="条件有数额或期限时：要求多少、现有多少、还差多少、何时达到、何时截止；没有的为 null",
)
_CONDITION = _object_schema(
    {
        "code": _text("条件代码"),
        "label": _text("条件"),
        "clause": _CLAUSE,
        "holds": {
            "type": "boolean",
            "nullable": True,
            "description": "true 符合，false 不符合，null 尚不能确定",
        },
        "observed": {
            "type": "object",
            "additionalProperties": True,
            "description": "判断所看的事实和取值，null 为未知",
        },
        "remedy": _text("不符合时可以怎么办"),
        "measure": _MEASURE,
    }
)
_GIVES = _object_schema(
    {
        "summary": _text("待遇内容"),
        "days": {"type": "integer", "nullable": True, "description": "年休假天数"},
        "offers_per_year": {"type": "integer", "nullable": True, "description": "年度内提供的就业机会数"},
        "title": _text(
            "比照的职称", enum=["assistant_engineer", "engineer", "senior_engineer"], nullable=True
        ),
        "education": _text("比照的学历", enum=["secondary", "junior_college", "bachelor"], nullable=True),
        "relatives": _text_list("可随同落户的人员", enum=["self", "spouse", "minor_children", "parents"]),
    },
    optional=("days", "offers_per_year", "title", "education", "relatives"),
)
_RISE = _object_schema(
    {
        "gives": _text("gives 中会变的一项"),
        "fact": _text("随之增长的事实", enum=list(FACTS)),
        "required": {"type": "number", "description": "达到多少"},
        "value": {"type": "integer", "description": "变为多少"},
        "on": _text("预计从哪天起", format="date"),
        "assumes": _text("前提"),
    }
)
_RESULT = _object_schema(
    {
        "benefit": _text("事项代码", enum=list(BY_CODE)),
        "title": _text("事项名称"),
        "clause": _CLAUSE,
        "force": _text(
            "效力：" + "；".join(f"{code} {label}" for code, label in FORCES.items()), enum=list(FORCES)
        ),
        "outcome": _text(
            "结论：eligible 符合；ineligible 不符合；undetermined 尚不能确定",
            enum=["eligible", "ineligible", "undetermined"],
        ),
        "amount": _text(
            "金额（元）；没有金额，或金额尚无依据时为 null", pattern=r"^\d+\.\d{2}$", nullable=True
        ),
        "fund": _text("列支资金", enum=list(FUNDS), nullable=True),
        "gives": _GIVES,
        "qualifies_on": _day("现在不符合、随时间推移可以符合的，从哪天起符合；不能按日历推算的为 null"),
        "apply_until": _day("符合（或将要符合）的，到哪天为止可以申请；没有截止日的为 null"),
        "possible_from": _day("还有事实未知、推算不出 qualifies_on 的，从哪天起已知的条件不再排除"),
        "possible_until": _day("还有事实未知的，已知的条件到哪天为止不排除（如证书的申请期限）"),
        "assumes": _text_list("qualifies_on 和 possible_from 的前提，如继续按月缴费"),
        "rises": {"type": "array", "items": _RISE, "description": "符合的，今后会提高到多少"},
        "conditions": {"type": "array", "items": _CONDITION, "description": "当日有效的各项条件"},
        "missing_facts": _text_list("还须了解哪些事实", enum=list(FACTS)),
        "missing_law": _text_list("哪些政策参数当日没有值（依据细则待补）"),
        "caveats": _text_list("须由经办机构确认的事项"),
        "digest": _text("本项答复的摘要；同样的请求得到同样的摘要", pattern="^[0-9a-f]{64}$"),
    }
)
ANSWER: Schema = _object_schema(
    {
        "on": _text("办理基准日", format="date"),
        "policy_version": _text("规则和当日政策参数的版本；任何一项变化，版本随之变化"),
        "results": {"type": "array", "items": _RESULT},
    }
)
ERRORS: Schema = _object_schema(
    {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": _object_schema(
                {
                    "field": _text("有误的字段；与字段无关时为 null", nullable=True),
                    "problem": _text("有什么问题"),
                    "allowed": _text_list("允许的取值；不能逐个列出的，是一句说明"),
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
            "根据所填事实，逐项答复个人可享受哪些待遇、依据哪一条、还缺什么。不需要账号，不保存任何内容。"
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
