"""The channels the portal ships with, and the profiles of the files behind them.

No national form of such files exists, and those of banks differ by bank and version: the ones here are samples, and say
so. An office has those of its own bank added with a release.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.funds.models.funds import PayeeKind
from portal.funds.profiles import AnswerProfile, Column, Profile

_SAMPLE = "示例（银行没有全国统一的格式，启用前须换成开户银行提供的格式）"

_BY_HEADER = AnswerProfile(
    columns=(
        Column("reference", "业务编号", ("企业流水号",)),
        Column("account", "收款账号", ("账号", "帐号")),
        Column("name", "收款户名", ("户名", "姓名")),
        Column("amount", "金额", ("交易金额",)),
        Column("status", "处理结果", ("状态", "交易状态")),
        Column("words", "失败原因", ("备注", "说明")),
        Column("bank_number", "银行流水号", ("流水号",)),
    ),
    header=True,
    paid=("成功", "交易成功", "已入账"),
    returned=("失败", "交易失败", "退票", "退回"),
)
_BY_PLACE = AnswerProfile(
    columns=(
        Column("other", "序号"),
        Column("reference", "业务编号"),
        Column("name", "户名"),
        Column("account", "账号"),
        Column("amount", "金额"),
        Column("status", "结果"),
        Column("words", "说明"),
    ),
    header=False,
    paid=("S", "成功"),
    returned=("F", "失败"),
)

PROFILES: tuple[Profile, ...] = (
    Profile(
        code="sample_csv",
        name="代发文件（示例银行一）",
        source=_SAMPLE,
        columns=(
            Column("sequence", "序号"),
            Column("reference", "业务编号"),
            Column("name", "收款户名"),
            Column("account", "收款账号"),
            Column("bank", "开户银行"),
            Column("amount", "金额"),
            Column("purpose", "用途"),
        ),
        header=True,
        suffix=".csv",
        encoding="gb18030",
        separator=",",
        least=1,
        most=5000,
        most_amount=100_000_00,
        answer=_BY_HEADER,
    ),
    Profile(
        code="sample_txt",
        name="对公支付文件（示例银行二）",
        source=_SAMPLE,
        columns=(
            Column("sequence", "序号"),
            Column("reference", "业务编号"),
            Column("name", "户名"),
            Column("account", "账号"),
            Column("bank", "开户行"),
            Column("amount", "金额"),
        ),
        header=False,
        suffix=".txt",
        encoding="gbk",
        separator="|",
        least=1,
        most=1000,
        most_amount=None,
        answer=_BY_PLACE,
    ),
    Profile(
        code="one_card_list",
        name="惠民惠农补贴清册（一卡通）",
        source="内财农规〔2024〕3号规定通过民生服务信息平台发放；清册栏目为示例，启用前须按平台模板核对",
        columns=(
            Column("sequence", "序号"),
            Column("legal_name", "姓名"),
            Column("identity_number", "身份证号"),
            Column("name", "开户名"),
            Column("account", "社会保障卡账号"),
            Column("bank", "开户银行"),
            Column("amount", "补贴金额"),
            Column("reference", "业务编号"),
        ),
        header=True,
        suffix=".xlsx",
        encoding="utf-8",
        separator=",",
        least=1,
        most=5000,
        most_amount=None,
        answer=_BY_HEADER,
    ),
)


@dataclass(frozen=True)
class ChannelDescription:
    """A channel, and whom it pays out of which fund."""

    code: str
    name: str
    profile: str
    document: str
    serves: tuple[tuple[str, PayeeKind], ...]


CHANNELS: tuple[ChannelDescription, ...] = (
    ChannelDescription(
        "agency_account",
        "社会保险经办机构支出户",
        "sample_csv",
        "《社会保险法》第六十四条、第六十八条",
        (
            ("unemployment_insurance_fund", PayeeKind.PERSON),
            ("unemployment_insurance_fund", PayeeKind.PUBLIC_PAYROLL),
        ),
    ),
    ChannelDescription(
        "one_card",
        "一卡通发放清册",
        "one_card_list",
        "内财农规〔2024〕3号",
        (
            ("employment_subsidy_fund", PayeeKind.PERSON),
            ("award_budget", PayeeKind.PERSON),
            ("award_budget", PayeeKind.PUBLIC_PAYROLL),
        ),
    ),
    ChannelDescription(
        "treasury",
        "国库支付申请（对公账户）",
        "sample_txt",
        "《预算法》第六十一条、第六十三条",
        (
            ("employment_subsidy_fund", PayeeKind.UNIT),
            ("facility_budget", PayeeKind.UNIT),
            ("award_budget", PayeeKind.UNIT),
        ),
    ),
)
