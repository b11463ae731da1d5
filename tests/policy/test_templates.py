"""Templates of JSON: filled they are what a JSON library writes, or what PostgreSQL prints of jsonb, to the
letter.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.policy.fast_answers.templates import (
    Hole,
    ReadyText,
    build_template,
    canonical_json,
    canonical_json_object,
    compact_json,
    join_templates,
)

# What jsonb holds: no NUL, no half characters; numbers as facts have them.
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.sampled_from([0.5, 9.99, 12.25, 99.9])
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
HARD = {
    "a": "100 % sure",
    "bb": '"quoted" \\ /',
    "c": "\x01\b\f\n\r\t\x7f\u2028😀",
    "é": [1, 9.99, "%s"],
    "aa": {},
    "焊": [],
}


def printed(data: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(data)])
        (text,) = cursor.fetchone()
    return text


def _around(data: Any, *, canonical: bool) -> str:
    """`data` with a value that is filled in at its beginning and one at its end."""
    write = canonical_json if canonical else compact_json
    made = build_template(
        {"first": Hole("x"), "data": data, "last": Hole("y", quoted=True)}, canonical=canonical
    )
    return made.fill({"x": write([1, "é"]).encode(), "y": b"z", "not asked for": b""}).decode()


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=VALUES)
def test_canonical_text_is_what_jsonb_prints(data: Any) -> None:
    assert _around(data, canonical=True) == printed({"first": [1, "é"], "data": data, "last": "z"})


@pytest.mark.django_db
def test_hard_cases_are_what_jsonb_prints() -> None:
    assert _around(HARD, canonical=True) == printed({"first": [1, "é"], "data": HARD, "last": "z"})
    assert canonical_json_object({key: canonical_json(value) for key, value in HARD.items()}) == printed(HARD)


@given(data=VALUES)
def test_compact_text_is_what_a_program_reads(data: Any) -> None:
    text = _around(data, canonical=False)
    assert json.loads(text) == {"first": [1, "é"], "data": data, "last": "z"}
    assert list(json.loads(text)) == ["first", "data", "last"]


def test_text_made_elsewhere_stands_as_it_is() -> None:
    assert (
        build_template([Hole("a"), ReadyText('{"x":"5 %"}'), Hole("b")]).fill({"a": b"1", "b": b"2"})
        == b'[1,{"x":"5 %"},2]'
    )


def test_templates_filled_together_are_each_what_they_are_alone() -> None:
    templates = [
        build_template([Hole("a"), "x", Hole("b", quoted=True)]),
        build_template({"c": Hole("c"), "a": Hole("a")}),
        build_template([Hole("b"), Hole("b")]),
    ]
    texts = {"a": b"1", "b": b"zwei", "c": b"[3]"}
    joined = join_templates(templates, any_hole="c")
    assert joined.fill_each(texts) == [template.fill(texts) for template in templates]
    assert joined.fill_each(texts) == [b'[1,"x","zwei"]', b'{"c":[3],"a":1}', b"[zwei,zwei]"]


def test_one_hole_is_no_template() -> None:
    with pytest.raises(ValueError, match="at least two"):
        build_template({"a": Hole("a")})
