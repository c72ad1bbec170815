#!/bin/sh
# Installs what the gateway is compared with, from pinned lock files: a virtual environment in .run/peers, node_modules
# beside this file, and Debian's nginx in .run/peers, unpacked and not installed. Only the comparison runs this. What cannot be had is named by
# the comparison as absent; nothing here fails for it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
to=$root/.run/peers

say() { printf '%s\n' "$*" >&2; }

want=$(cat "$here/requirements.lock" "$here/package-lock.json" "$here/setup.sh" | sha256sum | cut -d' ' -f1)
if [ -f "$to/made-from" ] && [ "$(cat "$to/made-from")" = "$want" ]; then
    exit 0
fi
rm -rf "$to"
mkdir -p "$to/nginx"
PATH=$root/.venv/bin:$PATH
complete=yes

say "Installing the Python peers …"
{ uv venv -q "$to/python" \
    && uv pip sync -q --python "$to/python/bin/python" --require-hashes --only-binary :all: "$here/requirements.lock"
} || { say "The Python peers could not be installed."; rm -rf "$to/python"; complete=no; }

say "Installing the Node.js peers …"
(cd "$here" && npm ci --silent --no-audit --no-fund --omit-lockfile-registry-resolved >&2) \
    || { say "The Node.js peers could not be installed."; rm -rf "$here/node_modules"; complete=no; }

if ! command -v nginx >/dev/null; then
    say "Fetching Debian's nginx …"
    (cd "$to/nginx" && apt-get download -q nginx >&2 && dpkg-deb -x nginx_*.deb .) \
        || { say "nginx is not here and could not be fetched."; rm -rf "$to/nginx"; complete=no; }
fi
[ "$complete" = no ] || printf '%s' "$want" > "$to/made-from"
