#!/usr/bin/env bash
# `make release`: the program that is shipped. It says at /version which revision it was built from: NEXUS_REVISION, or what Git says of the checkout.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

require_rust
# A tree without .git may lie inside somebody else's checkout.
if [ -z "${NEXUS_REVISION:-}" ] && [ -e "$ROOT/.git" ]; then
    # `-dirty` when tracked files differ from that revision.
    NEXUS_REVISION="$(git -C "$ROOT" describe --always --dirty --exclude '*' 2>/dev/null || true)"
fi
# An empty one would be answered as such.
if [ -n "${NEXUS_REVISION:-}" ]; then
    export NEXUS_REVISION
    say "Revision $NEXUS_REVISION"
else
    unset NEXUS_REVISION
    say "Revision unknown: no Git checkout, and NEXUS_REVISION is not set"
fi
# The program carries the console in itself.
"$ROOT/scripts/console.sh" build
cargo build --workspace --bin nexus --release --locked
