#!/usr/bin/env bash
# `make fuzz`: the whole API document against a running program, with each kind of credential, and HTTP by raw sockets; then the parsers'
# property tests with many cases. docs/fuzzing.md says what is checked and what is not.
#
# SEED=n repeats a run; ONLY=operation_id asks one operation alone; SECONDS_IN_ALL=n bounds the run (default 600); CREDENTIALS=owner,none
# asks as these alone. `scripts/fuzz.sh short` is the run that `make test` includes; `prepare` only installs what it needs.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

mode="${1:-long}"
export PYTHONDONTWRITEBYTECODE=1
require_rust
command -v python3 >/dev/null 2>&1 || die "Fuzzing needs Python 3.11 or newer (python3)."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Fuzzing needs Python 3.11 or newer; this is $(python3 --version)."

target="$(target_dir)"
requirements="$ROOT/tests/fuzz/requirements.txt"
venv="$target/fuzz-venv"
stamp="$(python3 --version) $(cksum <"$requirements")"

# Made anew when the versions or Python change; kept beside what cargo builds.
install_schemathesis() {
    [ "$(cat "$venv/stamp" 2>/dev/null || true)" != "$stamp" ] || return 0
    say "Installing schemathesis from PyPI (once; into $venv)"
    rm -rf "$venv"
    if ! python3 -m venv "$venv" >/dev/null 2>&1; then
        command -v apt-get >/dev/null 2>&1 || die "python3 has no module venv: install it with the system's package manager."
        say "python3 has no module venv: installing it with apt-get (python3-venv)"
        apt_get update -qq
        apt_get install -y -qq --no-install-recommends python3-venv
        rm -rf "$venv"
        python3 -m venv "$venv"
    fi
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" ||
        die "PyPI could not be reached or lacks a version of tests/fuzz/requirements.txt (see above). The fuzzer can't run without schemathesis."
    printf '%s\n' "$stamp" >"$venv/stamp"
}

install_schemathesis
[ "$mode" != prepare ] || exit 0
arguments=(--mode "$mode" --out "$target/fuzz.json")
if [ "$mode" = short ]; then
    # The same requests on every machine, on the program that the tests were built with.
    exec "$venv/bin/python" "$ROOT/tests/fuzz/fuzz.py" --program "$target/debug/nexus" "${arguments[@]}" --seed "${SEED:-1}"
fi

env -u NEXUS_DEV_POSTGRES_URL -u NEXUS_DEV_REDIS_URL "$ROOT/scripts/install-servers.sh"
# As the tests are built: one build serves both.
say "Building"
cargo build --workspace --bin nexus --features nexus/failpoints --locked
[ -z "${SEED:-}" ] || arguments+=(--seed "$SEED")
[ -z "${ONLY:-}" ] || arguments+=(--only "$ONLY")
[ -z "${CREDENTIALS:-}" ] || arguments+=(--credentials "$CREDENTIALS")
failed=0
"$venv/bin/python" "$ROOT/tests/fuzz/fuzz.py" --program "$target/debug/nexus" "${arguments[@]}" --seconds "${SECONDS_IN_ALL:-600}" || failed=1
[ -z "${ONLY:-}${CREDENTIALS:-}" ] || exit "$failed"

# Parsers: every property test that needs no server, with many more cases than `make test` tries. They lie in modules `properties` (tests/arch sees to it).
say "Property tests of the parsers, ${PROPTEST_CASES:=100000} cases each"
export PROPTEST_CASES
cargo test --quiet --workspace --lib --features nexus/failpoints --locked -- properties:: || failed=1
exit "$failed"
