"""Certificates confirmed from an extract of an official register: a file that names them, held against what is recorded.

What agrees in every point is confirmed, each by the same action as at a desk, in the name of the officer who gave the
extract in; whatever differs is told line by line and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from portal import crypto, memory_files
from portal.accounts.access import NotNow, require
from portal.jobs.each import do_each
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from portal.spreadsheets import limits
from portal.spreadsheets.header import Column, FileRefused, SheetForm
from portal.spreadsheets.reading import Source, open_spreadsheet
from portal.workforce.actions.verifying import confirm_record
from portal.workforce.identity import InvalidNumber, certificate_number, check_id_number
from portal.workforce.models import SkillCredential, SkillLevel, Worker
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.roster import cells

PERMISSION = "record.extract"
CONFIRM_FROM_EXTRACT = "workforce.confirm-from-extract"
MOST_LINES = 5_000
# So many lines fill a fraction of it.
MOST_BYTES = 5 << 20
EXTRACT = SheetForm(
    "登记库摘录",
    (
        Column("number", "证件号码", "18位公民身份号码。", "15000019000101000X", needed=True),
        Column("occupation", "职业工种", "证书所载名称。", "焊工", needed=True, most=60),
        Column("level", "技能等级", "如高级工、三级。", "高级工", needed=True),
        Column("certificate", "证书编号", "证书编号。", "S000015000001", needed=True, most=40),
        Column("issued_on", "发证日期", "如2024-01-25。", "2024-01-25", needed=True),
    ),
)


@dataclass(frozen=True)
class Line:
    """What the register says of one certificate of one person."""

    number: int
    id_digest: bytes
    occupation: str
    level: int
    certificate: str
    issued_on: date


def start_extract(upload: UploadedFile, *, register: str, as_of: date, by: Any) -> Job:
    """A job that confirms what the extract confirms, in the name of `by`. Raises Refused, NotNow, FileRefused."""
    require(by, PERMISSION)
    register = register.strip()
    if not register:
        raise NotNow("请写明登记库的名称。")
    if as_of > timezone.localdate():
        raise NotNow("摘录日期不能晚于今天。")
    content = b"".join(upload.chunks())
    lines = _read(content)
    return start(
        CONFIRM_FROM_EXTRACT,
        title=f"按登记库摘录核验技能证书（{len(lines):,}条）",
        by=by,
        params={
            "register": register[:60],
            "as_of": as_of.isoformat(),
            "digest": hashlib.sha256(content).hexdigest(),
            "file": (upload.name or "")[:100],
            "lines": _compared(lines, by),
        },
        total=len(lines),
    )


def _read(content: bytes) -> list[Line]:
    """Every line of the extract. FileRefused with what is wrong: an extract that is half understood is none."""
    with memory_files.of(content) as clear:
        source = open_spreadsheet(clear, EXTRACT, within=limits.AT_ONCE)
        lines, problems = _lines_of(source)
    if problems:
        more = f"等{len(problems)}处" if len(problems) > 5 else ""
        raise FileRefused(f"{'；'.join(problems[:5])}{more}。请核对后重新上传。")
    if not lines:
        raise FileRefused("文件中没有数据行。")
    if len(lines) > MOST_LINES:
        raise FileRefused(f"一次最多核对{MOST_LINES:,}行，请分成几个文件。")
    return lines


def _lines_of(source: Source) -> tuple[list[Line], list[str]]:
    lines, problems = [], []
    for number, row in islice(source.rows(), MOST_LINES + 1):
        if number in source.hidden:
            problems.append(f"第{number}行是隐藏的，或被筛选掉了，请取消隐藏和筛选，或删除该行")
            continue
        try:
            given = {
                key: cells.tidy(row[place]) if place < len(row) else ""
                for key, place in source.header.at.items()
            }
            lines.append(_line(number, given, source.epoch))
        except (cells.Wrong, InvalidNumber) as wrong:
            problems.append(f"第{number}行：{str(wrong).rstrip('。')}")
    return lines, problems


def _line(number: int, given: Mapping[str, str], epoch: date) -> Line:
    for column in EXTRACT.columns:
        if not given[column.key]:
            raise cells.Wrong(f"没有填写{column.label}")
    return Line(
        number,
        crypto.digest(check_id_number(given["number"]), purpose="id"),
        given["occupation"].replace(" ", ""),
        int(cells.level(given["level"])),
        certificate_number(given["certificate"]),
        cells.day(given["issued_on"], timezone.localdate(), epoch),
    )


def _compared(lines: list[Line], by: Any) -> list[dict[str, Any]]:
    """Of each line the record that it confirms, or how what is recorded differs. People whom the officer may not
    see are not there.
    """
    people = Worker.objects.visible_to(by).filter(id_digest__in=[line.id_digest for line in lines])
    workers = {bytes(digest): pk for pk, digest in people.values_list("pk", "id_digest")}
    recorded: dict[int, list[SkillCredential]] = {}
    for record in SkillCredential.objects.filter(worker__in=workers.values()):
        recorded.setdefault(record.worker_id, []).append(record)
    compared = []
    for line in lines:
        worker = workers.get(line.id_digest)
        agreeing, difference = _agreeing(line, recorded.get(worker, []) if worker else None)
        compared.append({"line": line.number, "worker": worker, "record": agreeing, "difference": difference})
    return compared


def _agreeing(line: Line, records: list[SkillCredential] | None) -> tuple[int | None, str]:
    if records is None:
        return None, "您负责的地区没有此人的档案。"
    numbered = [record for record in records if record.number == line.certificate]
    if not numbered:
        return None, "此人名下没有登记这一证书编号。"
    for record in numbered:
        differing = _differences(line, record)
        if not differing:
            return record.pk, ""
    return None, f"与登记内容不一致：{'；'.join(_differences(line, numbered[0]))}。"


def _differences(line: Line, record: SkillCredential) -> list[str]:
    issued = record.issued_on.isoformat() if record.issued_on else "空"
    pairs = (
        ("职业（工种）", record.occupation, line.occupation),
        ("技能等级", record.get_level_display(), str(SkillLevel(line.level).label)),
        ("发证日期", issued, line.issued_on.isoformat()),
    )
    return [
        f"{label}登记为{ours}，摘录为{theirs}"
        for label, ours, theirs in pairs
        if fold_occupation(ours) != fold_occupation(theirs)
    ]


@job_kind(CONFIRM_FROM_EXTRACT)
def confirm_from_extract(run: Run) -> dict[str, Any]:
    """Confirm each certificate that agrees, in the name of whoever started the job; tell how the others differ."""
    params = run.params
    by_line = {line["line"]: line for line in params["lines"]}
    seen = f"登记库摘录：{params['register']}（{params['as_of']}，文件摘要{params['digest'][:12]}）"

    def confirm_line(number: int) -> str:
        line = by_line[number]
        if line["difference"]:
            raise NotNow(line["difference"])
        _confirm_if_it_still_agrees(line["record"], seen, run)
        return "已核验"

    counts = do_each(run, by_line, confirm_line)
    return {"confirmed": counts.done, "refused": counts.refused}


def _confirm_if_it_still_agrees(record_id: int, seen: str, run: Run) -> None:
    """A record that somebody changed after the extract was given in is not what the extract said."""
    record = SkillCredential.objects.select_for_update(of=("self",)).filter(pk=record_id).first()
    if record is not None and record.recorded_at > run.job.created_at:
        raise NotNow("该证书在摘录上传后有更改，请重新核对。")
    confirm_record(
        "credential",
        record_id,
        seen=seen,
        by=run.job.by,
        on=timezone.localdate(),
        basis={"register": run.params["register"], "sha256": run.params["digest"]},
    )
