"""Templates are laid out for people and sent without the white space of their layout."""

from __future__ import annotations

import pytest
from django.template.loader import get_template

from portal.templating import without_layout


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("<div>\n  <p>\n    {{ name }}\n  </p>\n</div>\n", "<div>\n<p>{{ name }}</p>\n</div>\n"),
        ("<dd>\n  {% if a %}\n    1\n  {% endif %}\n</dd>", "<dd>{% if a %}\n1\n{% endif %}</dd>"),
        ('<td class="num"\n    data-label="数">\n  1\n</td>', '<td class="num"\ndata-label="数">1</td>'),
        # Between words and inline elements a line's end is a space, and stays one.
        ("<a href='/'>一</a>\n  <span>二</span>", "<a href='/'>一</a>\n<span>二</span>"),
        ("<label>\n  一\n</label>", "<label>\n一\n</label>"),
        ("<dt>一</dt>\n  <dd>\n    1\n  </dd>", "<dt>一</dt><dd>1</dd>"),
        (
            "<p>\n  自{{ day }}\\\n  {% if a %}起{% endif %}\n</p>",
            "<p>自{{ day }}{% if a %}起{% endif %}</p>",
        ),
        ("{# djlint:off #}<p>\n  一\n</p>", "{# djlint:off #}<p>\n  一\n</p>"),
        ("<parameter>\n1", "<parameter>\n1"),
    ],
)
def test_white_space_of_the_layout_is_taken_out_where_no_browser_shows_it(source: str, sent: str) -> None:
    assert without_layout(source) == sent


def test_pages_are_sent_without_indentation_and_letters_keep_their_line_ends() -> None:
    page = get_template("public/about.html").template.source
    letter = get_template("letters/letter.html").template.source
    assert "\n  " not in page
    assert "{{ issuer }}\n{{ issued_on }}" in letter
