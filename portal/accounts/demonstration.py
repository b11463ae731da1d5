"""Whether this portal is a demonstration: made-up people and units, shown to anybody, with factors switched off.

The mark stands in the database, which takes it only while the portal has no accounts and lets nobody change it
(portal.accounts.factor_guards), and as a file in the data folder, which the start reads (portal.run.kinds). Nothing
else makes a demonstration, and nothing makes a real portal of one.
"""

from __future__ import annotations

from django.conf import settings
from django.db import Error, connection, transaction

from portal import folder_mark

# Of the mark and of the accounts. Neither changes any more once it is there.
_STATE = """
SELECT EXISTS (SELECT FROM accounts_demonstrationmark), EXISTS (SELECT FROM accounts_user)
"""
# What this process knows for good, by the name of the database.
_known: dict[str, bool] = {}


def is_demonstration() -> bool:
    """Asks the database until it says something that stays: the mark, or accounts without it."""
    database = str(connection.settings_dict["NAME"])
    known = _known.get(database)
    if known is None:
        known, has_accounts = _state()
        if known or has_accounts:
            _known[database] = known
    return known


def _state() -> tuple[bool, bool]:
    """(marked, has accounts). A database that does not answer is nobody's reason to ask for less."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STATE)
            marked, has_accounts = cursor.fetchone()
    except Error:
        return False, False
    return marked, has_accounts


def mark() -> None:
    """Makes the empty portal a demonstration for good. IntegrityError where there are or were accounts."""
    from portal.accounts.models import DemonstrationMark

    DemonstrationMark.objects.get_or_create(pk=DemonstrationMark.ONLY)
    folder_mark.mark(settings.VAR_DIR)
