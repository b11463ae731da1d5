"""What is shown before a step of a round that cannot be taken back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from talent_registry.selection import steps
from tests.selection.nominees import today
from tests.selection.running import fresh, play


def page(name: str, *args: Any) -> str:
    return reverse(f"registry:{name}", args=[2026, *args])


def test_a_step_that_cannot_be_taken_back_shows_whom_and_what(cast: Any, scored: Any, as_user: Any) -> None:
    """Given a ranked list, before it is settled its people are named; before its notice is published it is shown as it
    will be public; before it is confirmed as it is, with what moved.
    """
    play(cast, "ranked")
    officer = as_user(cast("registry_officer"))
    steps.rank_again(2026, reason="更正了一项荣誉后重新排序", by=cast("registry_officer"), on=today())
    made = fresh().lists.latest("version")
    names = [one.nomination.worker.name for one in made.nominees.filter(selected=True)]
    settle = officer.get(page("round_step", "freeze")).text
    assert names and all(name in settle for name in names)
    assert (
        "更正了一项荣誉后重新排序" in settle and "公示" not in settle.split("<main")[1].split("入选人员")[0]
    )
    officer.post(page("round_step", "freeze"))

    before = officer.get(page("round_step", "notice"))
    assert "发布后任何人都能看到以下内容" in before.text and "发布时编号" in before.text
    assert fresh().notice is None
    officer.post(page("round_step", "notice"))
    notice = fresh().notice
    version = notice.versions.get()
    for said in (notice.title, notice.legal_basis, version.digest, *notice.body.split("\n")):
        assert said in before.text, said
    for row in version.rows:
        assert all(cell in before.text for cell in row["cells"])

    confirm = as_user(cast("approver")).get(page("round_step", "confirm")).text
    assert (
        notice.number in confirm and "以下是现在的公示" in confirm and "更正了一项荣誉后重新排序" in confirm
    )
    assert page("round_list", made.version) not in confirm
