#!/bin/sh
# Sees to it that the programs which some tests run beside the gateway are there: Debian's own, from Debian.
# One line per program: how it is recognised, and the package that brings it.
set -eu

say() { printf '%s\n' "$*" >&2; }

missing=""
need() { # need <how to recognise it> <packages>
    sh -c "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need "command -v softhsm2-util && test -e ${SOFTHSM2_MODULE:-/usr/lib/softhsm/libsofthsm2.so}" softhsm2

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing for the tests, once:$missing …"
    # shellcheck disable=SC2086 # several packages
    { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >&2
else
    say "The tests need programs that are not here. On Debian 12, as root: apt-get install$missing"
    say "Các bài thử cần thêm chương trình. Trên Debian 12, với quyền root: apt-get install$missing"
    exit 1
fi
