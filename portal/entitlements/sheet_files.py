"""The sheet of the check as a file of at most two pages of A4, with a code that opens its answers at the window.

Nobody's name or number stands in it: it is sent on, kept in telephones and left in printers. What would take a third page
is set smaller first, and then says less; the page of the result says all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode

from portal.audit.middleware import client_address
from portal.entitlements import sheet_state
from portal.entitlements.check_state import BadCheckState, CheckState
from portal.entitlements.pages import CheckSite, result_context, unusable_address_page
from portal.letters.case_files import drawable
from portal.letters.sheets import Built, Sheet
from portal.throttle import Limit, Turns, too_many

PAGES_AT_MOST = 2
_TITLE = "技术工人待遇查询单"
_ANCHOR = "sheet"
# How it is set, in this order until it fits: the size of its type, and how much it leaves out.
_SETTINGS = (("normal", 0), ("small", 0), ("small", 1), ("small", 2), ("smallest", 2))
# A file costs a second of a processor: so many a minute for one address, and so many at once for everybody.
FILES = Limit("check-sheets", 20, seconds=60)
AT_ONCE = Turns("check-sheets", places=1, seconds=30)


def sheet_file(request: HttpRequest, site: CheckSite) -> HttpResponse:
    """The sheet as a file; 429 while too many are made."""
    on = timezone.localdate()
    try:
        state = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    if wait := FILES.wait(client_address(request)):
        return too_many(request, wait)
    turn = AT_ONCE.take()
    if turn is None:
        return too_many(request, AT_ONCE.seconds)
    with turn:
        built = lay_out(result_context(site, state, on), address_of_code(site, state), on)
    answer = HttpResponse(built.pdf, content_type="application/pdf")
    name = f"待遇查询单-{on:%Y%m%d}.pdf"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def address_of_code(site: CheckSite, state: CheckState) -> str:
    """What the code on the sheet opens: only what was typed is in it."""
    token = sheet_state.seal(state, on_register=bool(site.known))
    return f"{settings.PUBLIC_URL}{reverse('public:sheet')}?{urlencode({sheet_state.PARAMETER: token})}"


def lay_out(context: Mapping[str, Any], address: str, on: date) -> Built:
    """The file, in the first setting in which it fits two pages."""
    from portal.letters import render  # seconds to import, and only who builds needs it

    template = get_template("letters/check_sheet.html")
    for size, brief in _SETTINGS:
        said = {
            **context,
            "anchor": _ANCHOR,
            "size": size,
            "brief": brief,
            "until": sheet_state.last_day(on),
        }
        html = drawable(template.render(said))
        sheet = Sheet(_ANCHOR, html, "check_sheet", _TITLE, "匠惠通", timezone.now(), address)
        built = render.render([sheet])[0]
        if built.pages <= PAGES_AT_MOST:
            return built
    raise ValueError(f"a sheet of {built.pages} pages, set as small as can be read")
