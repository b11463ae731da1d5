"""Twenty thousand result letters of a selection: from records to single files, and to files for the printer
in the order of the list.

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
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

LETTERS = 20_000
# A letter of the whole run against one of the first letters, and the memory at the end against that after the
# first letters.
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

    from portal.letters.actions import Draft, issue_many
    from portal.letters.reference import load_issuers
    from talent_registry.letters import ISSUER, REMEDY, SELECTION_RESULT

    load_issuers()
    for start in range(0, count, _ISSUED_TOGETHER):
        drafts = [
            Draft(
                addressee=f"{_NAMES[place % len(_NAMES)]}同志",
                region="150624",
                context={
                    "matter": "你参加2026年度内蒙古自治区高技能领军人才遴选一事",
                    "decision": "未将你列入2026年度高技能领军人才入选名单",
                    "selection": "2026年度高技能领军人才遴选",
                    "case_number": f"TJ-2026-{place + 1:06d}",
                },
                grounds=f"总分{place % 80 + 10}.5分，列第{place + 1}位。鄂尔多斯市的入选名额{count // 50}名已用完，其中最后一名入选人员总分91分，"
                f"未入选。你的得分为：技能水平{place % 25}分、业绩成果{place % 24}分、突出贡献{place % 20}分、一线年限{place % 10}分、专家评审15分。",
                clause="《关于提高技术工人待遇的实施意见》（内党办发〔2019〕6号）第（一）条",
                remedy=REMEDY.text(),
            )
            for place in range(start, min(start + _ISSUED_TOGETHER, count))
        ]
        with transaction.atomic():
            issue_many(kind=SELECTION_RESULT, issuer=ISSUER, drafts=drafts, by=None, on=ON)


def _ids() -> list[int]:
    from portal.letters.models import Letter
    from talent_registry.letters import SELECTION_RESULT

    return list(
        Letter.objects.filter(kind=SELECTION_RESULT).order_by("sequence").values_list("pk", flat=True)
    )


def _resident() -> int:
    """Bytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


# -- what the worker does, in a process of its own -----------------------------------------------------------
def build() -> None:
    """Build what is not built, as the worker's task does; say now and then how far, at which cost and how
    large.
    """
    from portal.letters import building
    from portal.letters.models import FileState, LetterFile

    todo = list(
        LetterFile.objects.filter(letter_id__in=_ids())
        .exclude(state=FileState.BUILT)
        .order_by("letter_id")
        .values_list("letter_id", flat=True)
    )
    began = 0.0
    for start in range(0, len(todo), building.PER_TASK):
        if start == _WARM:
            began = time.process_time()
        building.build(todo[start : start + building.PER_TASK])
        done = min(start + building.PER_TASK, len(todo))
        if done > _WARM:
            print(
                f"built {done} {(time.process_time() - began) / (done - _WARM):.6f} {_resident()}", flush=True
            )


def print_all() -> None:
    """Make the files for the printer that are not made, as the job does."""
    from portal.jobs.models import Job
    from portal.jobs.runner import run_job
    from portal.letters.printing import JOB_KIND

    jobs = list(Job.objects.unfinished().filter(kind=JOB_KIND).order_by("pk").values_list("pk", flat=True))
    for number, job_id in enumerate(jobs, start=1):
        # Whose worker was killed is taken up when it has been silent for a minute; the benchmark does not
        # wait for that.
        Job.objects.filter(pk=job_id).update(beat_at=None)
        run_job(job_id)
        print(f"printed {number} {time.process_time():.3f} {_resident()}", flush=True)


# -- around it -----------------------------------------------------------------------------------------------
def _work(what: str, *, kill_after: Callable[[list[str]], bool] | None = None) -> list[list[str]]:
    """What the worker said, in words; killed as soon as `kill_after` finds it has said enough."""
    command = [sys.executable, "-m", "portal.run.benchmark", "results", "--work", what]
    said = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603  our own module
    assert process.stdout is not None  # noqa: S101  a pipe was asked for
    for line in process.stdout:
        said.append(line.split())
        if kill_after is not None and kill_after(said[-1]):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    if code not in {0, -signal.SIGKILL}:
        raise RuntimeError(f"the worker ended with {code}")
    return said


def _order_print(ids: Sequence[int]) -> int:
    """The officer asks for the letters in volumes, as the page of a year does; how many volumes."""
    from portal.accounts.models import RoleAssignment, User
    from portal.letters.actions import request_print
    from talent_registry.selection.publishing import PER_VOLUME

    officer = User.objects.create_user(_OFFICER, None, display_name="测试人员")
    RoleAssignment.objects.create(
        user=officer, role="registry_officer", region_id="150000", since=ON - timedelta(days=365)
    )
    parts = [ids[start : start + PER_VOLUME] for start in range(0, len(ids), PER_VOLUME)]
    for number, part in enumerate(parts, start=1):
        request_print(letter_ids=part, title=f"遴选结果决定，第{number}册", by=officer)
    return len(parts)


def _check_files(ids: Sequence[int]) -> int:
    """Every letter built once, its file there and as stored, none besides, numbers without a gap. Returns the
    pages.
    """
    from django.conf import settings

    from portal.letters.models import FileState, Letter, LetterFile

    files = {file.letter_id: file for file in LetterFile.objects.filter(letter_id__in=ids)}
    if set(files) != set(ids) or any(
        file.state != FileState.BUILT or file.earlier_sha256 for file in files.values()
    ):
        raise RuntimeError("a letter has no file, or was built twice")
    paths = {file.path for file in files.values()}
    on_disk = {
        f"letters/{ON.year}/{path.name}"
        for path in (Path(settings.MEDIA_ROOT) / "letters" / str(ON.year)).glob("[!.]*.pdf")
    }
    if len(paths) != len(ids) or on_disk != paths:
        raise RuntimeError("files on disk and records differ")
    for file in files.values():
        if hashlib.sha256((Path(settings.MEDIA_ROOT) / file.path).read_bytes()).hexdigest() != file.sha256:
            raise RuntimeError(f"{file.path} is not what was stored")
    numbers = list(Letter.objects.filter(pk__in=ids).order_by("sequence").values_list("sequence", flat=True))
    if numbers != list(range(numbers[0], numbers[0] + len(ids))):
        raise RuntimeError("numbers have a gap")
    return sum(file.pages or 0 for file in files.values())


def _check_print(ids: Sequence[int], pages: int) -> int:
    """The volumes hold every letter once, in order; their pages begin with those of their first letters.
    Returns their bytes.
    """
    import pikepdf
    from django.conf import settings

    from portal.jobs.models import JobState
    from portal.letters.models import LetterFile, PrintFile

    volumes = list(PrintFile.objects.filter(job__by__username=_OFFICER).select_related("job").order_by("pk"))
    if [pk for volume in volumes for pk in volume.letters] != list(ids) or sum(
        volume.pages or 0 for volume in volumes
    ) != pages:
        raise RuntimeError("the printer's files do not hold the letters in order")
    root = Path(settings.MEDIA_ROOT)
    drafts = list((root / "letters" / "print").glob("*.part"))
    for volume in volumes:
        if volume.job.state != JobState.DONE:
            raise RuntimeError(f"{volume.job.title} is {volume.job.state}")
        for place in (0, len(volume.letters) - 1):
            single = LetterFile.objects.get(letter=volume.letters[place])
            at = 0 if place == 0 else -(single.pages or 0)
            with pikepdf.open(root / single.path) as one, pikepdf.open(root / volume.path) as whole:
                if _drawn(one.pages[0]) != _drawn(whole.pages[at]):
                    raise RuntimeError(f"{volume.path} holds another letter at place {place}")
    if drafts:
        raise RuntimeError("a killed worker's draft was left behind")
    return sum(volume.size or 0 for volume in volumes)


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
    began = time.perf_counter()
    _issue(count)
    ids = _ids()
    print(
        f"{count:,} letters issued with consecutive numbers: {time.perf_counter() - began:.1f} s", flush=True
    )

    began = time.perf_counter()
    killed = _work("build", kill_after=lambda words: int(words[1]) >= count // 3)
    said = _work("build")
    spent = time.perf_counter() - began
    pages = _check_files(ids)
    # The second worker's first letters are the baseline for all of its own, the killed one's for the memory.
    first = next(words for words in said if int(words[1]) >= min(_FIRST, count // 3))
    cost, first_cost = float(said[-1][2]), float(first[2])
    memory, first_memory = max(int(words[3]) for words in [*killed, *said]), int(first[3])
    print(
        f"single files: {spent:.0f} s, worker killed after {killed[-1][1]} and started again; {pages:,} pages, none twice, none left out"
    )
    _tell("CPU ms a letter", cost * 1000, f"of the first {first[1]}", first_cost * 1000, SLOWER_LIMIT)
    _tell("most memory, MB", memory / 1e6, f"after the first {first[1]}", first_memory / 1e6, MEMORY_LIMIT)

    volumes = _order_print(ids)
    began = time.perf_counter()
    killed = _work("print", kill_after=lambda words: int(words[1]) >= max(1, volumes // 3))
    said = _work("print")
    spent = time.perf_counter() - began
    size = _check_print(ids, pages)
    print_first, print_memory = int((killed or said)[0][3]), max(int(words[3]) for words in [*killed, *said])
    print(
        f"files for the printer: {volumes} volumes, {size / 1e6:,.0f} MB, {spent:.0f} s, killed after {len(killed)} volumes and started again"
    )
    _tell("most memory, MB", print_memory / 1e6, "after the first volume", print_first / 1e6, MEMORY_LIMIT)
    reached = (
        cost <= first_cost * SLOWER_LIMIT
        and memory <= first_memory * MEMORY_LIMIT
        and print_memory <= print_first * MEMORY_LIMIT
    )
    return 0 if reached else 1


def _tell(what: str, over_all: float, when: str, then: float, limit: float) -> None:
    print(f"  {what}: {over_all:.1f}, {when}: {then:.1f}; ratio {over_all / then:.2f}, wanted ≤ {limit}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
