"""Template vocabulary of every page: how dates, money and names are written, and the components of the design
system.

Registered as builtins in settings, so no template loads it. The components' markup is in
templates/components/, and /components/ shows each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, FileInput
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal import formats
from portal.accounts.access import can
from portal.kept_queries import FORM
from portal.opened_files import is_unscanned
from portal.workforce.identity import mask_id_number

register = template.Library()

TONES = ("plain", "info", "good", "warn", "bad")
NOTICES = {"info": "提示", "success": "已完成", "warning": "请注意", "danger": "出错"}
BUTTONS = ("primary", "secondary", "danger", "quiet")


# -- how things are written ----------------------------------------------------------------------------------
for _written in (
    formats.date_cn,
    formats.date_iso,
    formats.time_iso,
    formats.yuan,
    formats.thousands,
    formats.mask_name,
    formats.size_cn,
    formats.elapsed,
):
    register.filter(_written)


@register.filter
def mask_id(value: str | None) -> str:
    """150102********123X. Digits 7 to 14, the date of birth, are never shown; what is no ID number is hidden
    altogether.
    """
    return mask_id_number((value or "").strip())


# A line with or without its area, a mobile telephone, a service number.
_TELEPHONE = re.compile(
    r"(?<![\d-])(?:0\d{2,3}[-\s]?\d{7,8}|1[3-9]\d{9}|[48]00-?\d{3}-?\d{4}|1[02]\d{3,4}|[2-9]\d{6,7})(?![\d-])"
)


@register.filter
def phone(value: str | None) -> SafeString:
    """A text in which every telephone number can be touched to call it."""
    parts: list[SafeString] = []
    end, text = 0, value or ""
    for number in _TELEPHONE.finditer(text):
        parts.append(escape(text[end : number.start()]))
        digits = re.sub(r"\D", "", number[0])
        parts.append(format_html('<a href="tel:{}">{}</a>', digits, number[0]))
        end = number.end()
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308  escaped part by part


@register.filter
def is_filtered(form: Any) -> bool:
    """Whether a list's filters leave anything out; a form of filters may know better itself (`used`)."""
    if hasattr(form, "used"):
        return bool(form.used)
    return any(getattr(form, "cleaned_data", {}).values())


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """mapping[key], or nothing: for tables whose columns are data."""
    return mapping.get(key, "")


# -- components ----------------------------------------------------------------------------------------------
def _one_of(value: str, allowed: Iterable[str], what: str) -> str:
    if value not in allowed:
        raise template.TemplateSyntaxError(f"{value!r} is no {what}: use one of {', '.join(allowed)}")
    return value


@register.simple_tag
def tag(label: Any, tone: str = "plain") -> SafeString:
    """A state: always a word, the tone (plain, info, good, warn, bad) only underlines it."""
    return format_html('<span class="tag tag--{}">{}</span>', _one_of(tone, TONES, "tone"), label)


@register.inclusion_tag("components/button.html")
def button(label: str, href: str = "", kind: str = "primary", **options: Any) -> dict[str, Any]:
    """A button, or a link that looks like one when `href` is given. Options: name, value, type, form, small,
    wide, download.
    """
    return {
        "label": label,
        "href": href,
        "kind": _one_of(kind, BUTTONS, "kind of button"),
        "type": "submit",
        **options,
    }


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """{% notice "warning" title="…" %}…{% endnotice %}. Kinds: info, success, warning, danger."""
    return _notice(kind, title, content)


def _notice(kind: str, title: str, content: str) -> SafeString:
    _one_of(kind, NOTICES, "kind of notice")
    context = {
        "kind": kind,
        "title": title,
        "content": content,
    }
    return mark_safe(render_to_string("components/notice.html", context))  # noqa: S308


# Django's own message levels, as notices.
_MESSAGE_KINDS = {
    "debug": "info",
    "info": "info",
    "success": "success",
    "warning": "warning",
    "error": "danger",
}


@register.filter
def message_kind(level_tag: str) -> str:
    """The kind of notice for a Django message's `level_tag`."""
    return _MESSAGE_KINDS[level_tag]


@register.filter
def notice_word(kind: str) -> str:
    """The word that a screen reader hears before a notice: its colour alone says nothing."""
    return NOTICES[kind]


_TABLE_TAG = re.compile(r"<(thead|tbody|tfoot|tr|td|th)\b(?![^>]*\srole=)([^>]*)>")
_TABLE_ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tfoot": "rowgroup", "tr": "row", "td": "cell"}


def _with_roles(rows: str) -> SafeString:
    """The roles that table elements have by themselves, written out: a browser drops them where styles make a
    cell a block.
    """

    def with_role(tag: re.Match[str]) -> str:
        name, attributes = tag.groups()
        if name == "th":
            role = "rowheader" if 'scope="row"' in attributes else "columnheader"
        else:
            role = _TABLE_ROLES[name]
        return f'<{name} role="{role}"{attributes}>'

    return mark_safe(_TABLE_TAG.sub(with_role, rows))  # noqa: S308


@register.simple_block_tag
def table(content: str, caption: str, cards: bool = False, show_caption: bool = False) -> SafeString:
    """{% table "办件列表" %}<thead>…</thead><tbody>…</tbody>{% endtable %}: scrolls sideways on its own, or
    becomes cards.

    With `cards=True` each row becomes a card on a phone; every cell then has data-label="column name".
    A row that opens something has its link marked data-row-link: j, k and Enter use it.
    """
    content = _with_roles(content) if cards else content
    context = {
        "content": content,
        "caption": caption,
        "cards": cards,
        "show_caption": show_caption,
    }
    return mark_safe(render_to_string("components/table.html", context))  # noqa: S308


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context, label: str, field: str, param: str = "sort", number: bool = False
) -> dict[str, Any]:
    """A column head that sorts: ?sort=field, then ?sort=-field. The view decides which fields it accepts."""
    request = context["request"]
    sorted_by = request.GET.get(param, "")
    query = request.GET.copy()
    for cursor in ("after", "before"):
        query.pop(cursor, None)
    query[param] = f"-{field}" if sorted_by == field else field
    direction = {field: "ascending", f"-{field}": "descending"}.get(sorted_by, "")
    return {"label": label, "query": query.urlencode(), "direction": direction, "number": number}


@register.simple_tag(takes_context=True)
def look_for(context: template.Context) -> str:
    """What makes a form one that looks for something: it is sent by POST, and what was asked stands in no
    address. A stranger's form keeps what it asks in the address.
    """
    request = context.get("request")
    token = context.get("csrf_token", "")
    if request is None or not request.user.is_authenticated or not token:
        return ""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="{}" value="1">',
        token,
        FORM,
    )


@register.inclusion_tag("components/form_row.html")
def form_row(field: BoundField, short: bool = False, mark_optional: bool = True) -> dict[str, Any]:
    """One field: label, hint, error, widget, tied together for screen readers.

    Nothing is marked as optional on a page that may be skipped as a whole, or where many cells together are
    required.
    """
    widget = field.field.widget
    return {
        "field": field,
        "short": short,
        "optional": mark_optional and not field.field.required,
        "group": field.use_fieldset,
        "single_choice": isinstance(widget, CheckboxInput),
        "file": isinstance(widget, FileInput),
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """All errors at the top of the page, each a link to its field. Nothing when there is none."""
    errors = [(field, error) for field in form.visible_fields() for error in field.errors]
    return {
        "form": form,
        "errors": errors,
    }


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """Error summary, hidden fields and every row of a form, without <form> and buttons."""
    return {"form": form}


@register.inclusion_tag("components/form.html", takes_context=True)
def form(context: template.Context, form: BaseForm, submit: str = "保存", **options: Any) -> dict[str, Any]:
    """A whole POST form. Options: action, cancel (address), grid (two columns), kind (of button)."""
    return {
        "csrf_token": context.get("csrf_token"),
        "form": form,
        "submit": submit,
        "kind": "primary",
        **options,
    }


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str, href: str = "", label: str = "") -> dict[str, Any]:
    """Why there is nothing here, and what to do."""
    return {"title": title, "text": text, "href": href, "label": label}


@register.inclusion_tag("components/stats.html")
def stats(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts that are links: dicts of label, value and, if wanted, href, tone, note."""
    return {"items": items}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Links to the pages before and after by cursor. `page` has previous_cursor and next_cursor (None when
    there is no such page) and may have total and shown. The filters in the address stay.
    """
    query = context["request"].GET.copy()
    query.pop("after", None)
    query.pop("before", None)

    def address(name: str, cursor: str | None) -> str:
        if not cursor:
            return ""
        at_cursor = query.copy()
        at_cursor[name] = cursor
        return at_cursor.urlencode()

    return {
        "page": page,
        "previous": address("before", page.previous_cursor),
        "next": address("after", page.next_cursor),
    }


JOB_TONES = {"waiting": "plain", "running": "info", "done": "good", "failed": "bad", "cancelled": "warn"}


def progress_context(job: Any, **options: Any) -> dict[str, Any]:
    """Context of components/progress.html and of components/progress_body.html, which the polled view renders
    alone.
    """
    end = job.finished_at or timezone.now()
    seconds = (end - job.started_at).total_seconds() if job.started_at else 0
    return {"job": job, "tone": JOB_TONES[job.state], "seconds": seconds, **options}


@register.inclusion_tag("components/progress.html", takes_context=True)
def progress(
    context: template.Context,
    job: Any,
    poll: str = "",
    cancel: str = "",
    results: Iterable[tuple[str, str]] = (),
) -> dict[str, Any]:
    """A long job with counts, time, cancel and result; asks `poll` every second until it answers 286."""
    return progress_context(
        job, poll=poll, cancel=cancel, results=results, csrf_token=context.get("csrf_token")
    )


@register.inclusion_tag("components/masked.html", takes_context=True)
def masked(context: template.Context, shown: str, href: str = "", what: str = "完整号码") -> dict[str, Any]:
    """A masked value and, when `href` is given, the button that shows it. Showing is a POST, and is written
    to the audit.
    """
    return {"csrf_token": context.get("csrf_token"), "shown": shown, "href": href, "what": what}


@register.filter
def may_assign(user: Any, case: Any) -> bool:
    """Whether somebody may say who is responsible for a case."""
    return can(user, "case.assign", case.region_id)


@register.filter
def may_be_had_by(file: Any, user: Any) -> bool:
    """Whether the user may have a file as it was handed in."""
    region = file.case.region_id if hasattr(file, "case_id") else file.worker.work_region_id
    return can(user, "file.original", region)


@register.filter
def unscanned(file: Any) -> bool:
    """Whether there is a virus scanner that has not seen a file yet."""
    from portal.cases.evidence.files import STORE as EVIDENCE
    from portal.workforce.actions.documents import STORE as DOCUMENTS

    return is_unscanned(EVIDENCE if hasattr(file, "case_id") else DOCUMENTS, file)
