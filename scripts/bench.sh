#!/usr/bin/env bash
# `make bench`: the figures of docs/performance.md, measured on this machine with a release build and written to target/bench.json.
# Arguments go on to the bench: `scripts/bench.sh --only list,movement --runs 7`. Leave the machine alone meanwhile.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

# A name that there is not is told before the build, which takes minutes.
scenarios="$(sed -n 's/^ *Scenario *{ *name: *"\([^"]*\)".*/\1/p' "$ROOT/tests/bench/src/scenarios/mod.rs")"
only=""
for argument in "$@"; do
    [ "$only" != next ] || only="$argument"
    case "$argument" in --only) only=next ;; --only=*) only="${argument#--only=}" ;; esac
done
for name in ${only//,/ }; do
    grep -qx -- "$name" <<<"$scenarios" || die "There is no scenario \`$name\`. There are: $(paste -sd' ' <<<"$scenarios")."
done

require_rust
# The bench starts servers of its own, whatever `make run` is told to use.
env -u NEXUS_DEV_POSTGRES_URL -u NEXUS_DEV_REDIS_URL "$ROOT/scripts/install-servers.sh"

say "Build (release)"
cargo build --release --workspace --bins --locked
built="$(target_dir)/release"

say "Bench"
exec "$built/nexus" test-stack --fsync -- "$built/nexus-bench" --json "$(target_dir)/bench.json" --document "$ROOT/docs/performance.md" "$@"
