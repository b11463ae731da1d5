"""People, units and numbers that do not exist, for the demonstration and the benchmarks.

ID numbers carry the area code of no place (159999), so that none of them can be anybody's; check digits are
right everywhere. The same `random.Random` gives the same people.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.workforce.identity import check_digit

NOWHERE = "159999"
# As many people as are born in one place on one day can have a number.
NUMBERS_A_DAY = 999
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程"
    "曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "建国志强秀英桂兰明军丽娟海燕卫东晓红永胜春梅玉华文斌国栋淑珍"
    "立新成林洪涛静敏雪峰德福宏伟佳怡子轩浩然雨桐思远乐天俊杰欣悦"
    "其木格娜仁图雅巴特尔额尔敦苏和朝鲁布和宝音高娃塔娜斯琴乌兰托娅恩和吉日嘎拉呼格吉勒满都拉达来阿古拉旺楚克"
)
MONGOLIAN = (
    "巴特尔",
    "乌兰图雅",
    "其木格",
    "娜仁花",
    "额尔敦巴雅尔",
    "苏和",
    "朝鲁门",
    "宝音图",
    "高娃",
    "斯琴格日乐",
    "吉日嘎拉",
    "呼格吉勒",
    "满都呼",
    "达来",
    "阿古达木",
    "萨仁高娃",
    "乌云其其格",
    "敖特根巴雅尔",
    "哈斯额尔敦",
    "特木尔",
)
OCCUPATIONS = (
    "焊工",
    "钳工",
    "电工",
    "车工",
    "铣工",
    "汽车维修工",
    "起重装卸机械操作工",
    "化学检验员",
    "煤矿综采工",
    "采煤机司机",
    "锅炉运行值班员",
    "变电站运行值班员",
    "铁路机车司机",
    "乳品加工工",
    "奶牛饲养工",
    "家畜繁殖员",
    "稀土冶炼工",
    "轧钢工",
    "炼钢工",
    "高炉炼铁工",
    "多工序数控机床操作调整工",
    "工业机器人系统操作员",
    "中式烹调师",
    "养老护理员",
    "保育师",
    "美发师",
    "防水工",
    "砌筑工",
    "钢筋工",
    "管工",
    "制冷工",
    "无人机驾驶员",
)
_TRADES = (
    "机械制造",
    "煤业",
    "电力",
    "乳业",
    "稀土材料",
    "化工",
    "钢铁",
    "冶金",
    "新能源",
    "农牧科技",
    "建筑安装",
    "物流",
    "汽车服务",
    "餐饮管理",
)
_FIRST = "瑞恒盛嘉鼎昌隆腾远华泰永信德润宏达鑫源安康兴旺北方草原塞北漠南阴山河套"
_CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def id_number(draw: random.Random, *, born: date | None = None, area: str = NOWHERE) -> str:
    """An ID number with a right check digit."""
    born = born or date(1962, 1, 1) + timedelta(days=draw.randrange(15_500))
    first = f"{area}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
    return first + check_digit(first)


def credit_code(draw: random.Random, *, area: str = NOWHERE) -> str:
    """A unified social credit code with a right check character; the number of the organisation in it is
    drawn.
    """
    organisation = "".join(draw.choice(_CODE_LETTERS) for _ in range(8))
    organisation += _organisation_check(organisation)
    first_17 = f"91{area}{organisation}"
    total = 0
    for letter, weight in zip(first_17, _CODE_WEIGHTS, strict=True):
        total += _CODE_LETTERS.index(letter) * weight
    return first_17 + _CODE_LETTERS[-total % 31]


def _organisation_check(first_8: str) -> str:
    """The last character of an organisation's number (GB 11714), from the eight before it."""
    total = 0
    for letter, weight in zip(first_8, _ORGANISATION_WEIGHTS, strict=True):
        total += int(letter, 36) * weight
    return "0123456789X"[-total % 11]


def person_name(draw: random.Random) -> str:
    if draw.random() < 0.12:
        return draw.choice(MONGOLIAN)
    characters = 2 if draw.random() < 0.75 else 1
    given_name = "".join(draw.choice(GIVEN) for _ in range(characters))
    return draw.choice(SURNAMES) + given_name


def phone(draw: random.Random) -> str:
    return f"1{draw.choice('35789')}{draw.randrange(10**9):09d}"


def unit_name(draw: random.Random) -> str:
    return f"{draw.choice(_FIRST)}{draw.choice(_FIRST)}{draw.choice(_TRADES)}有限公司"


@dataclass(frozen=True)
class Unit:
    """An employer that does not exist."""

    name: str
    code: str
    region: str


def units(draw: random.Random, regions: list[str], count: int) -> list[Unit]:
    return [
        Unit(f"{unit_name(draw)}（{number}）", credit_code(draw), draw.choice(regions))
        for number in range(1, count + 1)
    ]


_LEVELS = ("初级工", "中级工", "高级工", "技师", "高级技师", "特级技师")
_LEVEL_WEIGHTS = (15, 30, 35, 13, 6, 1)
# The age at which somebody has a level at the soonest.
_LEVEL_AGES = dict(zip(_LEVELS, (20, 20, 20, 22, 26, 30), strict=True))
_HONOURS = (
    "全国技术能手",
    "自治区技术能手",
    "北疆工匠",
    "自治区劳动模范",
    "技师高级技师突出贡献奖",
    "草原英才",
    "盟市工匠",
)


def _draw_honour(draw: random.Random, born: date, today: date) -> str:
    """An honour as a roster's cell says it, given at the age of twenty at the soonest."""
    year = today.year
    if born.year + 20 < today.year:
        year = draw.randrange(max(2008, born.year + 20), today.year + 1)
    return f"{draw.choice(_HONOURS)}@{year}@内人社发〔{year}〕{draw.randrange(1, 200)}号"


def roster_rows(
    draw: random.Random, units: list[Unit], count: int, *, today: date, each_day: int = NUMBERS_A_DAY
) -> Iterator[list[str]]:
    """Rows in the order of the template, all of them right, each about another person; two in a hundred with
    an honour. So many are born on `each_day`: a few people are of all ages only when these are few.
    """
    born_first = date(1962, 1, 1)
    for number in range(count):
        # Every day has 999 numbers: counting through both gives each row a number of its own.
        day, serial = divmod(number, each_day)
        born = born_first + timedelta(days=(day * 7919) % 15_500)
        first = f"{NOWHERE}{born:%Y%m%d}{serial + 1:03d}"
        unit = draw.choice(units)
        level = draw.choices(_LEVELS, _LEVEL_WEIGHTS)[0]
        if (today - born).days < _LEVEL_AGES[level] * 366:
            level = _LEVELS[0]
        worked = max(0, min((today - born).days // 365 - 20, draw.randrange(0, 35)))
        issued = min(today, born + timedelta(days=_LEVEL_AGES[level] * 366 + draw.randrange(0, 25 * 365)))
        honour = _draw_honour(draw, born, today) if draw.random() < 0.02 else ""
        yield [
            person_name(draw),
            first + check_digit(first),
            unit.region,
            unit.name,
            unit.code,
            draw.choice(OCCUPATIONS),
            level,
            f"S{draw.randrange(10**12, 10**13)}",
            issued.isoformat(),
            "是" if draw.random() < 0.8 else "否",
            f"{worked / 2:.1f}",
            str(worked * 10),
            honour,
            phone(draw),
            "",
        ]
