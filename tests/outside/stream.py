"""Reads the stream of a job with httpx-sse, and prints each event as a line of JSON: stream.py URL PROJECT."""

import json
import sys

import httpx
from httpx_sse import connect_sse

_, url, project = sys.argv
with httpx.Client(timeout=60) as client:
    with connect_sse(client, "POST", url, json={"project_path": project, "force_reindex": False}) as source:
        for event in source.iter_sse():
            print(json.dumps({"id": event.id, "data": event.json()}), flush=True)
