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

#[test]
fn variables_of_loops() {
    check(
        r##"--- a.sh
for item in a b; do echo "$«item»"; done
run() { for x in 1; do echo "$«x»" "${«x»}"; done; echo "$«item»"; local y; for y in 2; do echo "$«y»"; done; z=1; echo $«z»; }
for ((i=0; i<3; i++)); do echo $«i»; done
"##,
        expect![[r#"
            a.sh:1 item → local item a.sh:1 by scope
            a.sh:2 x → local x a.sh:2 by scope
            a.sh:2 x → local x a.sh:2 by scope
            a.sh:2 item → local item a.sh:1 by scope
            a.sh:2 y → local y a.sh:2 by scope
            a.sh:2 z → nothing
            a.sh:3 i → variable i a.sh:3 by file
        "#]],
    );
}

#[test]
fn functions_and_variables_of_a_script() {
    check(
        r##"--- lib/util.sh
#!/bin/bash
LOG_LEVEL=1
log() { local level="$1"; echo "$«level» $«LOG_LEVEL»"; }
function die { «log» error; exit 1; }
get() { echo 1; }
nested() { inner() { «log» x; }; «inner»; }
export -f get
readonly VERSION=2
--- bin/run.sh
#!/bin/bash
source "$(dirname "$0")/../lib/util.sh"
. ./other.sh
declare -A map
count=0
main() {
  local count=5 name
  name="$(«get» "$1")"
  «log» "${«name»:-x}" "$«count»"
  for item in a b; do echo "$«item»"; done
  while read -r line; do «log» "$«line»"; done < <(«get»)
  if ! «get»; then «die»; fi
  map[$«name»]=1
  case "$1" in start) «start» ;; esac
  «other_fn» && «missing_fn»
  trap «cleanup» EXIT
  (( count++ )); [[ $«count» -gt $«VERSION» ]]
}
cleanup() { echo "$«count»"; unset «count»; }
start() { «main» "$@"; command log x; }
«main» "$@"
alias ll='get'
--- bin/other.sh
other_fn() { :; }
get() { :; }
"##,
        expect![[r#"
            lib/util.sh:3 level → local level lib/util.sh:3 by scope
            lib/util.sh:3 LOG_LEVEL → constant LOG_LEVEL lib/util.sh:2 by file
            lib/util.sh:4 log → function log lib/util.sh:3 by file
            lib/util.sh:6 log → function log lib/util.sh:3 by file
            lib/util.sh:6 inner → function nested.inner lib/util.sh:6 by scope
            bin/run.sh:8 get → function get lib/util.sh:5 by import
            bin/run.sh:9 log → function log lib/util.sh:3 by import
            bin/run.sh:9 name → local name bin/run.sh:7 by scope
            bin/run.sh:9 count → local count bin/run.sh:7 by scope
            bin/run.sh:10 item → local item bin/run.sh:10 by scope
            bin/run.sh:11 log → function log lib/util.sh:3 by import
            bin/run.sh:11 line → nothing
            bin/run.sh:11 get → function get lib/util.sh:5 by import
            bin/run.sh:12 get → function get lib/util.sh:5 by import
            bin/run.sh:12 die → function die lib/util.sh:4 by import
            bin/run.sh:13 name → local name bin/run.sh:7 by scope
            bin/run.sh:14 start → function start bin/run.sh:20 by file
            bin/run.sh:15 other_fn → function other_fn bin/other.sh:1 by import
            bin/run.sh:15 missing_fn → nothing
            bin/run.sh:16 cleanup → function cleanup bin/run.sh:19 by file
            bin/run.sh:17 count → local count bin/run.sh:7 by scope
            bin/run.sh:17 VERSION → constant VERSION lib/util.sh:8 by import
            bin/run.sh:19 count → variable count bin/run.sh:5 by file
            bin/run.sh:19 count → variable count bin/run.sh:5 by file
            bin/run.sh:20 main → function main bin/run.sh:6 by file
            bin/run.sh:21 main → function main bin/run.sh:6 by file
        "#]],
    );
}
