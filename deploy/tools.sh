#!/bin/sh
# Sees to it that the programs of other makers are there that the tests talk to, all of them Debian's own:
#   xmlsec1                       signs and verifies XML, written in C
#   libwss4j-java, a JRE of 17    Apache WSS4J, the WS-Security of most Java services; `java` runs a source file itself,
#                                 so no compiler package is needed
#   softhsm2                      an HSM in software, for the keys that live in one
#   openssl                       gives and reads time stamps
# The demo needs none of them.
set -eu

say() { printf '%s\n' "$*" >&2; }

missing() {
    { command -v softhsm2-util && [ -e "${SOFTHSM2_MODULE:-/usr/lib/softhsm/libsofthsm2.so}" ]; } >/dev/null \
        || printf ' softhsm2'
    command -v openssl >/dev/null || printf ' openssl'
    command -v xmlsec1 >/dev/null || printf ' xmlsec1'
    command -v java >/dev/null || printf ' openjdk-17-jre-headless'
    [ -e /usr/share/java/wss4j.jar ] || printf ' libwss4j-java'
    [ -e /usr/share/java/slf4j-nop.jar ] || printf ' libslf4j-java'
}

packages=$(missing)
if [ -z "$packages" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing what the tests need from Debian (once, up to about 80 MB):$packages …"
    # shellcheck disable=SC2086
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages; } >&2
fi
packages=$(missing)
if [ -n "$packages" ]; then
    say "The tests need programs that are not here. On Debian 12, as root: apt-get install --no-install-recommends$packages"
    say "Các bài thử cần chương trình chưa được cài. Trên Debian 12, với quyền root: apt-get install --no-install-recommends$packages"
    exit 1
fi
