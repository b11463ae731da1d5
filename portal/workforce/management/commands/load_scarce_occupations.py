"""`./jht manage load_scarce_occupations FILE [--dry-run | --template]`"""

from __future__ import annotations

from portal.workforce.management.list_command import ListCommand, columns_of
from portal.workforce.scarce_lists import SCARCE_LIST, load_scarce_list


class Command(ListCommand):
    help = (
        "Load a published list of scarce occupations (.csv or .xlsx) with the columns "
        f"{columns_of(SCARCE_LIST)}. Rows that are wrong are said with the reason, and nothing is stored then "
        "(exit 1). The same file again changes nothing; a line with another last day corrects the one that "
        "stands."
    )
    form = SCARCE_LIST
    load = load_scarce_list
