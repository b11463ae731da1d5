"""The round through the command alone: by the same code as the pages, with exit codes that a script can use."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from talent_registry.models import ListedNominee, Nomination, RegistryEntry, SelectionRound
from talent_registry.selection import rounds, steps
from tests import copies
from tests.databases import ROOT
from tests.selection.nominees import today
from tests.selection.running import (
    day_of,
    draft_round,
    fresh,
    nominate,
    play,
    recommend_all,
    score_all,
)


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("selection", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`on_day(date)` makes it that day for whoever asks the clock."""
    return lambda day: monkeypatch.setattr(timezone, "localdate", lambda *args: day)


def test_a_whole_round_by_commands(cast, on_day) -> None:
    officer, approver = cast("registry_officer"), cast("approver")
    assert "示例" in command("2026", "prepare", "--by", officer.username)
    round_ = SelectionRound.objects.get()
    day = today()
    rounds.set_days(
        round_,
        opens_on=day,
        nominations_until=day,
        panel_until=day,
        recommend_until=day,
        as_of=day,
        notice_working_days=5,
        by=officer,
        on=day,
    )
    for step in steps.STEPS:
        if step == "recommend":
            score_all(cast, list(Nomination.objects.select_related("case")))
        if step == "rank":
            recommend_all(cast, list(Nomination.objects.select_related("case").order_by("pk")))
        on_day(day_of(step))
        said = command("2026", step, "--by", (approver if step == "confirm" else officer).username)
        assert fresh().state == steps.row_of(step).target and steps.RoundState(fresh().state).label in said
        on_day(day)
        if step == "open":
            assert "试评完成" in command("2026", "assess", "--trial")
            nominate(cast, fresh(), 3, 1)
    assert RegistryEntry.objects.filter(selection=fresh()).count() == 3
    assert f"摘要 {fresh().standing_list.digest}" in command("2026", "verify")
    assert "全部步骤已办理" in command("2026", "status")


def test_a_refusal_says_what_is_in_the_way(cast) -> None:
    draft_round(cast("registry_officer"))
    with pytest.raises(CommandError, match="应办理的下一步是“开始申报”") as refused:
        command("2026", "rank", "--by", cast("registry_officer").username)
    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="没有“组织年度遴选”的权限"):
        command("2026", "open", "--by", cast("clerk").username)
    with pytest.raises(CommandError, match="须由有权限的人员办理"):
        command("2026", "publish")
    with pytest.raises(CommandError, match="2026年度遴选已经建立"):
        command("2026", "prepare")


@pytest.mark.parametrize(
    "args",
    [
        ("2026", "open", "--by", "nobody"),
        ("2026", "open", "--trial"),
        ("2026", "open", "--again", "x"),
        ("2026", "dance"),
        ("x", "open"),
    ],
)
def test_wrong_usage_is_told_from_a_refusal(db, args) -> None:
    with pytest.raises(CommandError) as wrong:
        command(*args)
    assert wrong.value.returncode == 2 or "Error" in str(wrong.value)


def test_ranked_again_with_its_reason(cast, drawn_up) -> None:
    assert "第2版名单" in command(
        "2026", "rank", "--again", "更正信息。", "--by", cast("registry_officer").username
    )
    assert fresh().lists.order_by("version").last().reason == "更正信息。"


def test_verify_has_nothing_to_verify_before_the_ranking(cast) -> None:
    draft_round(cast("registry_officer"))
    with pytest.raises(CommandError, match="还没有名单"):
        command("2026", "verify")


@pytest.mark.kill
def test_the_exit_codes_of_the_process(committed, command_environment, owner_sql, cast) -> None:
    play(cast, "frozen", ordos=2)

    done = subprocess.run(
        [sys.executable, "manage.py", "selection", "2026", "verify"],
        cwd=ROOT,
        env=command_environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "一致" in done.stdout + done.stderr

    def run(*args: str) -> tuple[int, str]:
        ended = copies.manage("selection", *args)
        return ended.status, ended.printed + ended.complained

    assert run("2026", "publish", "--by", cast("registry_officer").username)[0] == 1
    assert run("2026", "dance")[0] == run("2026", "open", "--by", "nobody")[0] == 2
    listed = ListedNominee.objects.order_by("pk").first()
    owner_sql("UPDATE talent_registry_listednominee SET score = score + 1 WHERE id = %s", listed.pk)
    code, said = run("2026", "verify")
    assert code == 1 and listed.nomination.case.number in said
