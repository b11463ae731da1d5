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
_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def account_name(typed: str) -> str:
    """The user name behind what was typed: a worker may give the ID number instead, which is not forgotten, or the number
    of a telephone that was confirmed at the window.

    What belongs to nobody comes back as it is.
    """
    name = normal_name(typed)
    if _PHONE.fullmatch(name):
        return _account_of(_BY_PHONE, crypto.digest(name, purpose="phone")) or name
    if not _ID_NUMBER.fullmatch(name):
        return name
    digest = crypto.digest(name.upper(), purpose="id")
    own = User.objects.filter(worker__id_digest=digest, is_active=True)
    found = own.values_list("username", flat=True).first()
    return found or _account_of(_BY_ID_NUMBER, digest) or name


# The accounts of all records of the person whose number it is: those in use first, then that of the record with
# the number, then that of the record that stands.
_ACCOUNT = """
WITH typed AS (
    SELECT w.id, coalesce(m.target_id, w.id) AS standing
    FROM workforce_worker w LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
    WHERE {which}
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
_BY_ID_NUMBER = _ACCOUNT.format(which="w.id_digest = %(digest)s")
# Confirmed at the window, not ended, and still the number of the record.
_CONFIRMED = """w.phone_digest = %(digest)s AND w.id IN (
    SELECT c.worker_id FROM workforce_confirmedphone c WHERE c.digest = %(digest)s AND c.ended_at IS NULL
)"""
_BY_PHONE = _ACCOUNT.format(which=_CONFIRMED)


def _account_of(account: str, digest: bytes) -> str:
    """Whoever was registered under two numbers signs in with either, whichever record has the account."""
    with connection.cursor() as cursor:
        cursor.execute(account, {"digest": digest})
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def name_digest(username: str) -> str:
    """A user name as tries are counted under it: people type ID numbers and passwords into this field."""
    return crypto.digest(normal_name(username).lower(), purpose="login").hex()
