"""What people call the columns of a roster in the tables they keep. Brackets, blanks and signs in a label do not count,
and neither does whose it is: 员工联系电话, 联系电话（手机） and 联系电话 are one.
"""

from __future__ import annotations

_NAMES = """
name: 职工姓名 员工姓名 人员姓名 工人姓名 名字 参保人姓名 劳动者姓名
number: 身份证号 身份证号码 身份证 证件号 公民身份号码 公民身份证号码 居民身份证号 居民身份证号码
    居民身份证 身份号码 身份证件号码 身份证件号 有效证件号码 有效证件号 社会保障号码 社会保障号 社保号
    身份证编号
region: 区划代码 行政区划代码 行政区划 工作地 工作地区 工作地点 工作地代码 地区代码 地区 所在地区 所属地区
    所在旗县 旗县 旗县区 旗县市区 盟市旗县 所属旗县
employer: 单位 单位名称 工作单位 所在单位 用人单位名称 用工单位 用工单位名称 企业 企业名称 公司 公司名称
    单位全称 企业全称 公司全称 就业单位 所属单位 现工作单位 所在企业
code: 信用代码 社会信用代码 统一信用代码 单位信用代码 单位统一社会信用代码 企业统一社会信用代码
    统一社会信用码 机构代码 社会统一信用代码
occupation: 职业 工种 职业名称 工种名称 职业工种名称 职业或工种 从事工种 从事职业 证书工种 证书职业
    鉴定工种 认定工种 认定职业 鉴定职业 岗位工种 职业资格名称 技能工种 工种职业
level: 等级 级别 证书等级 证书级别 技能级别 职业等级 职业技能等级 职业资格等级 资格等级 技术等级
    技能等级级别 鉴定等级 鉴定级别 认定等级 认定级别 工种等级 国家职业资格等级
certificate: 证书号 证书号码 证书编码 证号 证书序号 技能证书编号 技能等级证书编号 职业技能等级证书编号
    职业资格证书编号 职业资格证书号 职业资格证书号码 资格证书编号 资格证号 等级证书编号 技能证书号
    职业证书编号
issued_on: 发证时间 取证日期 取证时间 颁证日期 颁证时间 获证日期 获证时间 领证日期 证书日期 发证日
    核发日期 签发日期 证书发证日期 证书颁发日期 颁发日期 取得日期 取得时间 证书取得时间 证书取得日期
front_line: 是否一线 是否一线岗位 是否在一线 是否为一线 是否一线职工 是否在一线岗位 一线 一线职工
    是否为一线岗位 是否生产一线
years: 一线工作年限 一线工龄 一线工作年数 一线岗位年限 一线从业年限 一线岗位工作年限 一线年数
months: 失业保险月数 失业保险缴费月数 失业保险累计缴费月数 失业保险参保月数 失保缴费月数 失保月数
    失业保险缴费 失业保险累计缴费
honours: 荣誉称号 所获荣誉 获得荣誉 所获荣誉称号 获奖情况 荣誉情况 表彰奖励 表彰荣誉 奖项 获得荣誉称号
phone: 手机 手机号码 电话 电话号码 联系电话 联系方式 移动电话 本人电话 联系手机 手机电话
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """{key of a column: names}; a key ends with a colon."""
    names: dict[str, list[str]] = {}
    key = ""
    for word in text.split():
        if word.endswith(":"):
            key = word[:-1]
            names[key] = []
        else:
            names[key].append(word)
    return {key: tuple(words) for key, words in names.items()}


ALSO = _read(_NAMES)
