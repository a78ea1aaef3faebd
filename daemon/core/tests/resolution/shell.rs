//! Bash.

use expect_test::expect;

use super::check;

#[test]
fn functions_and_variables() {
    check(
        r##"--- lib.sh
LIMIT=1
greet() { local name=$1; echo "$«name» $«LIMIT»"; }
--- main.sh
source ./lib.sh
run() { «greet» world; echo "$«LIMIT» $name"; }
«run»
«missing»
"##,
        expect![[r#"
            lib.sh:2 name → local name lib.sh:2 by scope
            lib.sh:2 LIMIT → constant LIMIT lib.sh:1 by file
            main.sh:2 greet → function greet lib.sh:2 by import
            main.sh:2 LIMIT → constant LIMIT lib.sh:1 by import
            main.sh:3 run → function run main.sh:2 by file
            main.sh:4 missing → nothing
        "#]],
    );
}

#[test]
fn what_traps_and_timings_call() {
    check(
        r##"--- main.sh
cleanup() { :; }
f() { :; }
trap «cleanup» EXIT
trap - EXIT
time «f» arg
echo cleanup
"##,
        expect![[r#"
            main.sh:3 cleanup → function cleanup main.sh:1 by file
            main.sh:5 f → function f main.sh:2 by file
        "#]],
    );
}
