"""Each component says what it must to eyes, keyboards and screen readers."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from portal.accounts.roles import STAFF_ROLES
from portal.pages import context as frame

ROOT = Path(__file__).resolve().parent.parent.parent


def drawn(source: str, path: str = "/", **context: Any) -> str:
    return Template(source).render(
        Context({"request": RequestFactory().get(path), "csrf_token": "token", **context})
    )


class Ask(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致")
    kind = forms.ChoiceField(
        label="单位性质", choices=[("a", "国有企业"), ("b", "民营企业")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="说明", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("两项内容相互矛盾。")


@pytest.mark.parametrize("house", ["staff", "public"])
def test_the_component_page_shows_them_all(registry_officer, as_user, house: str) -> None:
    page = as_user(registry_officer).get("/components/", {"house": house}).content.decode()
    for name in (
        "button",
        "tag",
        "notice",
        "stats",
        "tabs",
        "summary",
        "timeline",
        "conditions",
        "progress",
        "error-summary",
        "empty",
        "filter",
        "table",
        "bulk",
        "pager",
        "breadcrumb",
        "masked",
    ):
        assert re.search(rf'class="[^"]*\b{name}\b', page), name
    assert page.count("<h1") == 1


def test_the_component_page_is_for_staff(client, db, worker_user, as_user) -> None:
    assert client.get("/components/").status_code == 302
    assert as_user(worker_user).get("/components/").status_code == 403


def test_a_state_is_a_word_and_its_tone_must_exist() -> None:
    assert drawn('{% tag "已纳入" "good" %}') == '<span class="tag tag--good">已纳入</span>'
    with pytest.raises(TemplateSyntaxError, match="tone"):
        drawn('{% tag "已纳入" "pink" %}')


def test_what_people_typed_is_escaped() -> None:
    html = drawn(
        '{% tag name %}{% notice "info" title=name %}{{ name }}{% endnotice %}{% empty name name %}',
        name="<b>",
    )
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_a_field_is_tied_to_its_label_hint_and_error() -> None:
    html = drawn("{% form_row form.name %}", form=Ask({}))
    assert '<label class="field__label" for="id_name">姓名</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_radio_buttons_are_a_group_with_a_legend() -> None:
    html = drawn("{% form_row form.kind %}", form=Ask({}))
    assert re.search(r"<fieldset[^>]*>\s*<legend>单位性质", html)


def test_the_error_summary_leads_to_the_fields() -> None:
    html = drawn("{% form form %}", form=Ask({}))
    summary = html[html.index("error-summary") : html.index("form__fields")]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_kind_0"]
    assert all(f'id="{target}"' in html for target in targets)
    assert "两项内容相互矛盾。" in summary


def test_ids_are_unique_and_what_was_typed_is_kept() -> None:
    html = drawn("{% form form %}", form=Ask({"name": "王建国", "kind": "b"}))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert 'value="王建国"' in html
    assert re.search(r'value="b"[^>]*checked', html)


def test_the_pager_keeps_the_filters_and_drops_the_old_cursor() -> None:
    page = SimpleNamespace(previous_cursor="a1", next_cursor="b2", total=None, shown=None)
    html = drawn("{% pager page %}", "/list/?state=open&after=zz", page=page)
    assert 'href="?state=open&amp;before=a1"' in html
    assert 'href="?state=open&amp;after=b2"' in html
    assert "zz" not in html


def test_a_single_page_has_no_pager() -> None:
    page = SimpleNamespace(previous_cursor=None, next_cursor=None)
    assert drawn("{% pager page %}", page=page).strip() == ""


def test_sorting_says_its_direction_and_turns() -> None:
    up = drawn('{% sort_header "编号" "number" %}', "/?sort=number&after=x")
    assert 'aria-sort="ascending"' in up
    assert 'href="?sort=-number"' in up
    assert "aria-sort" not in drawn('{% sort_header "编号" "number" %}')


def test_rows_that_become_cards_keep_their_roles() -> None:
    head = '<thead><tr><th scope="col">号</th></tr></thead>'
    source = f'{{% table "办件" cards=True %}}{head}<tbody><tr><th scope="row">1</th><td>二</td></tr></tbody>{{% endtable %}}'
    html = drawn(source)
    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in html
    assert 'role="cell"' not in drawn(source.replace(" cards=True", ""))


def test_showing_a_number_is_a_post() -> None:
    html = drawn('{% masked "150624********001X" href="/show/" %}')
    assert 'method="post"' in html
    assert "csrfmiddlewaretoken" in html
    assert "<form" not in drawn('{% masked "150624********001X" %}')


def test_a_running_job_asks_and_a_finished_one_does_not() -> None:
    job = SimpleNamespace(
        title="导入",
        state="running",
        get_state_display="进行中",
        done=3,
        total=9,
        refused=0,
        finished=False,
        started_at=None,
        finished_at=None,
        message="",
    )
    running = drawn('{% progress job poll="/job/1/" cancel="/job/1/cancel/" %}', job=job)
    assert 'hx-trigger="every 1s"' in running
    assert 'max="9" value="3"' in running
    job.finished, job.state = True, "done"
    finished = drawn('{% progress job poll="/job/1/" cancel="/job/1/cancel/" %}', job=job)
    assert "hx-get" not in finished
    assert "cancel" not in finished


def test_every_entry_of_the_navigation_leads_somewhere() -> None:
    for entries in (frame.PUBLIC_NAV, frame.FOOT_NAV, frame.STAFF_NAV):
        assert all(link.href.startswith("/") for link in frame.links(entries, "/"))


def test_the_entry_that_leads_furthest_into_the_page_is_the_current_one() -> None:
    assert [link.label for link in frame.public_nav("/policy/九/") if link.current] == ["政策条款"]
    assert [link.label for link in frame.public_nav("/") if link.current] == ["首页"]
    assert not [link for link in frame.public_nav("/about/") if link.current]


def test_staff_see_what_their_roles_open(clerk, security_admin, worker_user) -> None:
    assert "账号与角色" not in [link.label for link in frame.staff_nav(clerk, "/")]
    assert "账号与角色" in [link.label for link in frame.staff_nav(security_admin, "/")]
    assert frame.staff_nav(worker_user, "/") == []
    assert {entry.permissions for entry in frame.STAFF_NAV if not entry.permissions} == set()
    assert STAFF_ROLES


def test_everybody_reaches_what_they_may_open_and_the_bar_stays_short(cast) -> None:
    reviewer, clerk, administrator = cast("reviewer"), cast("clerk"), cast("system_admin")

    def further(user: Any) -> list[str]:
        return [link.label for link in frame.frame("/", user)["nav_menu"]()]

    assert further(reviewer) == [
        "遴选申报",
        "培训结业登记",
        "补贴到人情况",
        "补贴发放试算",
        "服务窗口",
        "用人单位",
        "收款账户复核",
        "后台任务",
    ]
    assert further(clerk) == [
        "遴选申报",
        "单位批量申请",
        "培训结业登记",
        "服务窗口",
        "用人单位",
        "后台任务",
    ]
    assert further(administrator) == []
    assert "后台任务" in [link.label for link in frame.frame("/", administrator)["nav"]()], (
        "a menu of one is no menu"
    )
    (current,) = [link for link in frame.frame("/window/payees/", reviewer)["nav_menu"]() if link.current]
    assert current.href == "/window/payees/"


def _pages() -> list[Path]:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    return [page for page in pages if "letters" not in page.parts or "pages" in page.parts]


def test_every_class_that_a_page_uses_is_drawn() -> None:
    """A class without a rule is a component that somebody believed to exist."""
    rules = "".join(
        sheet.read_text(encoding="utf-8") for sheet in (ROOT / "portal/static/portal").glob("*.css")
    )
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", rules)) | {"public"}
    unknown = {}
    for page in _pages():
        for value in re.findall(r'\bclass="([^"]*)"', page.read_text(encoding="utf-8")):
            whole = re.sub(r"\{%.*?%\}", " ", re.sub(r"[\w-]*\{\{.*?\}\}", " ", value))
            for name in set(whole.split()) - known:
                unknown.setdefault(str(page.relative_to(ROOT)), set()).add(name)
    assert not unknown


@pytest.mark.parametrize("sheet", ["portal.css", "public.css", "staff.css"])
def test_only_the_tokens_name_colours(sheet: str) -> None:
    text = (ROOT / "portal/static/portal" / sheet).read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s)])", re.sub(r"--focus(-gap)?: #\w+", "", text))
