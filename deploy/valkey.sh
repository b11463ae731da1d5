#!/bin/sh
# Starts the broker. Its password comes by standard input: a command line can be read by every program beside it.
set -eu
password=$(cat /run/secrets/redis_password)
exec docker-entrypoint.sh valkey-server - "$@" <<CONF
requirepass $password
CONF
