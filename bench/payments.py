"""Payments: a batch from what was approved to closed, a bank's answer killed on the way, and lists of a million.

    ./jht bench payments [-- --batch 10000 --answer 100000 --items 1000000 --rounds 40]

The batch goes through its actions: drawn up, locked, signed, written as a workbook, sent, answered in full, closed; with
duties and audit. The answer has 3 % of rows that failed, are unknown, were altered or come twice; its process is killed
once and begun again, and what stands afterwards is counted exactly. Beside it the usual way: the workbook loaded whole,
each row looked for in a list of references; of it a sample is timed and multiplied.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench import asking, payment_rows
from bench.database import vacuum
from bench.figures import Said
from bench.payment_rows import PLACE, Office
from bench.timing import StepTimes, seconds_of
from portal.funds import answering, batches, locking, payment_files
from portal.funds.batches import Selection
from portal.funds.models import Answer, Batch, Channel, Fund, Item
from portal.funds.proof import differences
from portal.jobs import runner

BATCH_SECONDS, ANSWER_SECONDS, ANSWER_MB, LEAST_TIMES, PAGE_MS = 30.0, 10.0, 300.0, 20.0, 100.0
_HEADER = ["业务编号", "收款账号", "收款户名", "金额", "处理结果", "失败原因", "银行流水号"]


# -- a batch -------------------------------------------------------------------------------------------------
def _drawn_up(office: Office) -> Batch:
    selection = Selection(
        Fund.objects.get(pk="employment_subsidy_fund"), Channel.objects.get(pk="one_card"), PLACE
    )
    found = batches.look(selection, on=timezone.localdate())
    return batches.draw_up(selection, confirmed=found, by=office.finance[0])


def _sent(office: Office, times: StepTimes) -> Batch:
    first, *others = office.finance
    times.begin("drawn up")
    batch = _drawn_up(office)
    times.begin("locked")
    batch = locking.lock(batch.pk, confirmed=locking.look_at(batch).digest, by=first)
    times.begin("signed")
    for officer in others[: batches.signatures_needed(batch) or 0]:
        batch = batches.sign(batch.pk, seen=batches.standing(batch), by=officer)
    times.begin("written")
    batch = payment_files.make(batch.pk, by=first)
    times.begin("sent")
    return batches.send(batch.pk, by=first)


def _measure_batch(said: Said, case_ids: Sequence[int], line: Any, office: Office) -> None:
    payment_rows.approved(case_ids, line, office)
    times = StepTimes()

    def go() -> None:
        batch = _sent(office, times)
        times.begin("answered")
        rows = [[*row, "成功", "", ""] for row in _rows_of(batch, office)]
        answer = _given_in(rows, office)
        runner.run_job(answer.job_id)
        times.begin("closed")
        closed = batches.close(batch.pk, by=office.finance[0])
        times.begin("")
        if (closed.state, closed.count) != ("closed", len(case_ids)):
            raise SystemExit(f"the batch is {closed.state} with {closed.count} items")

    print(f"\na batch of {len(case_ids):,}")
    took = seconds_of(go)
    print(f"    {times}")
    said.say("from approved to closed", took, BATCH_SECONDS * max(len(case_ids) / 10_000, 0.1), unit=" s")
    said.say("differences", len(_unproven()), 0)


def _rows_of(batch: Batch, office: Office) -> Iterable[list[str]]:
    items = batch.items.order_by("position").values_list("reference", "payable__case_id")
    return payment_rows.bank_rows(items, office)


def _unproven() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM funds_batch_proof")
        return [*differences(), *cursor.fetchall()]


# -- an answer -----------------------------------------------------------------------------------------------
def _given_in(rows: Sequence[Sequence[str]], office: Office) -> Answer:
    upload = TemporaryUploadedFile("answer.csv", "text/csv", 0, None)
    text = "\r\n".join(",".join(row) for row in [_HEADER, *rows]) + "\r\n"
    Path(upload.temporary_file_path()).write_bytes(text.encode("gb18030"))
    upload.size = len(text)
    return answering.give_in(upload, Channel.objects.get(pk="one_card"), region=PLACE, by=office.finance[0])


def _with_faults(rows: list[list[str]]) -> tuple[list[list[str]], dict[str, int]]:
    """The rows of a bank, 3 % of them not plainly paid, and what each must come to."""
    chance = random.Random(2019)  # noqa: S311 - the same every time
    expected = {
        "paid": 0,
        "returned": 0,
        "unknown": 0,
        "amount_differs": 0,
        "payee_differs": 0,
        "duplicate": 0,
    }
    said = []
    for place, row in enumerate(rows):
        fault = chance.randrange(1000)
        reference, account, name, amount = row
        number = f"B{place:09d}"
        cells = [reference, account, name, amount, "成功", "", number]
        outcome = "paid"
        if fault < 10:
            cells[4:6], outcome = ["失败", "账号不存在"], "returned"
        elif fault < 15:
            cells[0], outcome = f"XX{place:09d}", "unknown"
        elif fault < 20:
            cells[3], outcome = "1499.99", "amount_differs"
        elif fault < 25:
            cells[1], outcome = f"6222{place:012d}", "payee_differs"
        elif fault < 30:
            said.append(cells)
            expected["paid"] += 1
            outcome = "duplicate"
        expected[outcome] += 1
        said.append(list(cells))
    return said, expected


_TAKE = "import django; django.setup(); from bench.payments import take; take(*map(int, __import__('sys').argv[1:]))"


def take(answer_id: int, kill_at: int) -> None:
    """Take an answer in, in this process; killed behind so many rows, where that is more than none."""
    answer = Answer.objects.select_related("profile", "by").get(pk=answer_id)
    began = time.perf_counter()

    def tell(done: int, expected: int) -> None:
        if kill_at and done >= kill_at:
            print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    answering.take_in(answer, by=answer.by, on_rows=tell)
    print(json.dumps({"seconds": time.perf_counter() - began, "mb": _most_memory()}), flush=True)


def _most_memory() -> float:
    """The most that this process held, in MB. What the system counts for a process begins with its parent's."""
    said = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in said.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _taken(answer: Answer, kill_at: int) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", _TAKE, str(answer.pk), str(kill_at)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if (done.returncode == -signal.SIGKILL) != bool(kill_at):
        raise SystemExit(f"taking in ended with {done.returncode}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _measure_answer(said: Said, case_ids: Sequence[int], line: Any, office: Office) -> None:
    payment_rows.approved(case_ids, line, office)
    times = StepTimes()
    batch = _sent(office, times)
    times.begin("")
    print(f"\na batch of {len(case_ids):,}, as it is sent\n    {times}")
    # The bank answers days later.
    vacuum()
    plain = list(_rows_of(batch, office))
    rows, expected = _with_faults(plain)
    print(f"\nan answer of {len(rows):,} rows")
    runner.run_job.delay = lambda job_id: None
    answer = _given_in(rows, office)
    killed = _taken(answer, max(len(rows) * 2 // 5, 1))
    left = _taken(answer, 0)
    took = killed["seconds"] + left["seconds"]
    print(f"    killed after {killed['seconds']:.2f} s, the rest {left['seconds']:.2f} s")
    said.say("taken in, killed once", took, ANSWER_SECONDS * max(len(rows) / 100_000, 0.1), unit=" s")
    said.say("memory", left["mb"], ANSWER_MB, unit=" MB")
    counts = dict.fromkeys(expected, 0) | answering.counts_of(answer)
    wrong = sum(abs(counts[code] - number) for code, number in expected.items())
    print(f"    {counts}")
    said.say("rows of another outcome than expected", wrong, 0)
    said.say("differences", len(_unproven()), 0)
    usual = _usual_way(rows, [row[0] for row in plain])
    print(f"    the usual way {usual:.1f} s, without writing anything down")
    said.say("times the usual way", usual / took, LEAST_TIMES, at_least=True, unit=" ×")


def _usual_way(rows: Sequence[Sequence[str]], references: list[str]) -> float:
    """Seconds of loading the workbook whole and looking for each row in a list of what was sent, and in one of what was
    seen before. A hundredth of the rows, all through the file, is looked for against whole lists, and counted a hundred
    times.
    """
    import openpyxl
    import xlsxwriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.xlsx"
        workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
        sheet = workbook.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
        workbook.close()
        loaded: list[Any] = []
        reading = seconds_of(lambda: loaded.extend(openpyxl.load_workbook(path).active.values))
    seen: list[str] = []
    looked = 0.0
    for place, row in enumerate(loaded):
        if place % 100 == 0:
            looked += seconds_of(lambda reference=row[0]: reference in references and reference not in seen)
        seen.append(row[0])
    print(f"    of it the workbook {reading:.1f} s, lists {looked * 100:.1f} s")
    return reading + looked * 100


# -- lists ---------------------------------------------------------------------------------------------------
_FILTERS = (
    "",
    "state=paid",
    "state=listed",
    "state=returned",
    "state=sent",
    "fund=employment_subsidy_fund",
    "fund=facility_budget",
    "fund=facility_budget&state=returned",
    "channel=treasury",
    "channel=treasury&state=listed",
    "channel=one_card&fund=award_budget",
    "channel=one_card&fund=award_budget&state=listed",
    "channel=agency_account&fund=facility_budget",
    "place=150600",
    "place=150624",
    "place=152923&state=listed",
    "place=152923&fund=facility_budget",
    "place=152923&fund=facility_budget&state=returned&channel=treasury",
    "number=GZ-2026-0000001",
    "number=FK000001N000001",
)
_OF_BATCHES = tuple(query for query in _FILTERS if "number" not in query and "state" not in query) + (
    "state=closed",
    "state=draft",
    "state=draft&place=150600",
)


def _measure_lists(said: Said, items: int, line: Any, office: Office, rounds: int) -> None:
    # Pages name their static files by the manifest, as in production.
    call_command("collectstatic", verbosity=0, interactive=False)
    payment_rows.list_items(items, line, office.finance[0])
    print(f"\nlists of {Item.objects.count():,} payments in {Batch.objects.count():,} batches")
    people = (
        ("region", office.finance[1]),
        ("league", asking.person("bench.league", "finance_officer", "150600")),
    )
    for called, user in people:
        client = asking.signed_in(user)
        worst = asking.report(
            f"payments, {called}", asking.queries(client, "/window/funds/payments/", _FILTERS), rounds
        )
        said.say(f"payments, {called}, any filter, p95", worst, PAGE_MS, unit=" ms")
        worst = asking.report(
            f"batches, {called}", asking.queries(client, "/window/funds/batches/", _OF_BATCHES), rounds
        )
        said.say(f"batches, {called}, any filter, p95", worst, PAGE_MS, unit=" ms")


def main(arguments: list[str]) -> int:
    """0 when every figure is reached."""
    parser = argparse.ArgumentParser(prog="payments")
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--answer", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    sizes = parser.parse_args(arguments)
    said, office = Said(), Office()
    payment_rows.know_payees(office)
    case_ids = payment_rows.cases(sizes.batch + sizes.answer)
    line = payment_rows.line(office, payment_rows.total(len(case_ids)))
    _measure_batch(said, case_ids[: sizes.batch], line, office)
    _measure_answer(said, case_ids[sizes.batch :], line, office)
    _measure_lists(said, sizes.items, line, office, sizes.rounds)
    return 0 if said.reached else 1
