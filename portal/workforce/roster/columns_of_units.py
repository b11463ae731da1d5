"""What a unit calls the columns of its rosters, remembered when somebody has corrected what was recognised."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from portal.accounts.access import PERMISSIONS, assignments
from portal.spreadsheets.layout import Labels, Reading
from portal.workforce.models import RosterColumns
from portal.workforce.roster.columns import KEYS, ROSTER

# So many names are kept; the file of a stranger cannot fill the register with more.
_MOST = 200


def office_of(user: Any) -> str:
    """The region whose office the account imports for: the first of those it holds a role in."""
    allowed = PERMISSIONS["roster.import"][1]
    return next((region for role, region in assignments(user) if role in allowed), "")


def remembered(*, office: str, unit_id: int | None) -> dict[str, str]:
    """{label: key, or "" for a column that is not read}; what the unit says goes before what its office says."""
    named: dict[str, str] = {}
    for columns in _of(office, unit_id):
        named |= {label: key for label, key in columns.names.items() if key in KEYS or not key}
    return named


def _of(office: str, unit_id: int | None) -> list[RosterColumns]:
    found = []
    if office:
        found += list(RosterColumns.objects.filter(office_id=office))
    if unit_id is not None:
        found += list(RosterColumns.objects.filter(unit_id=unit_id))
    return found


def remember(reading: Reading, *, office: str, unit_id: int | None, by: Any) -> None:
    """Keep what the labels of a file mean where the portal would have understood something else by itself."""
    labels = Labels(ROSTER, {})
    key_at = {index: key for key, index in reading.at.items()}
    understood = {label: labels.key_of(label) for label in reading.labels if label}
    names = {}
    for index, label in enumerate(reading.labels):
        key = key_at.get(index, "")
        # Of several columns that mean one, the form itself says which counts.
        if label and understood[label] != key and (key or understood[label] not in reading.at):
            names[label] = key
    if not names or not (office or unit_id):
        return
    owner = {"unit_id": unit_id} if unit_id is not None else {"office_id": office}
    columns, _ = RosterColumns.objects.select_for_update().get_or_create(**owner)
    kept = {label: key for label, key in columns.names.items() if label not in names} | names
    columns.names = dict(list(kept.items())[-_MOST:])
    columns.updated_by, columns.updated_at = by, timezone.now()
    columns.save(update_fields=["names", "updated_by", "updated_at"])
