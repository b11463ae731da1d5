"""What people type as their user name, and whose it is."""

from __future__ import annotations

import re
import unicodedata

from django.db import connection

from portal import crypto
from portal.accounts.models import User


def normal_name(username: str) -> str:
    """A user name as accounts are stored: half-width, without white space around it."""
    return unicodedata.normalize("NFKC", username).strip()


_ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)


def account_name(typed: str) -> str:
    """The user name behind what was typed: a worker may give the ID number instead, which is not forgotten.

    What belongs to nobody comes back as it is.
    """
    name = normal_name(typed)
    if not _ID_NUMBER.fullmatch(name):
        return name
    digest = crypto.digest(name.upper(), purpose="id")
    own = User.objects.filter(worker__id_digest=digest, is_active=True)
    found = own.values_list("username", flat=True).first()
    return found or _account_of_merged(digest) or name


# The accounts of all records of the person whose number it is: those in use first, then that of the record with
# the number, then that of the record that stands.
_ACCOUNT_OF_MERGED = """
WITH typed AS (
    SELECT w.id, coalesce(m.target_id, w.id) AS standing
    FROM workforce_worker w LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
    WHERE w.id_digest = %s
)
SELECT u.username
FROM typed t
JOIN workforce_worker r
  ON r.id IN (t.id, t.standing)
  OR r.id IN (SELECT m.source_id FROM workforce_mergedperson m WHERE m.target_id = t.standing)
JOIN accounts_user u ON u.id = r.account_id
ORDER BY u.is_active DESC, r.id = t.id DESC, r.id = t.standing DESC, r.id
LIMIT 1
"""


def _account_of_merged(digest: bytes) -> str:
    """Whoever was registered under two numbers signs in with either, whichever record has the account."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT_OF_MERGED, [digest])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def name_digest(username: str) -> str:
    """A user name as tries are counted under it: people type ID numbers and passwords into this field."""
    return crypto.digest(normal_name(username).lower(), purpose="login").hex()
