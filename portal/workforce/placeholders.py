"""What people write into a cell or a field when they have nothing to write there.

Taken at its word, 无 becomes a unit with thousands of employees, and a certificate number that everybody has.
"""

from __future__ import annotations

import re
import unicodedata

from portal.reasons import reason_in

# What people say of themselves instead of naming a unit, with the words for "not", "is" and "somebody" around it:
# 已离职, 无固定单位, 待业中; and what they say of a number that is not there yet: 补办中, 待核实.
_ABOUT_ONESELF = re.compile(
    "(目前|现在|现|已经|已|尚|还|暂时|暂|正在|在)?("
    "(没有|没|无|無|沒有|未)(固定|正式|参加|用人|工作)*"
    "(单位|單位|工作|职业|业|業|就业|登记|编号|号码|证号|证书|公司|企业)"
    "|未?(待业|失业|下岗|离职|辞职|退休|退职|内退|待岗|灵活就业|自由职业|自由|自谋职业|自主创业|自主择业|创业"
    "|打工|务工|外出|外出务工|外出打工|零工|打零工|散工|临时工|务农|务牧|种地|放牧|在家务农|家务"
    "|个体|個體|个体户|个体经营|个体工商户|农民|牧民|农牧民|居民|社会|社会闲散|学生|在校学生|在读|在读学生|毕业生)"
    "|(待|未|没|尚未)"
    "(补充|补|查|查询|核实|核对|确认|确定|提供|填写|填报|填|录入|登记|办理|办|发证|发|领证|领取|领|下发|出)"
    "|补办|办理|申请)(中|者|人员|期间|了)?"
)
# Folded as `_folded` does it.
_NOTHING = frozenset(
    (
        "无", "無", "没有", "暂无", "没", "未", "空", "无单位", "没有单位", "暂无单位", "无工作单位",
        "无用人单位", "无业", "待业", "失业", "下岗", "离职", "退休", "已退休", "灵活就业", "灵活就业人员",
        "自由职业", "自由职业者", "个体", "务农", "在家", "否", "无证", "无证书", "暂无证书", "无编号",
        "无证书编号", "无号码", "不详", "不清楚", "不知道", "未知", "未填", "未填写", "未登记", "未提供",
        "待定", "待补", "待补充", "na", "none", "null", "nil", "no", "x", "xx", "xxx", "0",
    )
)  # fmt: skip
_SAYS_IT_IS_SO = frozenset(
    (
        "属实",
        "情况属实",
        "确实",
        "确实属实",
        "确实如此",
        "是",
        "对",
        "是的",
        "正确",
        "无误",
        "信息无误",
        "确认",
        "已确认",
        "正常",
        "如实",
    )
)
_AS_ABOVE = frozenset(("同上", "同前", "如上", "同上行", "同上格", "上同", "ditto"))


def _folded(text: str) -> str:
    """Letters and digits alone, of one width and case: the rest is what stands around or in place of words."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in plain if character.isalnum())


def says_nothing(text: str) -> bool:
    """Whether a text stands for "there is none" or "not known": a word for it, or signs alone (/, —, …)."""
    folded = _folded(text)
    is_zero = bool(folded) and not folded.strip("0")
    return not folded or is_zero or folded in _NOTHING or _ABOUT_ONESELF.fullmatch(folded) is not None


def explains_nothing(text: str) -> bool:
    """Whether a text gives no reason why something improbable is true: it says nothing, or only that it is."""
    return not reason_in(text) or _folded(text) in _SAYS_IT_IS_SO


def says_as_above(text: str) -> bool:
    """Whether a text means what stands in the row above, which nobody can rely on once rows are sorted."""
    return _folded(text) in _AS_ABOVE or text.strip() in ("〃", "″", "”", '"')
