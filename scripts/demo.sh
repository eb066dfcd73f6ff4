#!/usr/bin/env bash
# `make demo`: on a running stack, what a new organization does in its first minutes, with a month of a real retailer's data.
#
# Signs up an organization, waits until it is built, logs in, imports the products of tests/data/online-retail-2010-12.csv.gz, opens
# stock with each article's greatest running shortfall, imports the lines as movements, and compares the levels with a sum computed
# apart from the product. Prints ten of them.
#
# NEXUS_URL names the stack (default: the running development stack, else http://localhost:8080). DEMO_FILE names another file,
# DEMO_PLAN another plan (the plan bounds the number of products).
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

command -v python3 >/dev/null 2>&1 || die "The demo needs python3 (its standard library is enough)."
command -v curl >/dev/null 2>&1 || die "The demo needs curl."

running="${NEXUS__DEV__DATA_DIR:-$ROOT/.nexus}/running.json"
url="${NEXUS_URL:-}"
if [ -z "$url" ] && [ -f "$running" ]; then
    url="$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$running")"
fi
url="${url:-http://localhost:8080}"
curl -sf -o /dev/null --max-time 5 "$url/readyz" || die "Nothing serves at $url. Start it first: make run (in another terminal)."

exec python3 "$ROOT/scripts/demo.py" "$url" "${DEMO_FILE:-$ROOT/tests/data/online-retail-2010-12.csv.gz}" "${DEMO_PLAN:-team}"
