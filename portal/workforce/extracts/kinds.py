"""The kinds of extracts, by their code."""

from __future__ import annotations

from portal.workforce.extracts.certificates import CERTIFICATES
from portal.workforce.extracts.claims import CLAIMS
from portal.workforce.extracts.columns import ExtractKind
from portal.workforce.extracts.insurance import INSURANCE

KINDS: dict[str, ExtractKind] = {kind.code: kind for kind in (INSURANCE, CLAIMS, CERTIFICATES)}
