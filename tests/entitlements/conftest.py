"""What several of these tests begin with."""

from __future__ import annotations

import pytest


@pytest.fixture
def no_programme_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """No programme opens the cases of any benefit: a consent makes an item in the worklist of the window."""
    from portal.entitlements import case_openers

    monkeypatch.setattr(case_openers, "_CASE_OPENERS", {})
