"""The reader of pages finds what it is there for. Every page that any test asks for is read by it (conftest)."""

from __future__ import annotations

import pytest

from tests.markup import wrong_markup


@pytest.mark.parametrize(
    "page",
    [
        '<time datetime="2026-11-22T09:05:01.123456+08:00">9</time>',
        '<input type="date" maxlength="20">',
        "<span><form></form></span>",
        "<p><ul><li>a</li></ul></p>",
        "<h2><div>a</div></h2>",
        "<form><div><form></form></div></form>",
        '<i id="a"></i><b id="a"></b>',
        "<div><section></div></section>",
    ],
)
def test_what_is_wrong_is_found(page: str) -> None:
    assert wrong_markup(page)


@pytest.mark.parametrize(
    "page",
    [
        '<time datetime="2026-11-22T09:05:01+0800">9</time><time datetime="2026-11-22">d</time>',
        '<input maxlength="20"><input type="search" maxlength="3"><br>',
        "<div><form><p>a</p></form></div>",
        "<ul><li>a<li>b</ul>",
        '<details><summary><h2 id="a">t</h2></summary><div>x</div></details>',
    ],
)
def test_what_is_sound_is_left_alone(page: str) -> None:
    assert wrong_markup(page) == []
