#!/usr/bin/env bash
# The web console (web/): Node.js, pnpm and the packages it is built from, and what is done with them.
#
#   prepare   Node.js is there, pnpm is installed, the packages are those of the lockfile
#   build     prepare, then web/dist, which the program serves; skipped when nothing has changed since
#   check     prepare, then types, lints, generated client, unit tests, build, sizes
#   e2e       prepare, then every flow in a real browser against the real program (installs Chromium where it is missing)
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

WEB="$ROOT/web"
MINIMUM_NODE=20
PNPM_VERSION="$(sed -n 's/.*"packageManager": *"pnpm@\([0-9.]*\).*/\1/p' "$WEB/package.json")"
TOOLS="${XDG_CACHE_HOME:-$HOME/.cache}/nexus/pnpm-$PNPM_VERSION"

node_is_new_enough() {
    command -v node >/dev/null 2>&1 && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$MINIMUM_NODE" ]
}

require_node() {
    node_is_new_enough && command -v npm >/dev/null 2>&1 && return 0
    local found
    found="$(node --version 2>/dev/null || echo none)"
    die "The console is built with Node.js $MINIMUM_NODE or newer and its npm; found: $found. Install it from https://nodejs.org/en/download
and start this command again."
}

# pnpm of exactly the version that wrote the lockfile, beside other caches: nothing is installed for the whole machine.
require_pnpm() {
    [ -n "$PNPM_VERSION" ] || die "web/package.json names no packageManager pnpm@VERSION."
    if [ ! -x "$TOOLS/node_modules/.bin/pnpm" ]; then
        say "Installing pnpm $PNPM_VERSION from the npm registry (once; into $TOOLS)"
        mkdir -p "$TOOLS"
        npm install --silent --no-audit --no-fund --prefix "$TOOLS" "pnpm@$PNPM_VERSION" || die "The npm registry could not be reached (see above), and the console can't be built without pnpm."
    fi
    export PATH="$TOOLS/node_modules/.bin:$PATH"
    # Nobody is there to answer a question.
    export CI="${CI:-true}"
}

packages() {
    require_node
    require_pnpm
    (cd "$WEB" && pnpm install --frozen-lockfile --silent) || die "The console's packages could not be installed (see above)."
}

require_chromium() {
    CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
    if [ -z "$CHROMIUM" ]; then
        command -v apt-get >/dev/null 2>&1 || die "The console's tests want Chromium or Chrome: install it, or name it in CHROMIUM, and start this command again."
        say "Chromium is missing on this machine: installing it with apt-get"
        apt_get update -qq
        apt_get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-noto-mono
        CHROMIUM="$(command -v chromium)" || die "Chromium was installed but is not on the PATH."
    fi
    export CHROMIUM
}

# What a build is made of, told by content: a checkout has new times everywhere.
fingerprint() {
    (
        cd "$ROOT"
        find web docs/openapi.json -type f -not -path 'web/node_modules/*' -not -path 'web/*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/e2e/out/*' -print0 | LC_ALL=C sort -z | xargs -0 cksum | cksum
    )
}

build() {
    local now
    now="$(fingerprint)"
    [ "$(cat "$WEB/dist/.built-from" 2>/dev/null || true)" != "$now" ] || return 0
    packages
    say "Building the console"
    (cd "$WEB" && pnpm run --silent build)
    printf '%s\n' "$now" >"$WEB/dist/.built-from"
}

case "${1:-}" in
prepare)
    packages
    require_chromium
    ;;
build) build ;;
check)
    packages
    say "Console: types, lints, generated client, unit tests"
    (cd "$WEB" && pnpm run --silent check && pnpm run --silent test)
    build
    ;;
e2e)
    packages
    require_chromium
    build
    say "Console: every flow in a browser"
    shift
    (cd "$WEB" && pnpm run --silent e2e "$@")
    ;;
*) die "usage: scripts/console.sh prepare|build|check|e2e" ;;
esac
