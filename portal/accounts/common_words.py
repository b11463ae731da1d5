"""Words that passwords of this office begin with: its places, its work, and what is typed everywhere."""

from __future__ import annotations

_PLACES = """
neimenggu nmg nm neimeng innermongolia mongolia huhehaote huhhot hohhot hushi baotou bt wuhai wuhaishi chifeng tongliao
eerduosi erdos ordos hulunbeier hulunbuir hlbe bayannaoer bynr wulanchabu wlcb xinganmeng xingan xilinguole xilingol
xlgl alashan alxa etuoke etuokeqi dongsheng kundulun qingshan saihan huimin xincheng yuquan zhongguo china beijing
"""
_WORK = """
rensheting renshe renshiju renshe12333 shebao rencai rencaiban zhengfu zhengwu gov jiangren gongjiang jianghuitong
huitong jht gongren jineng jinengrencai minglu chuangkou jingban shenhe fuhe shenpi caiwu zhengce zhuguan shenji
zhuanjia danwei gongsi qiye jituan peixun xuexiao xitong anquan guanli guanliyuan banshi dating fuwu pingtai
butie daiyu lingjun rongyu company office
"""
_EVERYWHERE = """
admin administrator adm root user guest test tester demo welcome hello password passwd pass pwd mima mima mimashi
login letmein changeme default secret master super superuser system sys security secure server service oracle mysql
redis public manager iloveyou woaini woaiwojia wode nihao aini baobei dragon monkey football sunshine princess
qwerty abc abcd abcde abcdef asd zxc qwe qaz wsx aaa xxx
"""
WORDS = frozenset(f"{_PLACES} {_WORK} {_EVERYWHERE}".split())
# How keys lie beside each other, also downwards; what lies so is no secret, in either direction.
WALKS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "abcdefghijklmnopqrstuvwxyz",
)
