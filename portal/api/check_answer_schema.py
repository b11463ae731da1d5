"""The answer of the eligibility check as the API describes it."""

from __future__ import annotations

from portal.api.schema_terms import Schema, day, object_schema, text, text_list
from portal.policy.benefits import BY_CODE, FORCES, FUNDS
from portal.policy.facts import FACTS

_CLAUSE = object_schema(
    {"document": text("文件"), "number": text("条款", nullable=True)}, description="依据的文件和条款"
)


_MEASURE = object_schema(
    {
        "fact": text("衡量的事实", enum=list(FACTS)),
        "comparison": text(
            "at_least 不少于；at_most 不超过；below 少于（达到即用完）；within_months 自该日起几个月内",
            enum=["at_least", "at_most", "below", "within_months"],
        ),
        "required": {"description": "须达到的数或等级；没有依据时为 null", "nullable": True},
        "has": {"description": "现有的数、等级或日期；未知为 null", "nullable": True},
        "missing": {"type": "number", "nullable": True, "description": "还差多少（等级按级数计）"},
        "left": {"type": "integer", "nullable": True, "description": "还剩几次，或还剩几天"},
        "reached_on": day("照此下去从哪天起达到"),
        "assumes": text("reached_on 的前提；没有时为空"),
        "until": day("到哪天为止"),
    },
    nullable=True,
    description="条件有数额或期限时：要求多少、现有多少、还差多少、何时达到、何时截止；没有的为 null",
)
_CONDITION = object_schema(
    {
        "code": text("条件代码"),
        "label": text("条件"),
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
        "remedy": text("不符合时可以怎么办"),
        "measure": _MEASURE,
    }
)
_GIVES = object_schema(
    {
        "summary": text("待遇内容"),
        "days": {"type": "integer", "nullable": True, "description": "年休假天数"},
        "offers_per_year": {"type": "integer", "nullable": True, "description": "年度内提供的就业机会数"},
        "title": text(
            "比照的职称", enum=["assistant_engineer", "engineer", "senior_engineer"], nullable=True
        ),
        "education": text("比照的学历", enum=["secondary", "junior_college", "bachelor"], nullable=True),
        "relatives": text_list("可随同落户的人员", enum=["self", "spouse", "minor_children", "parents"]),
    },
    optional=("days", "offers_per_year", "title", "education", "relatives"),
)
_RISE = object_schema(
    {
        "gives": text("gives 中会变的一项"),
        "fact": text("随之增长的事实", enum=list(FACTS)),
        "required": {"type": "number", "description": "达到多少"},
        "value": {"type": "integer", "description": "变为多少"},
        "on": text("预计从哪天起", format="date"),
        "assumes": text("前提"),
    }
)
_AMOUNT = text("金额（元）；没有金额，或金额尚无依据时为 null", pattern=r"^\d+\.\d{2}$", nullable=True)
_WINDOW = object_schema(
    {
        "from": text("从哪天起，含当日；正在其中的，为办理基准日", format="date"),
        "until": day("到哪天为止，含当日；预见不到截止日的为 null"),
    }
)
_RESULT = object_schema(
    {
        "benefit": text("事项代码", enum=list(BY_CODE)),
        "title": text("事项名称"),
        "clause": _CLAUSE,
        "force": text(
            "效力：" + "；".join(f"{code} {label}" for code, label in FORCES.items()), enum=list(FORCES)
        ),
        "outcome": text(
            "结论：eligible 符合；ineligible 不符合；undetermined 尚不能确定",
            enum=["eligible", "ineligible", "undetermined"],
        ),
        "amount": _AMOUNT,
        "fund": text("列支资金", enum=list(FUNDS), nullable=True),
        "gives": _GIVES,
        "qualifies_on": day("现在不符合、随时间推移可以符合的，从哪天起符合；不能按日历推算的为 null"),
        "apply_until": day("符合（或将要符合）的，到哪天为止可以申请；没有截止日的为 null"),
        "possible_from": day("还有事实未知、推算不出 qualifies_on 的，从哪天起已知的条件不再排除"),
        "possible_until": day("还有事实未知的，已知的条件到哪天为止不排除（如证书的申请期限）"),
        "windows": {
            "type": "array",
            "items": _WINDOW,
            "description": "可以申请（或已知的条件不排除）的全部时段，按先后；上面四项是其中第一段。没有期限的为空",
        },
        "assumes": text_list("今后各时段的前提，如继续按月缴费"),
        "rises": {"type": "array", "items": _RISE, "description": "符合的，今后会提高到多少"},
        "conditions": {"type": "array", "items": _CONDITION, "description": "当日有效的各项条件"},
        "missing_facts": text_list("还须了解哪些事实", enum=list(FACTS)),
        "missing_law": text_list("哪些政策参数当日没有值（依据细则待补）"),
        "caveats": text_list("须由经办机构确认的事项"),
        "digest": text("本项答复的摘要；同样的请求得到同样的摘要", pattern="^[0-9a-f]{64}$"),
    }
)
_GAIN = object_schema(
    {
        "benefit": text("事项代码", enum=list(BY_CODE)),
        "title": text("事项名称"),
        "summary": text("待遇内容"),
        "amount": _AMOUNT,
        "fund": text("列支资金", enum=list(FUNDS), nullable=True),
        "caveats": text_list("须由经办机构确认的事项"),
    }
)
_FOLLOWING = object_schema(
    {
        "label": text("哪一步以后，如“取得技师证书后”"),
        "benefit": text("由哪一事项办成而来；取得下一等级证书的为 null", enum=list(BY_CODE), nullable=True),
        "facts": {
            "type": "object",
            "additionalProperties": True,
            "description": "那时改变的事实，可以据此再次查询",
        },
        "gains": {"type": "array", "items": _GAIN, "description": "那时即可享受的，或内容、金额提高的"},
        "perhaps": {"type": "array", "items": _GAIN, "description": "再符合其他条件才可享受的"},
    }
)
ANSWER: Schema = object_schema(
    {
        "on": text("办理基准日", format="date"),
        "policy_version": text("规则和当日政策参数的版本；任何一项变化，版本随之变化"),
        "results": {"type": "array", "items": _RESULT},
        "following": {
            "type": "array",
            "items": _FOLLOWING,
            "description": (
                "然后还可享受：可以办成的事项、下一技能等级再带来什么。"
                "指定了 benefits 的，只列由这些事项而来的和带来这些事项的"
            ),
        },
    }
)
