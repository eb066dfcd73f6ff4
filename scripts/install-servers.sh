#!/usr/bin/env bash
# Installs what the embedded stack needs and this machine lacks: a Postgres server (15 or newer), Redis, a C compiler.
# Says what it will do first; does nothing when nothing is missing. Debian and Ubuntu (apt); macOS with Homebrew is written but untested.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

MINIMUM=15

has_postgres() {
    local program version
    [ -z "${NEXUS_DEV_POSTGRES_URL:-}" ] || return 0
    for program in $(type -ap postgres 2>/dev/null || true) /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres \
        /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres /usr/local/pgsql/bin/postgres; do
        [ -x "$program" ] && [ -x "$(dirname "$program")/initdb" ] || continue
        version="$("$program" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')"
        [ "${version:-0}" -ge "$MINIMUM" ] && return 0
    done
    return 1
}

# A server named for `nexus dev` is used instead of one of its own.
has_redis() {
    [ -n "${NEXUS_DEV_REDIS_URL:-}" ] || command -v redis-server >/dev/null 2>&1 || [ -x /usr/bin/redis-server ] || [ -x /opt/homebrew/bin/redis-server ]
}

missing=()
has_postgres || missing+=(postgres)
has_redis || missing+=(redis)
command -v cc >/dev/null 2>&1 || missing+=(compiler)
[ ${#missing[@]} -eq 0 ] && exit 0

wants() { [[ " ${missing[*]} " == *" $1 "* ]]; }

install_with_apt() {
    local packages=() newest
    say "Missing on this machine: ${missing[*]}. Reading the package lists (apt-get update)."
    apt_get update -qq
    if wants postgres; then
        newest="$(apt-cache search --names-only '^postgresql-[0-9]+$' | sed -n 's/^postgresql-\([0-9]*\) .*/\1/p' | sort -n | tail -1)"
        [ "${newest:-0}" -ge "$MINIMUM" ] || die "This system's packages have no Postgres $MINIMUM or newer (newest: ${newest:-none}).
https://www.postgresql.org/download/ tells how to add the PostgreSQL project's own packages; then start this command again."
        packages+=("postgresql-$newest")
    fi
    wants redis && packages+=(redis-server)
    wants compiler && packages+=(build-essential)
    say "Installing with apt-get: ${packages[*]}"

    # The packages would start servers of their own on the usual ports. Nexus starts its own on free ones, so they are held back
    # during the installation: no cluster `main` is made, no service is started.
    # Not `local`: the trap runs after this function has ended.
    hold_cluster=/etc/postgresql-common/createcluster.d/nexus-install.conf hold_services=/usr/sbin/policy-rc.d held=0
    if wants postgres; then
        as_root mkdir -p "$(dirname "$hold_cluster")"
        printf 'create_main_cluster = false\n' | as_root tee "$hold_cluster" >/dev/null
    fi
    if [ ! -e "$hold_services" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$hold_services" >/dev/null
        as_root chmod 755 "$hold_services"
        held=1
    fi
    release() {
        as_root rm -f "$hold_cluster"
        if [ "$held" -eq 1 ]; then as_root rm -f "$hold_services"; fi
    }
    trap release EXIT
    apt_get install -y -qq --no-install-recommends "${packages[@]}"
    release
    trap - EXIT
}

# Untested: written from Homebrew's documentation.
install_with_brew() {
    local packages=()
    wants postgres && packages+=(postgresql@17)
    wants redis && packages+=(redis)
    wants compiler && die "The command line tools are missing: run xcode-select --install, then start this command again."
    say "Missing on this machine: ${missing[*]}. Installing with Homebrew: ${packages[*]}"
    brew install "${packages[@]}"
}

if command -v apt-get >/dev/null 2>&1; then
    install_with_apt
elif command -v brew >/dev/null 2>&1; then
    install_with_brew
else
    die "Missing on this machine: ${missing[*]}. Neither apt-get nor Homebrew is here to install it.
Install a Postgres server ($MINIMUM or newer), Redis (6.2 or newer) and a C compiler with the system's package manager, and start this command again."
fi

has_postgres || die "A Postgres server was installed but is not found; looked on the PATH and in /usr/lib/postgresql/*/bin."
has_redis || die "Redis was installed but redis-server is not found."
