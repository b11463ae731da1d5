#!/bin/bash
# Starts the database server with its certificate: PostgreSQL takes a key only from a file of its own.
set -euo pipefail
install -d -o postgres -g postgres -m 0700 /run/tls
install -o postgres -g postgres -m 0600 /run/secrets/postgres_certificate /run/secrets/postgres_key /run/tls/
exec docker-entrypoint.sh "$@"
