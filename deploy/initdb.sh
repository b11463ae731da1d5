#!/bin/bash
# Runs once, when the database server is empty: the owner, who migrates, and the application, which owns nothing.
# The passwords come from the files in /run/secrets (deploy/make_secrets.py); JHT_SECRETS moves that folder for tests.
set -euo pipefail
secrets=${JHT_SECRETS:-/run/secrets}

# The passwords are put in by psql itself, quoted, and never stand in a command line that other processes can read.
psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
\set owner_password \`cat "$secrets/jht_owner_password"\`
\set app_password \`cat "$secrets/jht_app_password"\`
CREATE ROLE jht_owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS CREATEDB PASSWORD :'owner_password';
CREATE ROLE jht_app LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB PASSWORD :'app_password';
CREATE DATABASE jht OWNER jht_owner ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE ALL ON DATABASE jht, postgres, template1 FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE jht TO jht_app;
ALTER DATABASE jht SET timezone = 'Asia/Shanghai';
SQL
