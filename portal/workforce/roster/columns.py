"""The columns of a roster, in the order of the template, and what is written about them there."""

from __future__ import annotations

from portal.spreadsheets.header import Column, SheetForm
from portal.workforce.roster.labels import ALSO

COLUMNS = (
    Column(
        "name", "姓名", "与居民身份证一致。", "示例（请删除本行）", needed=True, most=60, also=ALSO["name"]
    ),
    Column(
        "number",
        "证件号码",
        "18位公民身份号码，最后一位可为X。Excel中请先将本列设为“文本”格式。",
        "15000019000101000X",
        needed=True,
        also=ALSO["number"],
    ),
    Column(
        "region",
        "工作地区划代码",
        "6位行政区划代码，可填自治区、盟市或旗县（市、区）。",
        "150624",
        needed=True,
        also=ALSO["region"],
    ),
    Column("employer", "用人单位", "单位全称。", "某某机械有限公司", also=ALSO["employer"]),
    Column(
        "code",
        "统一社会信用代码",
        "18位。填写后按代码认定用人单位，未填写的按单位名称和工作地认定。",
        "",
        also=ALSO["code"],
    ),
    Column(
        "occupation",
        "职业工种",
        "证书所载职业（工种）名称。填写技能等级时必须填写。",
        "焊工",
        most=60,
        also=ALSO["occupation"],
    ),
    Column(
        "level",
        "技能等级",
        "学徒工、初级工、中级工、高级工、技师、高级技师、特级技师或首席技师；五级至一级等写法亦可。",
        "高级工",
        also=ALSO["level"],
    ),
    Column(
        "certificate",
        "证书编号",
        "技能等级证书编号。一人有多本证书的，每本一行，其余各列相同。",
        "",
        most=40,
        also=ALSO["certificate"],
    ),
    Column(
        "issued_on",
        "发证日期",
        "如2024-01-25、2024年1月25日或20240125。",
        "2024-01-25",
        also=ALSO["issued_on"],
    ),
    Column("front_line", "一线岗位", "是否在生产服务一线岗位，填“是”或“否”。", "是", also=ALSO["front_line"]),
    Column("years", "一线年限", "在一线岗位累计工作年数，可有一位小数。", "8.5", also=ALSO["years"]),
    Column("months", "失业保险累计月数", "失业保险累计缴费月数，整数。", "96", also=ALSO["months"]),
    Column(
        "honours",
        "荣誉",
        "每项写作“名称@年份@文号”，多项之间用顿号（、）隔开；没有文号的写作“名称@年份”。",
        "全国技术能手@2023@人社部发〔2023〕1号",
        most=2000,
        also=ALSO["honours"],
    ),
    Column("phone", "手机号", "11位手机号。", "", also=ALSO["phone"]),
    Column(
        "explanation",
        "情况说明",
        "一般不填。所填信息不常见但属实的（如15周岁取得证书），写明原因，供业务主管核查。本列可以没有。",
        "",
        most=300,
        optional=True,
    ),
)
KEYS = tuple(column.key for column in COLUMNS)
ROSTER = SheetForm(
    "花名册",
    COLUMNS,
    is_free=True,
    notes=("空白单元格表示“未说明”，不会清除已登记的内容；同一文件重复导入不会改变任何内容。",),
)
