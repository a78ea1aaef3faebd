#!/usr/bin/env bash
# Builds the Debian package, looks into it, installs it in a minimal Debian of its own, uses it there as an ordinary user, removes it,
# and looks for what was left. Nothing outside of target/ is written. Installs and removes by install.sh in a scratch home too.
#
# It needs lintian, mandoc and mmdebstrap, and to be root, or let by the system be root of a namespace. What is missing is named, and
# fatal with VIGIE_TEST_NO_SKIP=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
package=target/package

say() { printf -- '-- %s\n' "$*"; }
fail() {
    printf 'package: %s\n' "$*" >&2
    exit 1
}
skipped=()
has() {
    command -v "$1" >/dev/null && return
    skipped+=("$1")
    return 1
}

say "make deb"
make --no-print-directory deb
deb=$(echo target/debian/vigie_*.deb)
[[ -f $deb ]] || fail "there is no one package: $deb"

say "what it holds"
holds=$(dpkg-deb --contents "$deb" | awk '{print $6}')
has_file() { grep -qx "\./$1" <<<"$holds" || fail "$deb has no $1"; }
programs=$(cargo metadata --locked --offline --no-deps --format-version 1 |
    grep -o '"kind":\["bin"\],"crate_types":\["bin"\],"name":"[^"]*"' | cut -d '"' -f 12)
for program in $programs; do has_file "usr/bin/$program"; done
for unit in systemd/*; do
    case ${unit##*/} in
    *@.service | *@.socket) has_file "usr/lib/systemd/system/${unit##*/}" ;;
    *.service | *.socket) has_file "usr/lib/systemd/user/${unit##*/}" ;;
    esac
done
for page in man1/vigie man1/vigie-def man1/vigie-daemon-start man8/vigied; do has_file "usr/share/man/$page.${page:3:1}.gz"; done
has_file usr/share/bash-completion/completions/vigie
has_file usr/share/zsh/vendor-completions/_vigie
has_file usr/share/fish/vendor_completions.d/vigie.fish
has_file usr/share/doc/vigie/copyright
plugin=usr/share/nvim/site/pack/vigie/start/vigie
while read -r file; do has_file "$plugin/${file#client/nvim/}"; done < <(find client/nvim/{doc,lua,plugin} -type f ! -name tags)
has_file "$plugin/doc/tags"
while read -r line; do
    [[ $line == ExecStart=/usr/bin/vigied* ]] || fail "a unit starts another program: $line"
done < <(grep -rh '^ExecStart=' $package/root/usr/lib/systemd)
# Only the C library, which brings the unwinder: nothing that a minimal system lacks.
depends=$(dpkg-deb --field "$deb" Depends)
[[ $depends =~ ^'libc6 (>= '[0-9.]+')'(', libgcc-s1 (>= '[0-9.]+')')?$ ]] || fail "it depends on $depends"

if has lintian; then
    say "lintian"
    lintian --allow-root --fail-on error,warning --tag-display-limit 0 --suppress-tags-from-file packaging/lintian-tags "$deb"
fi

say "manual pages"
pages=$(find $package/root/usr/share/man -name '*.gz')
for page in $pages; do
    plain=$package/${page##*/}
    gzip -dc "$page" >"${plain%.gz}"
    if has mandoc; then
        # A page has no date: one version has one text.
        found=$(mandoc -T lint -W warning "${plain%.gz}" | grep -v 'missing date' || :)
        [[ -z $found ]] || fail "$found"
    fi
    if has groff; then
        found=$(groff -ww -man -Tutf8 -z "${plain%.gz}" 2>&1)
        [[ -z $found ]] || fail "$found"
    fi
    rm "${plain%.gz}"
done
echo "$(wc -w <<<"$pages") pages"

nvim=target/tools/neovim/bin/nvim
[[ -x $nvim ]] || nvim=nvim
if has "$nvim"; then
    say "the plugin for Neovim"
    # As a user who has nothing of it: found where a system has its packages, with its help.
    home=$(mktemp -d)
    HOME=$home XDG_DATA_DIRS=$PWD/$package/root/usr/share XDG_RUNTIME_DIR=$home "$nvim" --headless -c 'help vigie' \
        -c 'if &filetype !=# "help" || !exists(":Vigie") | cquit | endif' -c qall || fail "Neovim does not find the plugin and its help"
    cp -R "$package/root/$plugin/doc" "$home/doc"
    HOME=$home "$nvim" --headless --clean -c "helptags $home/doc" -c qall
    diff "$package/root/$plugin/doc/tags" "$home/doc/tags" || fail "these are not the tags that Neovim makes"
    rm -r "$home"
fi

say "sizes"
stat --format '%s %n' "$deb" $package/root/usr/bin/*

# In a root of its own: minimal, so that what the package forgets to depend on is missing.
in_root() {
    # shellcheck disable=SC2016 # for the shell inside
    unshare --mount --pid --fork --kill-child sh -c '
        mount -t proc proc "$1/proc" && mount -t tmpfs run "$1/run" && root=$1 && shift && exec chroot "$root" "$@"' sh "$root" "$@"
}
if has mmdebstrap && ((EUID == 0)) && unshare --mount --pid --fork true 2>/dev/null; then
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    base=target/tools/root-$codename.tar
    if [[ ! -f $base ]]; then
        say "a minimal $codename, once"
        # By the end of the name it is told what to make.
        mmdebstrap --quiet --variant=minbase --include=man-db,bash-completion "$codename" "$base.new.tar"
        mv "$base.new.tar" "$base"
    fi
    root=$(mktemp -d "$PWD/$package/root.XXXXXX")
    trap 'rm -rf --one-file-system "$root"' EXIT
    tar -xf "$base" -C "$root"
    cp "$deb" "$root/vigie.deb"
    list() { (cd "$root" && find . -xdev ! -path './vigie.deb' ! -path './proc/*' ! -path './run/*' ! -path './var/lib/dpkg/*' \
        ! -path './var/log/*' ! -path './var/cache/*' ! -path './home/*' ! -path './tmp/*' | sort); }
    list >$package/before
    say "install"
    in_root dpkg --install /vigie.deb >/dev/null
    say "use it as a user"
    cat >"$root/use.sh" <<'USE'
set -euo pipefail
export HOME=/home/ann XDG_RUNTIME_DIR=/tmp/run-ann
mkdir -m 700 -p "$XDG_RUNTIME_DIR" "$HOME/project/.git"
cd "$HOME/project"
printf 'fn lighthouse() {}\nfn main() { lighthouse() }\n' >main.rs
vigie --version
vigied --version
trap 'vigie daemon stop' EXIT
vigie index >/dev/null
vigie def lighthouse
vigie callers lighthouse
# As an interactive bash does it: the completion is loaded by the name of the command.
source /usr/share/bash-completion/bash_completion
_completion_loader vigie || :
COMP_WORDS=(vigie def lightho) COMP_CWORD=2 COMP_LINE='vigie def lightho' COMP_POINT=17
_vigie vigie lightho def
[[ ${COMPREPLY[*]} == lighthouse ]] || { echo "completed to: ${COMPREPLY[*]}"; exit 1; }
man --pager=cat vigie-def | grep -q 'Find the definitions of a name'
man --pager=cat 8 vigied | grep -q SIGHUP
USE
    install -d -o 1000 -g 1000 "$root/home/ann"
    in_root setpriv --reuid 1000 --regid 1000 --clear-groups bash /use.sh
    say "remove and purge"
    in_root dpkg --remove vigie >/dev/null
    in_root dpkg --purge vigie >/dev/null
    rm "$root/use.sh"
    list >$package/after
    diff $package/before $package/after || fail "the lines above were left, or are gone"
else
    skipped+=("installing in a root of its own, which needs mmdebstrap and to be root")
fi

say "install.sh"
tests/install.sh

if ((${#skipped[@]})); then
    printf 'skipped: %s\n' "${skipped[@]}"
    [[ ${VIGIE_TEST_NO_SKIP:-} != 1 ]] || fail "nothing may be skipped here"
fi
