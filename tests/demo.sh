#!/bin/sh
# What Vigie does, in a minute: indexes this repository and the sources of cargo's registry, then answers three questions.
# Everything it writes lies in a directory of its own, which is removed at the end together with the daemon.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
PATH="$here/target/release:$PATH"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vigie-demo.XXXXXX")
export XDG_STATE_HOME="$scratch/state" XDG_RUNTIME_DIR="$scratch/run"
mkdir -m 700 "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR"

finish() {
    status=$?
    vigie daemon stop >/dev/null 2>&1 || :
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Says a command so that it can be pasted, and runs it.
step() {
    printf '\n$'
    for word; do
        case $word in
        *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}

registry="${CARGO_HOME:-$HOME/.cargo}/registry/src"
step cd "$here"
step vigie daemon start
step vigie index .
step vigie index "$registry"
step vigie text --limit 5 'fn main\('
step cd "$registry"
step vigie def --limit 5 Connection
step vigie symbols --limit 5 --prefix deserialize_
step vigie projects
