#!/bin/sh
# Installs Vigie for one user, without root, from a checkout of its sources or from an unpacked release: programs, manual pages, and
# completions for bash, zsh and fish. It writes down what it installed, and --uninstall removes exactly that. Of the editor's plugin it
# keeps its hands: where plugins lie is for whoever manages them, and a link to a checkout may be there already.
set -eu

usage() {
    cat <<'USAGE'
Usage: ./install.sh [--prefix DIR] [--dry-run] [--uninstall]

  --prefix DIR   install below DIR [default: $PREFIX, else ~/.local]
  --dry-run      say what would be done, and do nothing
  --uninstall    remove what an earlier run installed; indexes and configuration stay
USAGE
}

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=${PREFIX:-}
dry_run=false uninstall=false
while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -gt 1 ] || fail "--prefix needs a directory"
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --dry-run) dry_run=true ;;
    --uninstall) uninstall=true ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        fail "there is no option $1"
        ;;
    esac
    shift
done

if [ -z "$prefix" ]; then
    [ -n "${HOME:-}" ] || fail "HOME is not set; say where to install with --prefix DIR"
    prefix=$HOME/.local
    data=${XDG_DATA_HOME:-$prefix/share}
    config=${XDG_CONFIG_HOME:-$HOME/.config}
    fish=$config/fish/completions
else
    data=$prefix/share
    fish=$data/fish/vendor_completions.d
fi
case $prefix in
/*) ;;
*) fail "--prefix needs an absolute path, and $prefix is none" ;;
esac
bin=$prefix/bin
manifest=$data/vigie/installed

# Says a command, and runs it unless nothing is to be done.
run() {
    if $dry_run; then
        printf 'would run:'
        printf ' %s' "$@"
        printf '\n'
    else
        "$@"
    fi
}

# Whether the daemon that runs was started from here, and not from another installation. Where that cannot be seen, it was.
runs_from_here() {
    pid=$("$bin/vigie" --json --no-spawn daemon status 2>/dev/null | sed -n 's/.*"pid":\([0-9]*\).*/\1/p')
    [ -n "$pid" ] || return 1
    program=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 0
    there=$(CDPATH='' cd -- "$bin" && pwd -P)
    [ "${program% (deleted)}" = "$there/vigied" ]
}

# Removes the directories above a file that are empty now, up to the prefix and the home directory.
remove_empty_above() {
    above=$(dirname "$1")
    while [ "$above" != / ] && [ "$above" != "$prefix" ] && [ "$above" != "${HOME:-/}" ]; do
        rmdir "$above" 2>/dev/null || return 0
        above=$(dirname "$above")
    done
}

# Removes the files named on standard input.
remove_listed() {
    while IFS= read -r file; do
        run rm -f "$file"
        $dry_run || remove_empty_above "$file"
    done
}

if $uninstall; then
    [ -f "$manifest" ] || fail "nothing is installed below $prefix: there is no $manifest"
    if [ -x "$bin/vigie" ]; then
        # Units that `vigie daemon install` wrote name these programs.
        if "$bin/vigie" daemon uninstall --help >/dev/null 2>&1; then run "$bin/vigie" daemon uninstall || :; fi
        # One of another installation goes on.
        if runs_from_here; then run "$bin/vigie" daemon stop || :; fi
    fi
    cat "$manifest" "$manifest.old" 2>/dev/null | sort -u | remove_listed
    run rm -f "$manifest" "$manifest.old"
    $dry_run || {
        remove_empty_above "$manifest"
        # The prefix too, if it was made for this.
        rmdir "$prefix" 2>/dev/null || :
        echo "Vigie is uninstalled. Indexes and settings are where they were: ${XDG_STATE_HOME:-~/.local/state}/vigie, ${XDG_CONFIG_HOME:-~/.config}/vigie."
    }
    exit 0
fi

# Where the programs are: beside this script in a release, else in the sources, to be built.
if [ -x "$here/bin/vigie" ]; then
    programs=$here/bin
elif [ -f "$here/Cargo.toml" ]; then
    command -v "${CARGO:-cargo}" >/dev/null || fail "cargo is missing; https://rustup.rs installs it"
    (cd "$here" && run "${CARGO:-cargo}" build --release --locked --workspace --bins)
    programs=${CARGO_TARGET_DIR:-$here/target}/release
else
    fail "there are neither programs nor sources beside $here/install.sh"
fi

was_running=false
if [ -x "$bin/vigie" ] && runs_from_here; then was_running=true; fi

if ! $dry_run; then
    mkdir -p "$data/vigie"
    # A run that was interrupted may have left one.
    [ ! -f "$manifest" ] || cat "$manifest" >>"$manifest.old"
    : >"$manifest"
fi

# Puts a file in its place, whole or not at all: put MODE FROM TO.
put() {
    if $dry_run; then
        printf 'would install: %s\n' "$3"
        return
    fi
    mkdir -p "$(dirname "$3")"
    # Written down first: what is begun is removed too.
    printf '%s\n' "$3" >>"$manifest"
    cp "$2" "$3.new"
    chmod "$1" "$3.new"
    mv -f "$3.new" "$3"
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/vigie-install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

found=false
for program in "$programs"/vigie "$programs"/vigied "$programs"/vigie-*; do
    case $program in *.d) continue ;; esac
    if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
    found=true
    # Symbols are most of a program's size; without strip it is only larger.
    strip --strip-unneeded -o "$scratch/program" "$program" 2>/dev/null || cp "$program" "$scratch/program"
    put 755 "$scratch/program" "$bin/${program##*/}"
done
$found || $dry_run || fail "there are no programs in $programs"

if [ -x "$programs/vigie" ]; then
    "$programs/vigie" man "$scratch/man1"
    "$programs/vigied" man "$scratch/man8"
    for program in "$programs"/vigie-*; do
        case $program in *.d) continue ;; esac
        if [ -f "$program" ] && [ -x "$program" ]; then "$program" man "$scratch/man1" 2>/dev/null || :; fi
    done
    for page in "$scratch"/man[18]/*; do
        section=$(basename "$(dirname "$page")")
        put 644 "$page" "$data/man/$section/${page##*/}"
    done
    for shell in bash zsh fish; do "$programs/vigie" completions "$shell" >"$scratch/$shell"; done
    put 644 "$scratch/bash" "$data/bash-completion/completions/vigie"
    put 644 "$scratch/zsh" "$data/zsh/site-functions/_vigie"
    put 644 "$scratch/fish" "$fish/vigie.fish"
else
    echo "would install: manual pages and completions, which the programs write"
fi

if $dry_run; then
    if $was_running; then echo "would run, unless the daemon is at work: $bin/vigie daemon restart"; fi
    exit 0
fi

# What an older version had, and this one has no more.
if [ -f "$manifest.old" ]; then
    { grep -vxF -f "$manifest" "$manifest.old" || :; } | sort -u | remove_listed
    rm -f "$manifest.old"
fi

echo "Installed $("$bin/vigie" --version) below $prefix."
case :$PATH: in
*:"$bin":*) ;;
*) echo "$bin is not in PATH: add it, as with  export PATH=\"$bin:\$PATH\"" ;;
esac
if $was_running; then
    if "$bin/vigie" --no-spawn jobs 2>/dev/null | grep -q .; then
        echo "The daemon is at work and goes on as the old version; when it is done:  vigie daemon restart"
    else
        "$bin/vigie" daemon restart
    fi
fi
if "$bin/vigie" daemon install --help >/dev/null 2>&1; then
    echo "To have systemd start the daemon when it is needed:  vigie daemon install"
fi
echo "For zsh, before compinit:  fpath+=($data/zsh/site-functions)"
