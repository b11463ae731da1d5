"""What folds names has its own names looked up when it is made, so that no caller's search path can lead it elsewhere.

Unlike a function with a search path it is still put into the statements that call it, by the hundred thousand.
"""

from importlib import import_module

from django.db import migrations

UNITS = import_module("portal.workforce.migrations.0010_folded_in_less_time").FOLDED
OCCUPATIONS = import_module("portal.workforce.migrations.0021_occupations_folded_in_less_time").FOLDED


def _as_return(text: str) -> str:
    """The same function with its expression behind RETURN instead of in a text."""
    head, body, _ = text.split("$$")
    head = head.rstrip().removesuffix("AS")
    return f"{head}\nRETURN {body.strip().removeprefix('SELECT ')}"


class Migration(migrations.Migration):
    dependencies = [("workforce", "0023_proposals_of_an_import")]

    operations = [
        migrations.RunSQL([(_as_return(text), None)], [(text, None)]) for text in (UNITS, OCCUPATIONS)
    ]
