// Reads the stream of a job as programs in JavaScript do, and prints each event as a line of JSON: {"id": …, "data": …}.
//   node stream.mjs original URL PROJECT       the example of LeIndex, as it was written: it knows no ids
//   node stream.mjs eventsource URL PROJECT    the npm package, with a POST; it is told to leave when it comes back after the end
import { createRequire } from "node:module";

const [, , how, url, project] = process.argv;
const print = (id, data) => process.stdout.write(JSON.stringify({ id, data }) + "\n");

if (how === "original") {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ project_path: project, force_reindex: false }),
  });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let buffer = '';
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    buffer += decoder.decode(value, { stream: true });
    const lines = buffer.split('\n');
    buffer = lines.pop();
    for (const line of lines) {
      if (line.startsWith('data: ')) {
        const event = JSON.parse(line.slice(6));
        switch (event.type) {
          case 'progress':
          case 'complete':
          case 'error':
            print(null, event);
        }
      }
    }
  }
} else {
  const require = createRequire(process.env.VIGIE_TEST_MODULES + "/");
  const { EventSource } = require("eventsource");
  const source = new EventSource(url, {
    fetch: async (input, init) => {
      const headers = { ...init.headers, "Content-Type": "application/json" };
      const body = JSON.stringify({ project_path: project, force_reindex: false });
      const response = await fetch(input, { ...init, method: "POST", headers, body });
      process.stderr.write(`status ${response.status}\n`);
      return response;
    },
  });
  source.onmessage = (event) => print(event.lastEventId, JSON.parse(event.data));
  source.onerror = () => {
    // It comes back by itself until it is told not to.
    if (source.readyState === source.CLOSED) process.exit(0);
  };
}
