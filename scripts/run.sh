#!/usr/bin/env bash
# `make run`: install what is missing, build console and program (with the quick profile), start everything.
# Arguments and the environment go on to `nexus dev` (`nexus dev --help` lists them).
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

require_rust
"$ROOT/scripts/install-servers.sh"
"$ROOT/scripts/console.sh" build
say "Building (the first time takes several minutes)"
# The whole workspace decides on the dependencies' features, as in every other build here: none is built twice. Of its programs only this one is built.
cargo build --workspace --bin nexus --profile local --locked
# The shell is replaced: signals go straight to the program, which stops its servers.
exec "$(target_dir)/local/nexus" dev "$@"
