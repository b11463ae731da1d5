"""What is wrong with a page that a browser shows: what axe-core finds, and what is wider than the screen."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _script() -> str:
    from axe_playwright_python.sync_playwright import Axe

    return Axe().axe_script


# Nothing is told of what passed: finding names for thousands of sound elements takes longer than the rules.
_RUN = """contrast => axe.run({
    resultTypes: ["violations"],
    selectors: false,
    elementRef: false,
    rules: {"color-contrast": {enabled: contrast}},
}).then(result => result.violations)"""


def violations(page: Any, *, contrast: bool = True) -> list[str]:
    """What axe-core objects to.

    Comparing colours takes as long as all other rules together. A page that is looked at a second time,
    narrower, has the same colours: it is looked at without.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    return [
        f"{page.url} {rule['id']}: {node['html'][:160]}"
        for rule in page.evaluate(_RUN, contrast)
        for node in rule["nodes"]
    ]


def overflow(page: Any) -> int:
    """By how many pixels a page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
