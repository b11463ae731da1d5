"""The sheet of the check as a file of two pages, and the code on it: answers for the window, for some days, of nobody."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from portal.audit.models import Entry
from portal.entitlements import sheet_files, sheet_state
from portal.entitlements.check_state import BadCheckState, CheckState
from portal.entitlements.questions import steps
from portal.letters.render import qr_drawing
from portal.policy import validate_facts
from tests.cast import KUNDULUN, make_account, make_worker
from tests.entitlements.test_questions import ORDINARY
from tests.letters import pdfs
from tests.policy.people import facts_of
from tests.window.given import known_worker

pytestmark = pytest.mark.django_db
ON = timezone.localdate()
ASKED = [fact for step in steps() for fact in step.facts]
# A welder with everything that one can have.
RICH = {
    **ORDINARY,
    "leading_talent": True, "skill_level": "senior_technician", "certificate_level": "senior_technician",
    "special_allowance": "national", "superb_skill": True, "outstanding_contribution": True, "recruited": "by_region",
    "solved_major_technical_problem": True, "liaison_expert": True, "outstanding_mentor": True,
    "child_in_compulsory_education": True, "jobless_willing_spouse_or_child": True, "hard_to_employ_family_member": True,
    "attended_senior_technician_upskilling": True, "competition": "worldskills", "competition_role": "competitor",
    "competition_prize": "gold", "for_inner_mongolia": True, "recognised_scarce_talent": True,
}  # fmt: skip
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sealed(facts: dict[str, Any], *, on_register: bool = False) -> str:
    return sheet_state.seal(CheckState(facts, topics=("leave",), banner="150624"), on_register=on_register)


def opened_by(client: Client, token: str) -> Any:
    return client.get(reverse("public:sheet"), {"s": token})


# -- what the code holds -------------------------------------------------------------------------------------
@SLOW
@given(facts=facts_of(ASKED))
def test_the_code_gives_the_answers_again_and_can_be_scanned(facts: dict[str, Any]) -> None:
    import segno

    known = validate_facts(facts, ON)
    token = sealed(known, on_register=True)
    state = sheet_state.unseal(token, ON)
    assert (state.facts, state.topics, state.banner, state.on_register) == (known, ("leave",), "150624", True)
    # On 36 mm a module of such a code is at least 0.4 mm wide.
    code = segno.make(f"https://www.example.gov.cn/sheet/?s={token}", error="m", micro=False)
    assert len(code.matrix) <= 89


def test_nothing_of_it_can_be_read_changed_or_used_elsewhere() -> None:
    token = sealed({"birth_on": "1975-03-02"})
    assert "1975" not in token
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(BadCheckState):
            sheet_state.unseal(token[:place] + other + token[place + 1 :], ON)
    with pytest.raises(BadCheckState):
        sheet_state.unseal(CheckState({}).token(), ON)
    with pytest.raises(BadCheckState):
        CheckState.read(token, ON)
    with pytest.raises(BadCheckState):
        sheet_state.unseal("A" * 5000, ON)


def test_a_fact_that_is_none_any_more_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    token = sealed({"employment": "employed", "shoe_size": 42, "skill_level": "wizard"})
    state = sheet_state.unseal(token, ON)
    assert state.facts == {"employment": "employed"} and state.lost == 2


def test_the_words_that_sheets_out_there_open_with_never_change() -> None:
    words = Path(sheet_state.__file__).with_name("data") / "sheet_words.txt"
    assert (
        hashlib.sha256(words.read_bytes()).hexdigest()
        == "1b021ed77a9159aae7f2c6b791a3dd7f968a335c02f31c49bd59d8aefbb84340"
    )


# -- the file ------------------------------------------------------------------------------------------------
def file_of(client: Client, facts: dict[str, Any]) -> bytes:
    answer = client.get("/check/sheet.pdf", {"t": CheckState(validate_facts(facts, ON)).token()})
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    return answer.content


@pytest.mark.parametrize(
    "facts", [{}, ORDINARY, RICH, {"employment": "retired"}], ids=["none", "ordinary", "rich", "retired"]
)
def test_it_has_at_most_two_pages_and_says_what_the_result_says(
    client: Client, facts: dict[str, Any]
) -> None:
    import io

    import pikepdf

    content = file_of(client, facts)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) <= 2
    words = "".join(pdfs.text(content).split())
    page = client.get("/check/sheet/", {"t": CheckState(validate_facts(facts, ON)).token()}).context
    for group, answers in page["groups"]:
        assert f"{group.title}（{len(answers)}项）" in words
        for shown in answers:
            assert "".join(shown.answer.title.split()) in words and shown.answer.short_digest in words
    assert f"目前不符合的（{len(page['ineligible'])}项）" in words or not page["causes"]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the codes that are drawn open."""
    addresses: list[str] = []

    def noted(text: str, *place: float) -> bytes:
        addresses.append(text)
        return qr_drawing(text, *place)

    monkeypatch.setattr("portal.letters.render.qr_drawing", noted)
    return addresses


def test_the_code_that_is_drawn_opens_the_answers(client: Client, drawn: list[str]) -> None:
    facts = validate_facts(ORDINARY, ON)
    file_of(client, facts)
    (address,) = set(drawn)
    head, _, token = address.partition("/sheet/?s=")
    assert head.startswith("http") and sheet_state.unseal(token, ON).facts == facts


def test_the_file_of_somebody_known_names_nobody_and_the_code_holds_what_was_typed(
    cast: Any, as_user: Any, drawn: list[str]
) -> None:
    # Given somebody of the register, with an account
    person = known_worker(cast("clerk"))
    person.account = make_account("w20260009", person.name, "worker", person.work_region_id)
    person.save(update_fields=["account"])
    for user, address, whose in (
        (person.account, "/my/check/sheet.pdf", f"worker:{person.pk}"),
        (cast("clerk"), reverse("window:check_sheet_file", args=[person.pk]), f"desk:{person.pk}"),
    ):
        # When the sheet is taken away as a file, by themselves or at the desk, with one answer typed
        typed = CheckState({"worked_years": 20}).token(whose)
        content = as_user(user).get(address, {"t": typed}).content
        # Then neither name nor number stands in it
        words = pdfs.text(content)
        assert "待遇查询单" in words and person.name not in words and person.id_number[-4:] not in words
        # And the code holds what was typed, and nothing of the register
        state = sheet_state.unseal(drawn[-1].partition("?s=")[2], ON)
        assert dict(state.facts) == {"worked_years": 20} and state.on_register


def test_who_may_not_see_workers_gets_no_file_of_one(cast: Any, as_user: Any) -> None:
    person = known_worker(cast("clerk"))
    address = reverse("window:check_sheet_file", args=[person.pk])
    assert as_user(cast("employer_agent")).get(address).status_code == 403
    assert as_user(cast("baotou_clerk")).get(address).status_code == 404


def test_many_files_at_once_are_not_made(client: Client) -> None:
    with sheet_files.AT_ONCE.take():  # type: ignore[union-attr]
        answer = client.get("/check/sheet.pdf", {"t": CheckState({}).token()})
    assert answer.status_code == 429 and answer["Retry-After"]
    assert client.get("/check/sheet.pdf").status_code == 302


def test_without_a_result_in_the_address_there_is_no_file(cast: Any, as_user: Any) -> None:
    person = known_worker(cast("clerk"))
    person.account = make_account("w20260009", person.name, "worker", person.work_region_id)
    person.save(update_fields=["account"])
    assert as_user(person.account).get("/my/check/sheet.pdf")["Location"] == reverse("my:check")


# -- at the window -------------------------------------------------------------------------------------------
def test_a_clerk_sees_the_answers_and_takes_them_over(cast: Any, as_user: Any) -> None:
    # Given a sheet that somebody brings, and their record
    token, person = sealed({"worked_years": 20, "in_skilled_post": True}), known_worker(cast("clerk"))
    client = as_user(cast("clerk"))
    # When the code is scanned
    answer = opened_by(client, token)
    # Then the answers stand there, and that they were opened is written down, and not what they say
    page = answer.content.decode()
    assert answer.status_code == 200 and "20" in page and "在技能岗位工作" in page
    assert "no-store" in answer["Cache-Control"]
    noted = Entry.objects.filter(action="check.sheet_opened").get()
    assert noted.actor_id == cast("clerk").pk and set(noted.detail) == {"made_on"}
    # When they are taken over for whoever stands there
    taken = client.post(f"{reverse('public:sheet')}?s={token}", {"person": person.id_number})
    # Then the check of that person goes on with them
    assert taken.status_code == 303 and taken["Location"].startswith(f"/window/workers/{person.pk}/check/?t=")
    shown = client.get(taken["Location"]).content.decode()
    assert "本人填写，未核实" in shown and person.name in shown and "在技能岗位工作" in shown
    assert Entry.objects.filter(action="check.sheet_taken", worker_ref=person.pk).count() == 1


def test_of_another_league_s_person_nothing_is_taken_over(cast: Any, as_user: Any) -> None:
    stranger = make_worker("李秀英", region=KUNDULUN)
    address = f"{reverse('public:sheet')}?s={sealed({'worked_years': 20})}"
    client = as_user(cast("clerk"))
    for typed in (stranger.id_number, "", "不知道是谁"):
        answer = client.post(address, {"person": typed})
        assert answer.status_code == 200 and stranger.name not in answer.content.decode()
    assert not Entry.objects.filter(action="check.sheet_taken").exists()


def test_everybody_else_sees_what_it_is_for_and_nothing_of_the_answers(
    cast: Any, as_user: Any, client: Client
) -> None:
    token = sealed({"in_skilled_post": True})
    for asking in (client, as_user(cast("employer_agent"))):
        answer = opened_by(asking, token)
        page = answer.content.decode()
        assert answer.status_code == 200 and "服务窗口" in page and "在技能岗位工作" not in page
        assert asking.post(f"{reverse('public:sheet')}?s={token}", {"person": "1"}).status_code == 200
    assert not Entry.objects.filter(action__startswith="check.").exists()


def test_one_that_is_over_or_cut_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = sealed({"in_skilled_post": True}), time.time()
    assert opened_by(client, token[:-3]).status_code == 400
    assert opened_by(client, "").status_code == 400
    state = sheet_state.unseal(token, ON)
    assert (state.until - state.made_on).days == 30
    sheet_state.unseal(token, state.until)
    with pytest.raises(BadCheckState) as over:
        sheet_state.unseal(token, state.until + (state.until - state.made_on) / 30)
    assert over.value.expired
    monkeypatch.setattr(sheet_state, "days_open", lambda: -1)
    answer = opened_by(client, token)
    assert answer.status_code == 410 and "重新查询" in answer.content.decode()
    # One of tomorrow is refused too.
    monkeypatch.setattr(time, "time", lambda: now - 86_400)
    with pytest.raises(BadCheckState):
        sheet_state.unseal(token, ON)
