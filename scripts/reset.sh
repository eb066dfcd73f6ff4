#!/usr/bin/env bash
# `make reset`: delete the development data, after asking. `--yes` answers the question.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

data="${NEXUS__DEV__DATA_DIR:-$ROOT/.nexus}"
if [ ! -d "$data" ]; then
    say "There is no development data ($data)."
    exit 0
fi

# Only what the stack made is deleted, whatever NEXUS__DEV__DATA_DIR says.
[ -e "$data/lock" ] || die "$data is no data directory of the development stack (it has no file \`lock\`): nothing was deleted."
[ -w "$data" ] && [ -r "$data/lock" ] || die "$data belongs to another user: run this as $(stat -c %U "$data" 2>/dev/null || echo its owner)."

# The stack holds this lock while it runs; the file names its process.
holder="$(cat "$data/lock" 2>/dev/null || true)"
if command -v flock >/dev/null 2>&1; then
    flock -n "$data/lock" true || die "The development stack is running (process $holder). Stop it first."
elif [ -n "$holder" ] && ps -o command= -p "$holder" 2>/dev/null | grep -q nexus; then
    die "The development stack is running (process $holder). Stop it first."
fi

places=("$data")
cluster="$(cat "$data/cluster-path" 2>/dev/null || true)"
# Only a place that the stack itself chooses: inside the data, or /var/tmp/nexus-<16 hex digits>.
if [[ "$cluster" =~ ^/var/tmp/nexus-[0-9a-f]{16}$ && -d "$cluster" && ! -L "$cluster" ]]; then
    places+=("$cluster")
fi

printf 'This deletes every organization, object and mail of the development stack:\n'
printf '    %s\n' "${places[@]}"
if [ "${1:-}" != "--yes" ]; then
    read -r -p 'Delete? [y/N] ' answer || answer=
    case "$answer" in y | Y | yes) ;; *) die "Nothing was deleted." ;; esac
fi
rm -rf -- "${places[@]}"
say "Deleted. The next \`make run\` starts afresh."
