#!/usr/bin/env python3
"""Makes the secrets that docker-compose.yml mounts: random, once, never overwritten.   python3 deploy/make_secrets.py [FOLDER]

The folder is for its owner alone. The files in it are readable, because each container reads them under its
own account, and the folder already keeps everyone else out. tls.crt and tls.key are not made: they come from
the office's certificate authority.
"""

import secrets
import sys
from pathlib import Path
from urllib.parse import quote

# What later releases ask for besides. Nothing stored depends on it yet: it is made beside the others.
ADDED = ("jht_audit_key",)


def values() -> dict[str, str]:
    """A fresh value for every file."""
    owner, application = secrets.token_hex(24), secrets.token_hex(24)
    return {
        "postgres_password": secrets.token_hex(24),
        "jht_owner_password": owner,
        "jht_app_password": application,
        "database_url": f"postgresql://jht_app:{quote(application)}@postgres:5432/jht",
        "database_owner_url": f"postgresql://jht_owner:{quote(owner)}@postgres:5432/jht",
        "jht_secret_key": secrets.token_hex(48),
        "jht_data_keys": "1:" + secrets.token_hex(16),
        "jht_index_key": secrets.token_hex(32),
        "jht_audit_key": secrets.token_hex(32),
    }


def main() -> int:
    """0 when the files were made, 1 when there are some already: a new key would make stored data unreadable."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "secrets"
    made = values()
    existing = [name for name in made if (folder / name).exists()]
    missing = [name for name in made if name not in existing]
    if existing and missing and set(missing) <= set(ADDED):
        made = {name: made[name] for name in missing}
    elif existing:
        sys.stderr.write(f"{folder} already holds {', '.join(existing)}; nothing was changed\n")
        return 1
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, value in made.items():
        path = folder / name
        path.write_text(value, encoding="utf-8")
        path.chmod(0o444)
    if existing:
        sys.stdout.write(f"added to {folder}: {', '.join(made)}\n")
        return 0
    sys.stdout.write(
        f"{len(made)} secrets in {folder}. Keep a copy of jht_data_keys and jht_index_key in a safe: without them\n"
    )
    sys.stdout.write(
        "stored ID numbers and accounts can never be read again. Put the certificate there as tls.crt and tls.key.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
