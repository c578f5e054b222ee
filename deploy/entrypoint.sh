#!/bin/sh
# Gives a process the secrets that lie in files for it and for nobody else, then becomes it.
# Compose mounts them in /run/secrets, systemd names their folder (LoadCredential=).
set -eu
folder="${CREDENTIALS_DIRECTORY:-/run/secrets}"
for file in "$folder"/KOMPAS_*; do
  [ -f "$file" ] || continue
  value=$(cat "$file")
  export "${file##*/}=$value"
done
# a core file would hold what visitors wrote
ulimit -c 0
exec "$@"
