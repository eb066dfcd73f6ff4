#!/usr/bin/env bash
# `make chaos`: the scenarios of docs/chaos.md in their long form, one after the other, on servers of their own. Prints a table and writes target/chaos.json.
# Arguments are names of scenarios: `scripts/chaos.sh dependencies stop`. NEXUS_CHAOS_ROUNDS=3 goes round less often, NEXUS_CHAOS=short as `make test` does.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

require_rust
# The scenarios start servers of their own, whatever `make run` is told to use.
env -u NEXUS_DEV_POSTGRES_URL -u NEXUS_DEV_REDIS_URL "$ROOT/scripts/install-servers.sh"
cargo nextest --version >/dev/null 2>&1 || {
    say "cargo-nextest is missing: installing it from crates.io (cargo install cargo-nextest --locked)"
    cargo install cargo-nextest --locked
}

# Crash points are compiled into the program under test only.
say "Build"
cargo build --workspace --all-targets --features nexus/failpoints --locked
nexus="$(target_dir)/debug/nexus"

filter="package(nexus-chaos)"
if [ "$#" -gt 0 ]; then
    filter="$filter and test(/^($(IFS='|' && echo "$*"))::/)"
fi
report="$(target_dir)/chaos"
rm -rf "$report"
mkdir -p "$report"
export NEXUS_CHAOS="${NEXUS_CHAOS:-long}" NEXUS_CHAOS_REPORT="$report"

# Scenarios without a short form are marked as ignored.
ignored=default
[ "$NEXUS_CHAOS" = short ] || ignored=all

say "Scenarios ($NEXUS_CHAOS)"
status=0
"$nexus" test-stack --fsync -- cargo nextest run --workspace --features nexus/failpoints --locked --profile chaos --run-ignored "$ignored" -E "$filter" || status=$?

say "Table"
printf '%-42s %6s  %-8s %s\n' scenario rounds outcome seen
shopt -s nullglob
lines=("$report"/*.txt)
[ "${#lines[@]}" -gt 0 ] || die "No scenario ran."
cat "${lines[@]}"
objects=("$report"/*.json)
{
    printf '['
    for number in "${!objects[@]}"; do
        [ "$number" -eq 0 ] || printf ','
        printf '\n  '
        cat "${objects[$number]}"
    done
    printf '\n]\n'
} >"$(target_dir)/chaos.json"
say "Written: $(target_dir)/chaos.json"
exit "$status"
