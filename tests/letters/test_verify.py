"""What a stranger with a letter in hand learns, and what they do not."""

from __future__ import annotations

import pytest

from portal.accounts import demonstration
from portal.letters import building
from portal.letters.actions import confirm_issuer
from portal.letters.models import CODE_ALPHABET, LetterFile, new_code, read_code
from portal.letters.verification import verify
from tests.letters.conftest import CERTIFICATE

pytestmark = pytest.mark.django_db


def test_codes_are_unguessable_and_have_no_letters_that_look_like_digits() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000 and all(len(code) == 12 and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set("ILOU") & set(CODE_ALPHABET)


@pytest.mark.parametrize(
    "typed", ["7K2M-Q9XR-4V80", " 7k2m q9xr 4v8o", "７Ｋ２ＭＱ９ＸＲ４Ｖ８０", "7K2M—Q9XR—4V8O"]
)
def test_a_code_is_read_as_people_type_it(typed) -> None:
    assert read_code(typed) == "7K2MQ9XR4V80"


@pytest.mark.parametrize(
    "typed", ["", "7K2M", "7K2MQ9XR4V800", "7K2MQ9XR4V8!", "7K2MQ9XR4V8U", "'; DROP TABLE letters; --"]
)
def test_what_cannot_be_a_code_is_none(typed) -> None:
    assert read_code(typed) == "" and verify(typed) is None


@pytest.fixture
def confirmed(security_admin, monkeypatch) -> None:
    """The department of a real portal has confirmed its mark: its letters are no samples."""
    monkeypatch.setattr(demonstration, "_state", lambda: (False, True))
    confirm_issuer(code="150000", mark="内人社函", by=security_admin)


def test_a_letter_says_what_it_says_with_the_addressee_masked(client, issue, worker, confirmed) -> None:
    letter = issue(worker)
    building.build([letter.pk])
    page = client.get(f"/letters/verify/{letter.code}/").content.decode()
    for told in (
        "真实有效",
        letter.number_text,
        letter.title,
        "内蒙古自治区人力资源和社会保障厅",
        "2026年11月16日",
        "全国技术能手",
        "王*国",
        letter.printed_code,
        LetterFile.objects.get(letter=letter).sha256,
    ):
        assert told in page
    for hidden in (worker.name, "焊接厂", "150624********001X", worker.id_number, "没有法律效力"):
        assert hidden not in page


def test_a_sample_says_that_it_is_one(client, issue) -> None:
    page = client.get(f"/letters/verify/{issue().code}/").content.decode()
    assert "没有法律效力" in page and "真实有效" not in page


def test_a_superseded_letter_says_by_which(client, issue, worker, confirmed) -> None:
    old = issue(worker)
    new = issue(worker, kind=CERTIFICATE, supersedes=old)
    page = client.get(f"/letters/verify/{old.code}/").content.decode()
    assert "已被替代" in page and new.number_text in page and "真实有效" not in page
    assert "真实有效" in client.get(f"/letters/verify/{new.code}/").content.decode()


def test_a_letter_whose_file_is_not_built_is_verified_all_the_same(client, issue) -> None:
    assert "正在生成" in client.get(f"/letters/verify/{issue().code}/").content.decode()


def test_digests_of_files_handed_out_before_stay_recognised(client, issue) -> None:
    letter = issue()
    building.build([letter.pk])
    LetterFile.objects.filter(letter=letter).update(sha256="a" * 64)
    building.build([letter.pk], again=True)
    page = client.get(f"/letters/verify/{letter.code}/").content.decode()
    assert "a" * 64 in page and LetterFile.objects.get(letter=letter).sha256 in page


@pytest.mark.parametrize(
    ("addressee", "shown"),
    [
        ("鄂托克旗人力资源和社会保障局", "鄂托克旗人力资源和社会保障局"),
        ("张珺喆", "张*喆"),
        ("王部", "王*"),
        ("王建国同志", "王*国同志"),
        ("王部同志", "王*同志"),
        ("那顺巴雅尔", "那***尔"),
    ],
)
def test_an_office_as_addressee_is_told_and_a_person_is_masked_even_without_a_record(
    issue, addressee, shown
) -> None:
    assert verify(issue(addressee=addressee).code).addressee == shown


def test_an_unknown_code_is_told_and_can_be_tried_again(client) -> None:
    answer = client.get("/letters/verify/000000000000/")
    assert answer.status_code == 404 and "没有查到这封信函" in answer.content.decode()


def test_the_form_leads_to_the_answer(client, issue) -> None:
    letter = issue()
    answer = client.get("/letters/verify/", {"code": letter.printed_code.lower()})
    assert answer.status_code == 302 and answer["Location"] == f"/letters/verify/{letter.code}/"


@pytest.mark.parametrize(("code", "told"), [("", "请填写验证码"), ("12", "12位字母和数字")])
def test_a_wrong_code_is_told_beside_the_field_and_kept(client, code, told) -> None:
    answer = client.get("/letters/verify/", {"code": code})
    assert answer.status_code == 200 and told in answer.content.decode()


def test_only_guessing_is_slowed_down(client, issue, monkeypatch) -> None:
    """A carrier's address is thousands of telephones: whoever holds a letter reads it as often as they like,
    a wrong code asked for again and again keeps nobody from another, and only many wrong ones end it.
    """
    from portal.letters import views
    from portal.throttle import Limit, Misses

    limits = Misses(Limit("verify-test-address", 5), Limit("verify-test-code", 2))
    monkeypatch.setattr(views, "MISSES", limits)
    letter = issue()
    held = f"/letters/verify/{letter.code}/"
    assert {client.get(held).status_code for _ in range(9)} == {200}
    one, other = "/letters/verify/000000000000/", "/letters/verify/111111111111/"
    assert [client.get(one).status_code for _ in range(3)] == [404, 404, 429]
    assert client.get(held).status_code == client.get(held).status_code == 200
    assert [client.get(other).status_code for _ in range(3)] == [404, 404, 429]
    assert client.get("/letters/verify/222222222222/").status_code == 404
    refused = client.get("/letters/verify/333333333333/")
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0


def test_a_code_on_no_letter_stays_in_the_field_as_it_was_typed(client) -> None:
    answer = client.get("/letters/verify/", {"code": "7k2m-Q9XR 4V8T"})
    page = answer.content.decode()
    assert answer.status_code == 404 and "验证码“7k2m-Q9XR 4V8T”不属于" in page
    assert 'value="7k2m-Q9XR 4V8T"' in page


def test_the_api_tells_the_same(client, issue, worker) -> None:
    letter = issue(worker)
    answer = client.get(f"/api/letters/verify/{letter.printed_code}/").json()
    assert (answer["number"], answer["addressee"], answer["holds"]) == (letter.number_text, "王*国", True)
    assert answer["facts"] == [
        {"label": "依据荣誉", "value": "全国技术能手"},
        {"label": "纳入日期", "value": "2026年11月16日"},
    ]
    assert answer["superseded_by"] is None and answer["standing"] is None
    assert client.get("/api/letters/verify/000000000000/").status_code == 404
