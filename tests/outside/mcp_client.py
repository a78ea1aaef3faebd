"""What the Python client of the Model Context Protocol makes of `vigie mcp`: each revision that it speaks, every tool, progress, a
cancel, errors. It checks every structured answer against the tool's schema by itself. Called by mcp.sh: mcp_client.py VIGIE PROJECT."""

import asyncio
import os
import sys

from mcp import Client, MCPError, StdioServerParameters

# What to ask each tool about the sources of the crate `vigie-proto`.
CALLS = {
    "search": {"query": "decode a frame"},
    "text": {"pattern": "fn [a-z_]+", "show": "counts"},
    "symbols": {"name": "Decoder"},
    "definition": {"target": "Decoder"},
    "references": {"target": "Decoder"},
    "callers": {"target": "decode"},
    "callees": {"target": "frame_bytes"},
    "outline": {"file": "src/codec.rs"},
    "context": {"targets": ["Decoder"]},
    "map": {},
    "impact": {"targets": ["Decoder"]},
    "changed": {},
    "files": {"query": "codec"},
    "coverage": {},
    "status": {},
    "index": {},
}


async def speak(vigie: str, project: str, mode: str) -> None:
    server = StdioServerParameters(command=vigie, args=["mcp"], cwd=project, env=dict(os.environ))
    steps = []

    async def told(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total, message))

    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        names = [tool.name for tool in tools]
        assert sorted(names) == sorted(CALLS), f"other tools than those that are called: {names}"
        for tool in tools:
            result = await client.call_tool(tool.name, CALLS[tool.name], progress_callback=told)
            assert not result.is_error, f"{tool.name}: {result.content}"
            rows = result.structured_content["rows"]
            # The project is committed as it is.
            assert rows or tool.name == "changed", f"{tool.name} found nothing: {result.structured_content}"
        assert steps, "no step of the job was told"
        result = await client.call_tool("text", {"pattern": "("})
        assert result.is_error and "unclosed group" in result.content[0].text, result
        for arguments, field in (({}, "pattern"), ({"pattern": "x", "max_tokens": 1}, "max_tokens")):
            try:
                await client.call_tool("text", arguments)
            except MCPError as error:
                assert error.code == -32602 and field in error.message, error
            else:
                raise AssertionError(f"{arguments} was taken")
        # Pages have every row once.
        seen, cursor = [], None
        while cursor != "":
            asked = {"max_tokens": 600} | ({"cursor": cursor} if cursor else {})
            page = (await client.call_tool("files", asked)).structured_content
            seen += [row["path"] for row in page["rows"]]
            cursor = page["cursor"] or ""
        assert len(seen) == len(set(seen)) > 5, seen
    print(f"{mode}: {len(CALLS)} tools, {len(steps)} steps of the job told, {len(seen)} files in pages")


async def main() -> None:
    vigie, project = sys.argv[1:]
    for mode in ("legacy", "2026-07-28", "auto"):
        await asyncio.wait_for(speak(vigie, project, mode), 60)


asyncio.run(main())
