#!/bin/sh
# Run once by the image of PostgreSQL: two databases, each of an account that cannot enter the other.
set -eu
secrets="${SECRETS:-/run/secrets}"
for name in talks cases; do
  password=$(cat "$secrets/$(echo "$name" | tr a-z A-Z)_PASSWORD")
  # not as an argument, which other processes could read
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<SQL
CREATE ROLE kompas_$name LOGIN PASSWORD '$password';
CREATE DATABASE kompas_$name OWNER kompas_$name ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE kompas_$name FROM PUBLIC;
SQL
done
