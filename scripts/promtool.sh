#!/bin/sh
# Puts promtool, which checks the alert rules in the tests, into build/tools: taken out of the
# Debian package, for installing that would start a server.
set -eu
target="$PWD/build/tools/promtool"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "promtool.sh: this is no Debian; install promtool by hand, or its tests are skipped." >&2
  exit 0
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! apt-get download -q prometheus 2>/dev/null; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi
  $as_root apt-get update -q
  apt-get download -q prometheus
fi
mkdir -p "$(dirname "$target")"
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool > "$target.new"
chmod +x "$target.new"
mv "$target.new" "$target"
