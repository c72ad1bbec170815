#!/bin/sh
# Sees to it that there is a Chromium for the tests: Debian's own, from Debian, or the one that CHROMIUM names.
# No browser is ever fetched from anywhere else.
set -eu

say() { printf '%s\n' "$*" >&2; }

if command -v "${CHROMIUM:-chromium}" >/dev/null; then
    exit 0
fi
if [ -z "${CHROMIUM:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing Debian's chromium for the tests of the payer's page (about 100 MB, once) …"
    { apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-liberation; } >&2
    say "Installed: $(chromium --version 2>/dev/null)"
else
    say "The tests need Chromium and did not find ${CHROMIUM:-chromium}. On Debian 12, as root: apt-get install chromium fonts-liberation"
    say "Các bài thử cần Chromium nhưng không tìm thấy ${CHROMIUM:-chromium}. Trên Debian 12, với quyền root: apt-get install chromium fonts-liberation"
    say "Another Chromium: CHROMIUM=<path> make test. · Dùng Chromium khác: CHROMIUM=<đường dẫn> make test."
    exit 1
fi
