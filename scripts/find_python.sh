#!/bin/sh
# Prints the path of a Python of the wanted version: from PATH, from pyenv, or fetched by uv.
# Usage: find_python.sh 3.10          exactly that minor version
#        find_python.sh 3.11+         that version or later
set -eu
wanted=$1
least=${wanted%+}

fits() {
  [ -x "$1" ] && "$1" - "$least" "$wanted" <<'PY' >/dev/null 2>&1
import ensurepip, sys, venv
least = tuple(map(int, sys.argv[1].split(".")))
sys.exit(not (sys.version_info[:2] >= least if sys.argv[2].endswith("+") else sys.version_info[:2] == least))
PY
}

for name in "python$least" python3 python3.14 python3.13 python3.12 python3.11; do
  found=$(command -v "$name" 2>/dev/null || true)
  if [ -n "$found" ] && fits "$found"; then echo "$found"; exit; fi
done
for root in "${PYENV_ROOT:-}" "${HOME:-/root}/.pyenv" /opt/pyenv; do
  [ -n "$root" ] || continue
  for found in "$root"/versions/"$least"*/bin/python "$root"/versions/3.1[1-9]*/bin/python; do
    if fits "$found"; then echo "$found"; exit; fi
  done
done
if ! command -v uv >/dev/null 2>&1; then
  echo "Python $wanted is not on PATH nor in pyenv; fetching it with uv." >&2
  helper=$(mktemp -d)
  python3 -m venv "$helper" >&2 && "$helper/bin/pip" install --quiet uv >&2 || {
    echo "find_python.sh: no Python $wanted. Install it (pyenv install $least) and run make again." >&2
    exit 1
  }
  PATH="$helper/bin:$PATH"
fi
uv python install "$least" >&2 && uv python find "$least" && exit
echo "find_python.sh: no Python $wanted and uv could not fetch it. Install it (pyenv install $least) and run make again." >&2
exit 1
