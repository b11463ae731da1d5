"""What is done with rosters, as the audit's page calls it."""

from __future__ import annotations

ROSTER_ACTIONS = {
    "roster.import": "导入花名册",
    "roster.give_up": "放弃未读入的花名册",
    "roster.undo": "撤销花名册导入",
    "roster.mend": "更正未通过的行",
    "roster.hand_in": "报送花名册",
    "roster.take_in": "确认读入单位报送的花名册",
    "roster.send_back": "退回单位报送的花名册",
    "roster.mend.open": "查看未通过的行",
    "roster.not_shown": "花名册文件异常，未读取",
    "roster.refused.download": "下载未导入的行",
}
