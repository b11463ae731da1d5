"""manage.py selection YEAR STEP: the annual selection from the command line, by the same code as the pages."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.accounts.access import Refused
from portal.accounts.models import User
from portal.cases.actions import NotNow
from talent_registry.models import SelectionRound
from talent_registry.selection import listing, rounds, steps, verifying
from talent_registry.selection.workflow import RoundState

WRONG_USAGE = 2


class Command(BaseCommand):
    help = (
        "The annual selection of a year. STEP: prepare (a draft with sample days, scheme and places), status, "
        "verify (compute the list again from the frozen facts, exit 1 when it differs), or one of "
        f"{', '.join(steps.STEPS)}. Exit 1: refused, with what is in the way. Exit 2: wrong usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("step", choices=["prepare", "status", "verify", *steps.STEPS], metavar="STEP")
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="in whose name; needed where a person answers for it"
        )
        parser.add_argument(
            "--trial", action="store_true", help="with assess: only look, while nominations are still taken"
        )
        parser.add_argument(
            "--again",
            metavar="REASON",
            default="",
            help="with rank: once more before the list is frozen, and why",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        year, step = options["year"], options["step"]
        if options["trial"] and step != "assess":
            raise CommandError("--trial belongs to assess", returncode=WRONG_USAGE)
        if options["again"] and step != "rank":
            raise CommandError("--again belongs to rank", returncode=WRONG_USAGE)
        by = self._person(options["by"])
        try:
            getattr(self, f"_{step}", self._take)(year, step, by, options)
        except (NotNow, Refused) as refusal:
            raise CommandError(str(refusal)) from refusal

    @staticmethod
    def _person(username: str) -> User | None:
        if not username:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"no active account is called {username}", returncode=WRONG_USAGE)
        return user

    def _prepare(self, year: int, step: str, by: Any, options: dict[str, Any]) -> None:
        round_ = rounds.prepare(year, by=by, on=timezone.localdate())
        self.stdout.write(
            f"{round_.title}已建立（{round_.case.number}），日期、评分办法和名额为示例，开始申报前可以修改。"
        )

    def _status(self, year: int, step: str, by: Any, options: dict[str, Any]) -> None:
        round_ = steps.find(year)
        self._say_state(round_)
        if due := steps.next_step(round_):
            for problem in steps.blockers(round_, due, on=timezone.localdate()):
                self.stdout.write(f"  {problem}")

    def _verify(self, year: int, step: str, by: Any, options: dict[str, Any]) -> None:
        round_ = steps.find(year)
        latest = listing.latest(round_)
        if latest is None:
            raise CommandError(f"{year}年度遴选还没有名单，无从核对。")
        if differences := verifying.verify(round_):
            raise CommandError("\n".join(["重新计算的结果与名单不一致：", *differences]))
        listed = round_.standing_list or latest
        self.stdout.write(f"{year}年度遴选第{listed.version}版名单与重新计算的结果一致，摘要 {listed.digest}")

    def _take(self, year: int, step: str, by: Any, options: dict[str, Any]) -> None:
        on = timezone.localdate()
        if options["trial"]:
            run = steps.take_trial(year, by=by, on=on, progress=self._progress)
            self.stdout.write(f"试评完成：评价{run.assessed:,}人，符合条件{run.eligible:,}人。")
            return
        if options["again"]:
            listed = steps.rank_again(year, reason=options["again"], by=by, on=on)
            self.stdout.write(f"已重新排序，第{listed.version}版名单，摘要 {listed.digest}")
            return
        round_ = steps.take_step(year, step, by=by, on=on, progress=self._progress)
        self._say_state(round_)

    def _say_state(self, round_: SelectionRound) -> None:
        due = steps.next_step(round_)
        then = f"下一步：{steps.row_of(due).label}（{due}）" if due else "全部步骤已办理"
        self.stdout.write(f"{round_.year}年度遴选：{RoundState(round_.state).label}。{then}")
        if listed := round_.standing_list:
            self.stdout.write(f"现行名单第{listed.version}版，摘要 {listed.digest}")

    def _progress(
        self, done: int, *, total: int | None = None, refused: int | None = None, step: str | None = None
    ) -> None:
        of = f" / {total:,}" if total else ""
        self.stderr.write(f"{done:,}{of} {step or ''}".rstrip())
