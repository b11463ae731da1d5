"""Sheets on which people of a unit say whether they agree to what the unit put forward: one a person, to be signed.

A sheet holds what the unit gave in, the account masked, and nothing of the register. Those of a list are laid out by a
job as one file, and kept for some days; signed and scanned, a sheet is the paper that the window takes in
(subsidies.by_unit.consenting).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.template.loader import get_template
from django.utils import timezone

from portal import audit, sealed_files
from portal.accounts.access import NotNow, Refused
from portal.accounts.demonstration import is_demonstration
from portal.formats import date_cn
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from portal.letters.case_files import drawable
from portal.letters.sheets import Built
from portal.sealed_files import Unreadable
from subsidies.by_unit.models import ClaimFile, Proposal
from subsidies.by_unit.rights import may_act, require_may_act
from subsidies.schemes import SCHEMES

JOB_KIND = "subsidies.consent-sheets"
KEPT_FOR = timedelta(days=7)
_STYLE, _TITLE = "consent", "补贴申请同意书"
# Raised by one whenever a sheet is laid out differently.
_EDITION = 1
# So many sheets are laid out together.
_TOGETHER = 25
_NOBODY = "没有等待本人确认的申请，不需要打印同意书。"


def waiting_of(given: ClaimFile) -> QuerySet[Proposal]:
    """The proposals of a list that their people have not answered, in the order of the list."""
    asked = Proposal.objects.waiting().filter(row__file=given)
    return asked.select_related("case__region__parent", "row", "unit").order_by("row__line")


# -- what a sheet says ---------------------------------------------------------------------------------------
def html_of(proposals: Sequence[Proposal]) -> str:
    """The sheets of these people, each on a page of its own."""
    html: str = get_template("letters/consent_sheet.html").render(
        {"sheets": [_said(one) for one in proposals], "sample": is_demonstration()}
    )
    return drawable(html)


def _said(proposal: Proposal) -> dict[str, Any]:
    row = proposal.row
    return {
        "case_number": proposal.case.number,
        "name": row.name,
        "number": row.number,
        "unit": proposal.unit.name,
        "scheme": SCHEMES[proposal.kind].title,
        "certificate": row.certificate,
        "rests_on": "培训结业" if proposal.training_id else "技能证书",
        "account": _masked(row.bank, row.account_number),
        "until": date_cn(proposal.consent_until),
        "window": f"{proposal.case.region.full_name}服务窗口",
    }


def _masked(bank: str, number: str | None) -> str:
    """The account that the unit gave, by its bank and its ending; empty where it gave none."""
    if not number:
        return ""
    return f"{bank}　{'*' * max(len(number) - 4, 0)}{number[-4:]}"


# -- one sheet -----------------------------------------------------------------------------------------------
def one(proposal: Proposal, *, by: Any) -> Built:
    """The sheet of one person, for the window or for that person. Raises NotNow when it was answered; audited."""
    from portal.letters import render  # seconds to import, and only who builds needs it

    waiting = Proposal.objects.waiting().filter(pk=proposal.pk)
    asked = waiting.select_related("case__region__parent", "row", "unit").first()
    if asked is None:
        raise NotNow("本人已经答复，或者确认期限已过，不需要同意书。")
    built = render.render_parts(
        [html_of([asked])], _STYLE, title=_TITLE, author="匠惠通", created=timezone.now()
    )
    case = asked.case
    audit.record(
        "claim.consent_sheet",
        by=by,
        obj=case,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": case.number, "sha256": built.sha256},
    )
    return built


# -- those of a list -----------------------------------------------------------------------------------------
def _stem(given: ClaimFile) -> str:
    """Names the file by all that it depends on: who has not answered yet."""
    numbers = list(waiting_of(given).values_list("pk", flat=True))
    state = json.dumps([_EDITION, given.pk, given.unit.name, numbers, is_demonstration()])
    return f"claim_files/{given.pk}/consent-{hashlib.sha256(state.encode()).hexdigest()[:32]}"


def is_laid_out(given: ClaimFile) -> bool:
    """Whether the file of those who have not answered is there."""
    return sealed_files.path_of(f"{_stem(given)}.pdf").is_file()


def job_of(given: ClaimFile, by: Any) -> Job | None:
    """The job by which the user had them laid out, the last one."""
    return Job.objects.filter(by=by, kind=JOB_KIND, params__claim_file=given.pk).order_by("-pk").first()


def lay_out(given: ClaimFile, *, by: Any) -> Job:
    """Have the sheets laid out; what is under way already is not begun twice. Raises Refused, NotNow (nobody waits)."""
    require_may_act(given.unit, by)
    count = waiting_of(given).count()
    if not count:
        raise NotNow(_NOBODY)
    under_way = Job.objects.unfinished().filter(by=by, kind=JOB_KIND, params__claim_file=given.pk).first()
    title = f"同意书：{given.file_name}"
    return under_way or start(JOB_KIND, title=title, by=by, total=count, params={"claim_file": given.pk})


@job_kind(JOB_KIND)
def build_sheets(run: Run) -> dict[str, Any]:
    """Lay them out for whoever asked, if they still may. After a kill what is laid out is not laid out again."""
    from portal.letters import render  # seconds to import, and only who builds needs it

    given = ClaimFile.objects.select_related("unit").filter(pk=run.params["claim_file"]).first()
    if given is None or run.job.by is None or not may_act(given.unit, run.job.by):
        raise JobRefused("您不再有权打印这份名单的同意书，或者名单已删除。")
    stem, proposals = _stem(given), list(waiting_of(given))
    if not proposals:
        raise JobRefused(_NOBODY)
    folder = f"{stem}.parts"
    pages = render.write_parts(
        _parts(proposals),
        _STYLE,
        folder=folder,
        target=f"{stem}.pdf",
        made=run.progress,
        title=_TITLE,
        author="匠惠通",
        created=timezone.now(),
    )
    shutil.rmtree(sealed_files.path_of(folder), ignore_errors=True)
    return {"pages": pages}


def _parts(proposals: Sequence[Proposal]) -> Iterator[tuple[int, str]]:
    for start_at in range(0, len(proposals), _TOGETHER):
        part = proposals[start_at : start_at + _TOGETHER]
        yield start_at + len(part), html_of(part)


def fetch(given: ClaimFile, *, by: Any) -> bytes:
    """The file of those who have not answered. Written to the audit: it holds many people. Raises Refused, NotNow."""
    require_may_act(given.unit, by)
    try:
        content = sealed_files.read(f"{_stem(given)}.pdf")
    except Unreadable as unreadable:
        if str(unreadable) != "missing":
            audit.record("claim_file.not_shown", by=by, obj=given, detail={"problem": "摘要不符"})
            sealed_files.path_of(f"{_stem(given)}.pdf").unlink(missing_ok=True)
        raise NotNow("同意书还没有生成，或者生成后有人答复，请重新生成。") from unreadable
    audit.record(
        "claim_file.consent_sheets",
        by=by,
        obj=given,
        region=given.unit.region_id,
        detail={"rows": waiting_of(given).count(), "sha256": hashlib.sha256(content).hexdigest()},
    )
    return content


def clear_old() -> int:
    """Delete what was laid out some days ago; how many. It can be asked for again."""
    oldest = (timezone.now() - KEPT_FOR).timestamp()
    cleared = 0
    for path in sorted(sealed_files.path_of("claim_files").glob("*/consent-*")):
        if path.stat().st_mtime >= oldest:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        cleared += 1
    return cleared


def reason_against(given: ClaimFile, user: Any) -> str:
    """Why there is nothing to print for this user; empty when there is."""
    try:
        require_may_act(given.unit, user)
    except Refused as refused:
        return str(refused)
    return "" if waiting_of(given).exists() else _NOBODY
