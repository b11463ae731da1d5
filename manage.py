#!/usr/bin/env python
"""Django's command line. Commands that change the schema run as the database's owner, everything else as the
application.
"""

import os
import sys

# What only the owner of the tables may do (see portal/settings.py, DATABASE_OWNER_URL).
OWNER_COMMANDS = {"migrate", "install_database", "reencrypt"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["JHT_DATABASE_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
