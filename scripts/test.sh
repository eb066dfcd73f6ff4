#!/usr/bin/env bash
# `make test`: format, lints, build, every test against real Postgres, Redis and S3, the console in a real browser, OpenAPI drift.
# Arguments go on to the test runner: `scripts/test.sh -E 'test(idempotency)'`.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

require_rust
# The tests start servers of their own, whatever `make run` is told to use.
env -u NEXUS_DEV_POSTGRES_URL -u NEXUS_DEV_REDIS_URL "$ROOT/scripts/install-servers.sh"

if ! cargo nextest --version >/dev/null 2>&1; then
    say "cargo-nextest is missing: installing it from crates.io (cargo install cargo-nextest --locked)"
    cargo install cargo-nextest --locked || die "That failed, and the tests need it: each wants a process of its own, and .config/nextest.toml says which may run together.
Install it by hand (https://nexte.st/docs/installation says how) and start this command again."
fi

# What the fuzzer and the console lack is told now, not after everything else.
"$ROOT/scripts/fuzz.sh" prepare
"$ROOT/scripts/console.sh" prepare

"$ROOT/scripts/lint.sh"
"$ROOT/scripts/console.sh" check

# Crash points for the fault tests are compiled into the program under test only.
say "Build"
cargo build --workspace --all-targets --features nexus/failpoints --locked
nexus="$(target_dir)/debug/nexus"

say "Tests"
# Most tests wait for a server more than they compute.
export NEXTEST_TEST_THREADS="${NEXTEST_TEST_THREADS:-$(($(getconf _NPROCESSORS_ONLN) * 2))}"
"$nexus" test-stack -- cargo nextest run --workspace --features nexus/failpoints --locked "$@"

"$ROOT/scripts/console.sh" e2e

say "OpenAPI"
"$nexus" openapi --check "$ROOT/docs/openapi.json"
say "Fuzz: a few generated requests to every operation, and malformed HTTP (make fuzz does more)"
"$ROOT/scripts/fuzz.sh" short
say "All passed"
