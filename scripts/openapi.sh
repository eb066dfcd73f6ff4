#!/usr/bin/env bash
# `make openapi`: write docs/openapi.json from the code.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

require_rust
cargo build --workspace --bin nexus --locked
mkdir -p docs
"$(target_dir)/debug/nexus" openapi >docs/openapi.json.new
mv docs/openapi.json.new docs/openapi.json
say "Wrote docs/openapi.json"
