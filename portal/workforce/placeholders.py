"""What people write into a cell or a field when they have nothing to write there.

Taken at its word, 无 becomes a unit with thousands of employees, and a certificate number that everybody has.
"""

from __future__ import annotations

import unicodedata

# Folded as `_folded` does it.
_NOTHING = frozenset(
    (
        "无", "没有", "暂无", "没", "未", "空", "无单位", "没有单位", "暂无单位", "无工作单位", "无用人单位", "无业", "待业",
        "失业", "下岗", "离职", "退休", "已退休", "灵活就业", "灵活就业人员", "自由职业", "自由职业者", "个体", "务农", "在家",
        "无证", "无证书", "暂无证书", "无编号", "无证书编号", "无号码", "不详", "不清楚", "不知道", "未知", "未填", "未填写",
        "未登记", "未提供", "待定", "待补", "待补充", "na", "none", "null", "nil", "no", "x", "xx", "xxx", "0",
    )
)  # fmt: skip
_AS_ABOVE = frozenset(("同上", "同前", "如上", "同上行", "同上格", "上同", "ditto"))


def _folded(text: str) -> str:
    """Letters and digits alone, of one width and case: the rest is what stands around or in place of words."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in plain if character.isalnum())


def says_nothing(text: str) -> bool:
    """Whether a text stands for "there is none" or "not known": a word for it, or signs alone (/, —, …)."""
    folded = _folded(text)
    return not folded or folded in _NOTHING


def says_as_above(text: str) -> bool:
    """Whether a text means what stands in the row above, which nobody can rely on once rows are sorted."""
    return _folded(text) in _AS_ABOVE or text.strip() in ("〃", "″", "”", '"')
