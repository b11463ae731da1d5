"""Twenty thousand result letters of a selection: single files, and files for the printer in list order.

The baseline is the speed at which the same process builds its first letters (bench/letters.py sets that
against one write_pdf() a letter): over the whole run a letter may cost no more, and memory may not grow with
their number. The worker is killed in the middle of both parts and started again; afterwards every letter has
one file, every file is what was stored, and the printer's files hold every page in order.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.timing import seconds_of

LETTERS = 20_000
# A letter of the whole run against one of the first letters, and the memory at the end against that after
# the first letters.
SLOWER_LIMIT, MEMORY_LIMIT = 1.15, 1.25
ON = date(2026, 11, 22)
_OFFICER = "bench.results"
_WARM, _FIRST = 100, 1_000
_ISSUED_TOGETHER = 1_000
_LEAST = 1_000
_NAMES = (
    "张珺喆",
    "王建国",
    "赟格日乐",
    "李〇一",
    "包乌日娜",
    "陈志强",
    "斯琴高娃",
    "赵婧雯",
    "孙立军",
    "那顺巴雅尔",
)


def _issue(count: int) -> None:
    from django.db import transaction

    from portal.letters.actions import issue_many
    from portal.letters.reference import load_issuers
    from talent_registry.letters import ISSUER, SELECTION_RESULT

    load_issuers()
    for start in range(0, count, _ISSUED_TOGETHER):
        places = range(start, min(start + _ISSUED_TOGETHER, count))
        drafts = [_draft(place, count) for place in places]
        with transaction.atomic():
            issue_many(kind=SELECTION_RESULT, issuer=ISSUER, drafts=drafts, by=None, on=ON)


def _draft(place: int, count: int) -> Any:
    from portal.letters.actions import Draft
    from talent_registry.letters import REMEDY

    return Draft(
        addressee=f"{_NAMES[place % len(_NAMES)]}同志",
        region="150624",
        context={
            "matter": "你参加2026年度内蒙古自治区高技能领军人才遴选一事",
            "decision": "未将你列入2026年度高技能领军人才入选名单",
            "selection": "2026年度高技能领军人才遴选",
            "case_number": f"TJ-2026-{place + 1:06d}",
        },
        grounds=(
            f"总分{place % 80 + 10}.5分，列第{place + 1}位。"
            f"鄂尔多斯市的入选名额{count // 50}名已用完，其中最后一名入选人员总分91分，未入选。"
            f"你的得分为：技能水平{place % 25}分、业绩成果{place % 24}分、突出贡献{place % 20}分、"
            f"一线年限{place % 10}分、专家评审15分。"
        ),
        clause="《关于提高技术工人待遇的实施意见》（内党办发〔2019〕6号）第（一）条",
        remedy=REMEDY.text(),
    )


def _ids() -> list[int]:
    from portal.letters.models import Letter
    from talent_registry.letters import SELECTION_RESULT

    letters = Letter.objects.filter(kind=SELECTION_RESULT).order_by("sequence")
    return list(letters.values_list("pk", flat=True))


def _resident() -> int:
    """Bytes of this process in memory now."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


# -- what the worker does, in a process of its own -----------------------------------------------------------
def build() -> None:
    """Build what is not built, as the worker's task does; print now and then how far, cost and memory."""
    from portal.letters import building
    from portal.letters.models import FileState, LetterFile

    files = LetterFile.objects.filter(letter_id__in=_ids()).exclude(state=FileState.BUILT)
    todo = list(files.order_by("letter_id").values_list("letter_id", flat=True))
    began = 0.0
    for start in range(0, len(todo), building.PER_TASK):
        if start == _WARM:
            began = time.process_time()
        building.build(todo[start : start + building.PER_TASK])
        done = min(start + building.PER_TASK, len(todo))
        if done > _WARM:
            cost = (time.process_time() - began) / (done - _WARM)
            print(f"built {done} {cost:.6f} {_resident()}", flush=True)


def print_all() -> None:
    """Make the files for the printer that are not made, as the job does."""
    from portal.jobs.models import Job
    from portal.jobs.runner import run_job
    from portal.letters.printing import JOB_KIND

    jobs = Job.objects.unfinished().filter(kind=JOB_KIND).order_by("pk")
    ids = list(jobs.values_list("pk", flat=True))
    for number, job_id in enumerate(ids, start=1):
        # Whose worker was killed is taken up when it has been silent for a minute; the benchmark does not
        # wait for that.
        Job.objects.filter(pk=job_id).update(beat_at=None)
        run_job(job_id)
        print(f"printed {number} {time.process_time():.3f} {_resident()}", flush=True)


# -- around it -----------------------------------------------------------------------------------------------
@dataclass
class _Line:
    """What the worker prints of its work so far."""

    done: int
    cost: float
    memory: int


def _work(what: str, *, kill_after: int | None = None) -> list[_Line]:
    """What the worker printed; killed as soon as so many are done."""
    command = [sys.executable, "-m", "portal.run.benchmark", "results", "--work", what]
    lines = []
    process = subprocess.Popen(  # noqa: S603  our own module
        command,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101  a pipe was asked for
    for line in process.stdout:
        _, done, cost, memory = line.split()
        lines.append(_Line(int(done), float(cost), int(memory)))
        if kill_after is not None and int(done) >= kill_after:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    if code not in {0, -signal.SIGKILL}:
        raise RuntimeError(f"the worker ended with {code}")
    return lines


def _order_print(ids: Sequence[int]) -> int:
    """The officer asks for the letters in volumes, as the page of a year does; how many volumes."""
    from portal.accounts.models import RoleAssignment, User
    from portal.letters.actions import request_print
    from talent_registry.selection.publishing import PER_VOLUME

    officer = User.objects.create_user(_OFFICER, None, display_name="测试人员")
    RoleAssignment.objects.create(
        user=officer,
        role="registry_officer",
        region_id="150000",
        since=ON - timedelta(days=365),
    )
    parts = [ids[start : start + PER_VOLUME] for start in range(0, len(ids), PER_VOLUME)]
    for number, part in enumerate(parts, start=1):
        request_print(letter_ids=part, title=f"遴选结果决定，第{number}册", by=officer)
    return len(parts)


def _check_files(ids: Sequence[int]) -> int:
    """Every letter built once, its file as stored, none besides, numbers without a gap; the pages."""
    from portal.letters.models import FileState, LetterFile

    files = {file.letter_id: file for file in LetterFile.objects.filter(letter_id__in=ids)}
    if set(files) != set(ids):
        raise RuntimeError("a letter has no file")
    for file in files.values():
        if file.state != FileState.BUILT or file.earlier_sha256:
            raise RuntimeError("a letter was not built, or built twice")
    _check_disk(files.values())
    _check_numbers(ids)
    return sum(file.pages or 0 for file in files.values())


def _check_disk(files: Collection[Any]) -> None:
    """The files on disk are those of the records, no more and no less, as they were stored."""
    from django.conf import settings

    root = Path(settings.MEDIA_ROOT)
    folder = root / "letters" / str(ON.year)
    on_disk = {f"letters/{ON.year}/{path.name}" for path in folder.glob("[!.]*.pdf")}
    paths = {file.path for file in files}
    if len(paths) != len(files) or on_disk != paths:
        raise RuntimeError("files on disk and records differ")
    for file in files:
        content = (root / file.path).read_bytes()
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise RuntimeError(f"{file.path} is not what was stored")


def _check_numbers(ids: Sequence[int]) -> None:
    from portal.letters.models import Letter

    letters = Letter.objects.filter(pk__in=ids).order_by("sequence")
    numbers = list(letters.values_list("sequence", flat=True))
    if numbers != list(range(numbers[0], numbers[0] + len(ids))):
        raise RuntimeError("numbers have a gap")


def _check_print(ids: Sequence[int], pages: int) -> int:
    """The volumes hold every letter once, in order, and nothing is left behind; their bytes."""
    from django.conf import settings

    from portal.jobs.models import JobState
    from portal.letters.models import PrintFile

    volumes = list(PrintFile.objects.filter(job__by__username=_OFFICER).select_related("job").order_by("pk"))
    letters = [letter for volume in volumes for letter in volume.letters]
    if letters != list(ids) or sum(volume.pages or 0 for volume in volumes) != pages:
        raise RuntimeError("the printer's files do not hold the letters in order")
    for volume in volumes:
        if volume.job.state != JobState.DONE:
            raise RuntimeError(f"{volume.job.title} is {volume.job.state}")
        _check_volume(volume)
    if list((Path(settings.MEDIA_ROOT) / "letters" / "print").glob("*.part")):
        raise RuntimeError("a killed worker's draft was left behind")
    return sum(volume.size or 0 for volume in volumes)


def _pdf(file: Any) -> Any:
    import io

    import pikepdf

    from portal import sealed_files

    return pikepdf.open(io.BytesIO(sealed_files.read(file.path)))


def _check_volume(volume: Any) -> None:
    """It begins with the first page of its first letter, and its last letter is at its end."""

    from portal.letters.models import LetterFile

    for place in (0, len(volume.letters) - 1):
        single = LetterFile.objects.get(letter=volume.letters[place])
        at = 0 if place == 0 else -(single.pages or 0)
        with _pdf(single) as letter, _pdf(volume) as whole:
            if _drawn(letter.pages[0]) != _drawn(whole.pages[at]):
                raise RuntimeError(f"{volume.path} holds another letter at place {place}")


def _drawn(page: Any) -> bytes:
    contents = page.Contents
    streams = contents if contents._type_name == "array" else [contents]
    return b"".join(part.read_bytes() for part in streams)


def main(argv: Sequence[str] | None = None) -> int:
    """Print costs, memory and what the kills left; 1 when a limit was missed."""
    parser = argparse.ArgumentParser(prog="bench results", description=__doc__)
    parser.add_argument("--letters", type=int, default=LETTERS)
    parser.add_argument(
        "--work", choices=["build", "print"], help="what a worker started by the benchmark does"
    )
    options = parser.parse_args(argv)
    if options.work:
        (build if options.work == "build" else print_all)()
        return 0
    count = options.letters
    if count < _LEAST:
        parser.error(f"fewer than {_LEAST} letters say nothing about a long run")

    from portal.letters import fonts

    if fonts.status() == "preparing":
        fonts.prepare()
    took = seconds_of(lambda: _issue(count))
    print(f"{count:,} letters issued with consecutive numbers: {took:.1f} s", flush=True)
    ids = _ids()
    built, pages = _build_files(ids)
    printed = _print_files(ids, pages)
    return 0 if built and printed else 1


def _build_files(ids: Sequence[int]) -> tuple[bool, int]:
    """Whether single files cost no more towards the end, and their pages."""
    began = time.perf_counter()
    killed = _work("build", kill_after=len(ids) // 3)
    lines = _work("build")
    spent = time.perf_counter() - began
    pages = _check_files(ids)
    # The second worker's first letters are the baseline for all of its own, the killed one's for the memory.
    enough = min(_FIRST, len(ids) // 3)
    first = next(line for line in lines if line.done >= enough)
    cost = lines[-1].cost
    memory = max(line.memory for line in [*killed, *lines])
    print(
        f"single files: {spent:.0f} s, worker killed after {killed[-1].done} and started again; "
        f"{pages:,} pages, none twice, none left out"
    )
    when = f"of the first {first.done}"
    _print_ratio("CPU ms a letter", cost * 1000, when, first.cost * 1000, SLOWER_LIMIT)
    when = f"after the first {first.done}"
    _print_ratio("most memory, MB", memory / 1e6, when, first.memory / 1e6, MEMORY_LIMIT)
    reached = cost <= first.cost * SLOWER_LIMIT and memory <= first.memory * MEMORY_LIMIT
    return reached, pages


def _print_files(ids: Sequence[int], pages: int) -> bool:
    """Whether files for the printer need no more memory towards the end."""
    volumes = _order_print(ids)
    began = time.perf_counter()
    killed = _work("print", kill_after=max(1, volumes // 3))
    lines = _work("print")
    spent = time.perf_counter() - began
    size = _check_print(ids, pages)
    first = (killed or lines)[0].memory
    memory = max(line.memory for line in [*killed, *lines])
    print(
        f"files for the printer: {volumes} volumes, {size / 1e6:,.0f} MB, {spent:.0f} s, "
        f"killed after {len(killed)} volumes and started again"
    )
    _print_ratio("most memory, MB", memory / 1e6, "after the first volume", first / 1e6, MEMORY_LIMIT)
    return memory <= first * MEMORY_LIMIT


def _print_ratio(what: str, over_all: float, when: str, then: float, limit: float) -> None:
    ratio = over_all / then
    print(f"  {what}: {over_all:.1f}, {when}: {then:.1f}; ratio {ratio:.2f}, wanted ≤ {limit}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
