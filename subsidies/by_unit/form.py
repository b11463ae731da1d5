"""The columns of the file in which a unit puts claims forward, and how its rows are understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal import crypto
from portal.names import checked_person_name
from portal.spreadsheets.header import Column, FileRefused, SheetForm
from portal.spreadsheets.reading import Source
from portal.workforce.identity import certificate_number, check_id_number, mask_id_number, narrow
from portal.workforce.models import SkillLevel
from portal.workforce.placeholders import says_nothing
from portal.workforce.roster import cells
from portal.workforce.roster.cells import Wrong
from portal.workforce.subjects import CERTIFICATE
from subsidies.models.claims import TRAINING
from subsidies.row_cells import scheme_of_level, scheme_of_training, tidied, understood

MOST_LINES = 2_000
# So many lines fill a fraction of it.
MOST_BYTES = 5 << 20
_ACCOUNT = re.compile(r"\d{8,32}")
_ABOUT = {"": CERTIFICATE, "技能证书": CERTIFICATE, "培训结业": TRAINING}
FORM = SheetForm(
    "补贴申请名单",
    (
        Column("number", "证件号码", "18位公民身份号码。", "15000019000101000X", needed=True, most=40),
        Column("name", "姓名", "与登记的姓名核对。", "王建国", needed=True, most=60),
        Column("occupation", "职业工种", "证书所载名称。", "焊工", needed=True, most=60),
        Column(
            "level",
            "技能等级",
            "初级工至高级工为技能提升补贴，技师、高级技师为培训补贴。",
            "高级工",
            needed=True,
            most=20,
        ),
        Column("certificate", "证书编号", "没有编号的不填，按职业工种和等级查找。", "S000015000001", most=40),
        Column("about", "申请依据", "技能证书，或者培训结业；不填为技能证书。", "技能证书", most=10, optional=True),
        Column("bank", "开户银行", "写到支行；由本人确认后才使用。", "中国农业银行鄂托克旗支行", most=80, optional=True),
        Column("account", "银行账号", "本人名下的账号；由本人确认后才使用。", "6228480000000000000", most=48, optional=True),
    ),
    notes=(
        "每本证书一行，只列本单位目前在职的职工。凭培训结业申请的，等级填培训所对应的等级，编号填结业证书编号。",
        "上传后先核对，经您确认才通知职工；每名职工本人同意后才提交申请。",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a row asks for. The digest finds the person; the number itself is not kept."""

    line: int
    digest: bytes
    masked: str
    name: str
    kind: str
    # A certificate, or a training that was completed.
    about: str
    occupation: str
    level: int
    certificate: str
    bank: str
    account: str

    @property
    def in_words(self) -> str:
        """The certificate or the training as the unit gave it."""
        number = f"（{self.certificate}）" if self.certificate else ""
        what = "培训结业" if self.about == TRAINING else ""
        return f"{self.occupation}{SkillLevel(self.level).label}{what}{number}"


@dataclass(frozen=True)
class Unread:
    """A row that is not understood, and why."""

    line: int
    said: str


def read(source: Source) -> tuple[list[Asked], list[Unread]]:
    """Every row of a file, and those that are not understood. FileRefused when it has none, or too many."""
    digest = crypto.digester("id")
    asked: list[Asked] = []
    unread: list[Unread] = []
    lines: dict[tuple[object, ...], int] = {}
    for count, (line, row) in enumerate(source.rows(), 1):
        if count > MOST_LINES:
            raise FileRefused(f"一次最多提交{MOST_LINES:,}行，请分成几个文件。")
        try:
            if line in source.hidden:
                raise Wrong("这一行是隐藏的，或被筛选掉了")
            one = _asked(line, dict(tidied(source, FORM, row)), digest)
            _refuse_twin(one, lines)
            asked.append(one)
        except Wrong as wrong:
            unread.append(Unread(line, f"{str(wrong).rstrip('。')}。"))
    if not asked and not unread:
        raise FileRefused("文件中没有数据行。请填写后重新上传。")
    return asked, unread


def _refuse_twin(one: Asked, lines: dict[tuple[object, ...], int]) -> None:
    """Wrong where an earlier line says the same."""
    same = (one.digest, one.name, one.about, one.occupation, one.level, one.certificate)
    if same in lines:
        raise Wrong(f"与第{lines[same]}行重复")
    lines[same] = one.line


def _asked(line: int, given: Mapping[str, str], digest: Callable[[str], bytes]) -> Asked:
    number = understood("证件号码", check_id_number, given["number"])
    about = understood("申请依据", _about, given["about"])
    level = understood("技能等级", cells.level, given["level"])
    find_scheme = scheme_of_training if about == TRAINING else scheme_of_level
    account = understood("银行账号", _account, given["account"])
    if account and not given["bank"]:
        raise Wrong("开户银行：填写了银行账号的，须写明开户银行")
    return Asked(
        line,
        digest(number),
        mask_id_number(number),
        understood("姓名", checked_person_name, given["name"]),
        understood("技能等级", find_scheme, level).kind,
        about,
        given["occupation"].replace(" ", ""),
        int(level),
        "" if says_nothing(given["certificate"]) else certificate_number(given["certificate"]),
        given["bank"] if account else "",
        account,
    )


def _about(text: str) -> str:
    if text in _ABOUT:
        return _ABOUT[text]
    raise Wrong(f"应为{'或者'.join(name for name in _ABOUT if name)}")


def _account(text: str) -> str:
    number = re.sub(r"[\s-]", "", narrow(text))
    if number and not _ACCOUNT.fullmatch(number):
        raise Wrong("应为8至32位数字")
    return number
