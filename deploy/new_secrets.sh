#!/bin/sh
# Makes a folder of secrets, one file each: deploy/new_secrets.sh deploy/secrets [database host]
# One that is there stays. Copy the folder into the password safe. The folder is closed to others,
# its files are not: a container reads the one it is given under a user of its own.
set -eu
folder="${1:?Give a folder: deploy/new_secrets.sh deploy/secrets}"
host="${2:-postgres}"
python="${PYTHON:-.venv/web/bin/python}"
umask 077
mkdir -p "$folder"

random() { od -An -tx1 -N32 /dev/urandom | tr -d ' \n'; }
put() { [ -e "$folder/$1" ] || printf %s "$2" > "$folder/$1"; }

for name in KOMPAS_CHANNEL_SECRET KOMPAS_TOKEN_SECRET KOMPAS_OUTBOX_KEY \
  POSTGRES_PASSWORD TALKS_PASSWORD CASES_PASSWORD; do
  put "$name" "$(random)"
done
# these belong together: both keys of a pair are made at once, or neither
if [ ! -e "$folder/KOMPAS_DESK_KEYS" ]; then
  "$python" -m desk newkeys | while IFS='=' read -r name value; do put "$name" "$value"; done
fi
put KOMPAS_TRACKER_URL "postgresql://kompas_talks:$(cat "$folder/TALKS_PASSWORD")@$host:5432/kompas_talks"
put KOMPAS_DATABASE_URL "postgresql://kompas_cases:$(cat "$folder/CASES_PASSWORD")@$host:5432/kompas_cases"
chmod 700 "$folder"
chmod 444 "$folder"/*
