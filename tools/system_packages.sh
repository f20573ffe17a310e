#!/bin/sh
# Makes sure of the programs that pip and npm cannot bring: `system_packages.sh build` for what the
# package is built with, `system_packages.sh test` also for what the tests drive, `system_packages.sh dachs` for the
# other TAP service that the client is tried with.
# As root on Debian or Ubuntu they are installed; otherwise it says what to install and stops.
set -eu

missing=""
need() { # need TEST PACKAGE: package is missing if the test fails
    sh -c "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need "python3 -c 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11)'" python3-venv
need "node -e 'process.exit(+(process.versions.node.split(\".\")[0] < 20))'" nodejs
need "npm --version" npm
# Sherpa comes as source only.
need "g++ --version" g++
need "make --version" make
need "bison --version" bison
need "flex --version" flex
need "pkg-config --exists fftw3" "pkg-config libfftw3-dev"
need "python3 -c 'import sysconfig, pathlib; assert (pathlib.Path(sysconfig.get_path(\"include\")) / \"Python.h\").exists()'" python3-dev
if [ "${1:-build}" = test ]; then
    need "chromium --version" chromium
    need "fc-list | grep -qi dejavu || ls /usr/share/fonts/truetype/dejavu/*.ttf" fonts-dejavu-core
    need "stilts -help" stilts
fi
if [ "${1:-build}" = dachs ]; then
    # DaCHS as such: its package `gavodachs2-server` would set one up for the whole machine, with users and a service.
    need "command -v dachs" python3-gavo
    need "ls /usr/lib/postgresql/*/bin/initdb" postgresql
    need "ls /usr/share/postgresql/*/extension/pg_sphere.control" postgresql-pgsphere
    need "ls /usr/share/postgresql/*/extension/q3c.control" postgresql-q3c
fi

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing:$missing"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
else
    echo "Please install these first (names of Debian packages):" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
