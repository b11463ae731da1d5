#!/usr/bin/env python3
"""Makes the secrets that docker-compose.yml mounts: random, once, never overwritten.   python3 deploy/make_secrets.py [FOLDER]

The folder is for its owner alone. The files in it are readable, because each container reads them under its
own account, and the folder already keeps everyone else out. tls.crt and tls.key are not made: they come from
the office's certificate authority.

Between the containers everything is encrypted: a certificate for each of the two servers, signed by a key that is thrown
away at once (openssl does that). To renew them, delete internal_ca, postgres_* and redis_* but the passwords, run this
again and restart all containers; they are good for ten years.
"""

import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

# What can be made beside the others: nothing stored depends on it.
ADDED = ("jht_audit_key", "redis_password", "redis_url")
# The names by which the others call them inside; and themselves.
SERVERS = ("postgres", "redis")
CERTIFICATES = ("internal_ca", *(f"{name}_{what}" for name in SERVERS for what in ("certificate", "key")))
# Who answers is who they say they are: checked against internal_ca, which lies beside the address.
DATABASE_TLS = "?sslmode=verify-full&sslrootcert=/run/secrets/internal_ca"
REDIS_TLS = "?ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs=/run/secrets/internal_ca"
DAYS = "3650"


def values() -> dict[str, str]:
    """A fresh value for every file."""
    owner, application, broker = (secrets.token_hex(24) for _ in range(3))
    return {
        "postgres_password": secrets.token_hex(24),
        "jht_owner_password": owner,
        "jht_app_password": application,
        "database_url": f"postgresql://jht_app:{quote(application)}@postgres:5432/jht{DATABASE_TLS}",
        "database_owner_url": f"postgresql://jht_owner:{quote(owner)}@postgres:5432/jht{DATABASE_TLS}",
        "redis_password": broker,
        "redis_url": f"rediss://:{broker}@redis:6379/0{REDIS_TLS}",
        "jht_secret_key": secrets.token_hex(48),
        "jht_data_keys": "1:" + secrets.token_hex(16),
        "jht_index_key": secrets.token_hex(32),
        "jht_audit_key": secrets.token_hex(32),
    }


def certificates() -> dict[str, str]:
    """One authority, whose key nobody keeps, and what it signed for each server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def openssl(*arguments: str) -> None:
            command = ["openssl", *arguments]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        of_ca = ("-subj", "/CN=jht internal", "-addext", "keyUsage=critical,keyCertSign")
        openssl("req", "-x509", *key, "-days", DAYS, *of_ca, "-keyout", "ca.key", "-out", "internal_ca")
        for server in SERVERS:
            request, extensions = f"{server}.csr", folder / f"{server}.ext"
            extensions.write_text(
                f"subjectAltName=DNS:{server},DNS:localhost\nbasicConstraints=critical,CA:FALSE\n"
                "extendedKeyUsage=serverAuth\n"
            )
            openssl("req", *key, "-subj", f"/CN={server}", "-keyout", f"{server}_key", "-out", request)
            signed = ("-CA", "internal_ca", "-CAkey", "ca.key", "-CAcreateserial", "-days", DAYS)
            openssl(
                "x509",
                "-req",
                "-in",
                request,
                *signed,
                "-extfile",
                extensions.name,
                "-out",
                f"{server}_certificate",
            )
        return {name: (folder / name).read_text() for name in CERTIFICATES}


def main() -> int:
    """0 when the files were made, 1 when there are some already: a new key would make stored data unreadable."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "secrets"
    made = values()
    existing = [name for name in made if (folder / name).exists()]
    missing = [name for name in made if name not in existing]
    if existing and set(missing) <= set(ADDED):
        # The address holds the password: both or neither.
        made = {name: made[name] for name in missing if name == "jht_audit_key" or "redis_url" in missing}
    elif existing:
        sys.stderr.write(f"{folder} already holds {', '.join(existing)}; nothing was changed\n")
        return 1
    if not any((folder / name).exists() for name in CERTIFICATES):
        made |= certificates()
    if not made:
        sys.stderr.write(f"{folder} already holds everything; nothing was changed\n")
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
