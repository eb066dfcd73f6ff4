# Sourced by the other scripts: where the checkout is, how this machine installs things, and how to say so.
# shellcheck shell=bash

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# Where cargo puts what it builds, whatever its configuration.
target_dir() {
    cargo metadata --format-version 1 --no-deps --offline 2>/dev/null | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# Runs a command as root: directly, or with sudo, or not at all (with what to run instead).
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "This needs root, and there is no sudo here. As root, run:
    $*
and start this command again."
    fi
}

# Debian's package manager, without questions; waits for another one that is at work.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 "$@"
}

require_rust() {
    # A fresh rustup is not on the PATH of shells that were open before.
    command -v cargo >/dev/null 2>&1 || { [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"; } || true
    command -v cargo >/dev/null 2>&1 || die "Rust is not installed. Install it with

    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh

and start this command again (https://rustup.rs says more)."
}
