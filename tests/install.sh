#!/bin/sh
# Installs by install.sh in a scratch home, as a release would and again over itself; uses what was installed; uninstalls, and looks for
# what was left.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vigie-test-install.XXXXXX")
HOME=$scratch/home XDG_RUNTIME_DIR=$scratch/run XDG_STATE_HOME=$scratch/state
export HOME XDG_RUNTIME_DIR XDG_STATE_HOME
unset PREFIX XDG_DATA_HOME XDG_CONFIG_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME"
vigie=$HOME/.local/bin/vigie

finish() {
    status=$?
    [ ! -x "$vigie" ] || "$vigie" --no-spawn daemon stop >/dev/null 2>&1 || :
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM
fail() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}

# An unpacked release.
release=$scratch/release
mkdir -p "$release/bin"
cp "$here/install.sh" "$release"
for program in "$here"/target/package/root/usr/bin/*; do cp "$program" "$release/bin"; done

"$release/install.sh" --dry-run >"$scratch/said"
grep -q "would install: $vigie\$" "$scratch/said" || fail "a dry run says what it would do: $(cat "$scratch/said")"
[ -z "$(ls -A "$HOME")" ] || fail "a dry run did something: $(ls -A "$HOME")"
if "$release/install.sh" --uninstall 2>"$scratch/said"; then fail "what is not installed was uninstalled"; fi

# Something of the user's own, in places that are shared.
mkdir -p "$HOME/.local/bin" "$HOME/.local/share/man/man1"
echo mine >"$HOME/.local/bin/mine"
echo mine >"$HOME/.local/share/man/man1/mine.1"
(cd "$HOME" && find . | sort) >"$scratch/before"

"$release/install.sh"
(cd "$HOME" && find . -type f | sort) >"$scratch/installed"
[ -s "$HOME/.local/share/man/man1/vigie-def.1" ] || fail "there are no manual pages"
[ -s "$HOME/.config/fish/completions/vigie.fish" ] || fail "there are no completions"
mkdir -p "$scratch/project/.git"
echo 'fn lighthouse() {}' >"$scratch/project/main.rs"
cd "$scratch/project"
"$vigie" index >"$scratch/said"
"$vigie" def lighthouse | grep -q main.rs || fail "the installed programs do not work"

# An older version had a file that this one has no more; its idle daemon makes way for the new one.
echo old >"$HOME/.local/share/man/man1/vigie-old.1"
echo "$HOME/.local/share/man/man1/vigie-old.1" >>"$HOME/.local/share/vigie/installed"
daemon() { "$vigie" --json --no-spawn daemon status | grep -o '"pid":[0-9]*'; }
old=$(daemon)
"$release/install.sh" --dry-run | grep -q "would run.*daemon restart" || fail "a dry run does not mention the restart"
"$release/install.sh" >"$scratch/said"
new=$(daemon)
[ "$old" != "$new" ] || fail "the old daemon still runs: $old"
(cd "$HOME" && find . -type f | sort) | diff "$scratch/installed" - || fail "installing again is not the same as installing"

# The daemon of another installation is left alone.
"$vigie" daemon stop >/dev/null
"$release/bin/vigie" daemon start >/dev/null
other=$("$release/bin/vigie" --json --no-spawn daemon status | grep -o '"pid":[0-9]*')
if "$release/install.sh" --dry-run | grep -q "daemon restart"; then fail "another installation's daemon would be restarted"; fi
"$release/install.sh" --uninstall >"$scratch/said"
still=$("$release/bin/vigie" --json --no-spawn daemon status | grep -o '"pid":[0-9]*')
[ "$other" = "$still" ] || fail "uninstalling stopped the daemon of another installation"
"$release/install.sh" >"$scratch/said"
"$release/bin/vigie" daemon stop >/dev/null
"$vigie" daemon start >/dev/null

"$release/install.sh" --uninstall >"$scratch/said"
(cd "$HOME" && find . | sort) | diff "$scratch/before" - || fail "uninstalling left or took something"
if [ -S "$XDG_RUNTIME_DIR/vigie/vigied.sock" ]; then fail "the daemon still listens"; fi
echo "installed, upgraded and uninstalled in a scratch home"
