#!/usr/bin/env bash
# `make lint`: format and lints; licences and sources too where cargo-deny is installed (advisories: docs/operations/advisories.md).
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

require_rust
say "Format"
cargo fmt --all --check
say "Lints"
cargo clippy --workspace --all-targets --features nexus/failpoints --locked -- -D warnings
if command -v cargo-deny >/dev/null 2>&1; then
    say "Licences"
    cargo deny --offline check licenses bans sources
else
    say "Licences: skipped, cargo-deny is not installed (cargo install --locked cargo-deny)"
fi
