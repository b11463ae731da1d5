"""A finished case as one file (案卷): a PDF/A that tells all of it, and with the evidence and the letters a zip.

A programme registers what it asked and what was determined; events, evidence and letters are the same for all kinds:

    register_case_file(KIND, tell)

The PDF is laid out by a job, as letters are, and kept for some days under the digest of what it says: what has changed
since is laid out anew. The zip is written while it is sent (portal.letters.case_archives).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.http import Http404
from django.template.loader import get_template
from django.utils import timezone

from portal import sealed_files
from portal.accounts.access import can, require
from portal.accounts.demonstration import is_demonstration
from portal.cases.evidence.files import ORIGINALS
from portal.cases.models import Case, CaseEvent, Evidence
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from portal.letters import fonts
from portal.letters.models import Letter

JOB_KIND = "letters.case_file"
KEPT_FOR = timedelta(days=7)
_FOLDER = "letters/cases"
# Whoever holds all of these over the place of a case may see everything of it.
EVERYTHING = ("case.view", "letter.view", ORIGINALS)
# Stands for a character that no font draws: a record is not held up by it.
_UNDRAWN = "〓"

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Condition:
    """One condition: 符合, 不符合 or 不能确定, what it is, by which clause, and what was observed."""

    came_out: str
    label: str
    clause: str
    observed: str


@dataclass(frozen=True)
class Determined:
    """What the law said at some point: a title, particulars (outcome, day, rule, digest), and each condition."""

    title: str
    particulars: Lines
    conditions: Sequence[Condition]


@dataclass(frozen=True)
class Told:
    """What a programme tells of a case: who asked for what, what was determined, what was decided."""

    asked: Lines
    determined: Sequence[Determined]
    decided: Lines


_TELLS: dict[str, Callable[[Case], Told]] = {}


def register_case_file(kind: str, tell: Callable[[Case], Told]) -> None:
    """Finished cases of a kind can be had as one file. Called once when the application starts."""
    _TELLS[kind] = tell


# -- who may have it -----------------------------------------------------------------------------------------
def has_file(case: Case) -> bool:
    """Whether there is a file of it: it is finished, and its kind registered for one."""
    return case.closed_at is not None and case.kind in _TELLS


def may_have(case: Case, user: Any) -> bool:
    return has_file(case) and all(can(user, permission, case.region_id) for permission in EVERYTHING)


def require_all(case: Case, by: Any) -> None:
    """Raise Http404 where there is no such file, Refused unless `by` may see everything of the case."""
    if not has_file(case):
        raise Http404
    for permission in EVERYTHING:
        require(by, permission, case.region_id)


# -- what it says --------------------------------------------------------------------------------------------
def evidence_of(case: Case) -> list[Evidence]:
    """Every file that was handed in and not taken away again, in the order in which they came."""
    return list(
        case.evidence.filter(removed_at__isnull=True).select_related("uploaded_by", "case").order_by("pk")
    )


def letters_of(case: Case) -> list[Letter]:
    return list(Letter.objects.filter(case=case).select_related("file").order_by("pk"))


def _happened(event: CaseEvent) -> dict[str, Any]:
    missing = event.detail.get("missing")
    role = f"（{event.get_role_display()}）" if event.role else ""
    return {
        "on": event.on,
        "label": event.label,
        "by": f"{event.by}{role}" if event.by else "系统",
        "text": event.reason or ("需补正：" + "；".join(missing) if missing else ""),
    }


def html_of(case: Case) -> str:
    """All that the PDF says, in the order of the case. It says nothing of who asks for it, or when."""
    told = _TELLS[case.kind](case)
    html: str = get_template("letters/case_file.html").render(
        {
            "case": case,
            "told": told,
            "events": [_happened(event) for event in case.events.select_related("by").order_by("position")],
            "evidence": evidence_of(case),
            "letters": letters_of(case),
            "sample": is_demonstration(),
        }
    )
    return html


def drawable(text: str) -> str:
    """The text with what no font draws replaced by a sign that says so."""
    while True:
        try:
            fonts.ensure_drawable(text)
        except fonts.UndrawableCharacter as undrawable:
            text = text.replace(undrawable.character, _UNDRAWN)
        else:
            return text


def title_of(case: Case) -> str:
    return f"案卷：{case.kind_label} {case.number}"


# -- laid out by a job ---------------------------------------------------------------------------------------
def _name(case: Case, html: str) -> str:
    return f"{_FOLDER}/{case.pk}-{hashlib.sha256(html.encode()).hexdigest()[:32]}.pdf"


def kept_pdf(case: Case) -> bytes | None:
    """The PDF of the case as it now stands; None when it is not laid out, or not kept any more. Raises Unreadable."""
    name = _name(case, html_of(case))
    return sealed_files.read(name) if sealed_files.path_of(name).is_file() else None


def job_of(case: Case, by: Any) -> Job | None:
    """The job by which the user had it laid out, the last one."""
    return Job.objects.filter(by=by, kind=JOB_KIND, params__case=case.pk).order_by("-pk").first()


def lay_out(case: Case, *, by: Any) -> Job:
    """Have the PDF laid out; what is under way already is not begun twice. Raises Http404, Refused."""
    require_all(case, by)
    under_way = Job.objects.unfinished().filter(by=by, kind=JOB_KIND, params__case=case.pk).first()
    return under_way or start(JOB_KIND, title=title_of(case), by=by, total=1, params={"case": case.pk})


@job_kind(JOB_KIND)
def build_case_file(run: Run) -> dict[str, Any]:
    """Lay the PDF out for whoever asked, if they still may. Done again after a kill, it is the same."""
    from portal.letters import render  # seconds to import, and only who builds needs it

    case = Case.objects.get(pk=run.params["case"])
    if run.job.by is None or not may_have(case, run.job.by):
        raise JobRefused("您不再有权取出这件办件的案卷。")
    html = html_of(case)
    built = render.render_parts(
        [drawable(html)],
        "case_file",
        replace={"«case»": case.number},
        title=title_of(case),
        author="匠惠通",
        created=case.closed_at or timezone.now(),
    )
    sealed_files.keep(_name(case, html), built.pdf, made=True)
    return {"sha256": built.sha256, "pages": built.pages}


def clear_old() -> int:
    """Delete what was laid out some days ago; how many. It can be asked for again."""
    old = [
        path
        for path in _kept()
        if timezone.now().timestamp() - path.stat().st_mtime > KEPT_FOR.total_seconds()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _kept() -> list[Path]:
    return sorted(sealed_files.path_of(_FOLDER).glob("*.pdf"))
