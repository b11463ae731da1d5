"""`./jht manage load_occupations FILE [--dry-run | --template]`"""

from __future__ import annotations

from portal.workforce.management.list_command import ListCommand, columns_of
from portal.workforce.occupations import CATALOGUE, load_catalogue


class Command(ListCommand):
    help = (
        "Load the catalogue of occupations (.csv or .xlsx) with the columns "
        f"{columns_of(CATALOGUE)}. Rows that are wrong are said with the reason, and nothing is stored then "
        "(exit 1). The same file again changes nothing; a line with another last day corrects the one that "
        "stands; no line is ever removed."
    )
    form = CATALOGUE
    load = load_catalogue
