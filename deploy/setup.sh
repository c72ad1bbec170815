#!/bin/sh
# Makes .venv from the hash-pinned lock file. Nothing has to be prepared but Python 3.11 or newer (Debian 12 has it).
# Runs again only when the lock, the project file or this script has changed.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

stamp=.venv/.made-from
want=$(cat requirements.lock pyproject.toml deploy/setup.sh | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer was not found. On Debian 12: apt-get install python3 python3-venv"
    say "Không tìm thấy Python 3.11 trở lên. Trên Debian 12: apt-get install python3 python3-venv"
    exit 1
}

python=$(find_python)
rm -rf .venv
say "Making .venv with $("$python" --version) …"
if ! "$python" -m venv .venv 2>/dev/null; then
    rm -rf .venv
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        # Debian ships venv in a package of its own.
        say "Installing Debian's python3-venv …"
        { apt-get update -q && apt-get install -y -q --no-install-recommends python3-venv; } >&2
        "$python" -m venv .venv
    else
        say "Python's venv is missing. As root: apt-get install python3-venv"
        say "Thiếu gói venv của Python. Với quyền root: apt-get install python3-venv"
        exit 1
    fi
fi

# uv installs the rest in seconds; it comes from the same lock file, by hash. Without it pip does the same, slower.
awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements.lock > .venv/uv.lock
if .venv/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock; then
    .venv/bin/uv pip sync --python .venv --require-hashes --only-binary :all: requirements.lock
else
    .venv/bin/pip install --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
fi
.venv/bin/uv pip install -q --python .venv --no-deps --no-build-isolation --editable .
printf '%s' "$want" > "$stamp"
