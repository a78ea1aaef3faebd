//! Bash.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"#!/bin/bash
source ./lib.sh
. "$DIR/more.sh"

LIMIT=10
export name="x $LIMIT"
declare -a list=(1 "$name")

# Greets.
# At length.
greet() {
    local who=$1 count
    echo "hello ${who:-$name} $(date +%s)" | tee "$LOG"
    list[1]=$who
    LATE=1
}

function main {
    for item in "${list[@]}" word; do
        greet "$item" --loud
    done
    while read -r line; do ((count++)); done < "$FILE"
    [[ $name == y* ]] && return 1
    case $name in start) greet a ;; esac
    DEBUG=1 greet 'not $a name'
    cat <<END
text $LIMIT
END
}

main "$@"
"#;

#[test]
fn fixture() {
    check(
        Language::Bash,
        SOURCE,
        expect![[r#"
        5:1 constant LIMIT [5-5] LIMIT=10
        6:8 variable name [6-6] name="x $LIMIT"
        7:12 variable list [7-7] list=(1 "$name")
        11:1 function greet [11-16] greet() // Greets.
        18:10 function main [18-29] function main
        2:8 import ./lib.sh "*"
        3:3 import $DIR/more.sh "*"
    "#]],
        expect![[r#"
            2 in -: call source,
            3 in -: call ., read DIR,
            6 in -: read LIMIT,
            7 in -: read name,
            12 in greet: local who, local count,
            13 in greet: call echo, read who^12, read name, call date, call tee, read LOG,
            14 in greet: write list, read who^12,
            15 in greet: write LATE,
            19 in main: local item, read list,
            20 in main: call greet, read item^19,
            22 in main: call read, write count, read FILE,
            23 in main: read name, call return,
            24 in main: read name, call greet,
            25 in main: write DEBUG, call greet,
            26 in main: call cat,
            27 in main: read LIMIT,
            31 in -: call main,
        "#]],
    );
}
