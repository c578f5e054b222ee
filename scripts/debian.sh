#!/bin/sh
# Installs Debian packages by name; says what to do where that is not possible.
set -eu
if ! command -v apt-get >/dev/null 2>&1; then
  echo "debian.sh: this is no Debian; install $* by hand and run make again." >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
$as_root apt-get install -y -q --no-install-recommends "$@"
