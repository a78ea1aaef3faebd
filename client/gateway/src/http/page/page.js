// The page of `vigie http`: one stream of events tells what happens; lists are asked for when something did. Whatever comes from files
// becomes text nodes, never markup.
"use strict";

const byId = (id) => document.getElementById(id);

// --- words for people

const whole = new Intl.NumberFormat("en");
const count = (n) => whole.format(n);
const counted = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit += 1; }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

function ago(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}

const perSecond = (rate) => `${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)} files/s`;
const baseName = (path) => path.split("/").filter(Boolean).pop() || path;

// A field that may not be UTF-8 comes in base64 under another name.
function field(object, name) {
  if (object[name] !== undefined) return object[name] ?? "";
  const encoded = object[`${name}_b64`];
  if (encoded === undefined) return "";
  return new TextDecoder().decode(Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0)));
}

// --- elements

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function drawn(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Only what is another text is written, so that a screen reader is not told the same again.
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const tell = (sentence) => say(byId("told"), sentence);

// --- asking

class Refused extends Error {}

async function answer(response) {
  let body = null;
  try { body = await response.json(); } catch { /* An answer that is no JSON says no more than its status. */ }
  if (response.ok && body) return body;
  const error = body?.error;
  const sentence = error ? [error.message, error.hint].filter(Boolean).join("; ") : `the gateway answered ${response.status}`;
  throw new Refused(sentence);
}

const ask = async (path) => answer(await fetch(path, { cache: "no-store" }));

const sentence = (error) => (error instanceof Refused ? error.message : "the gateway does not answer; `vigie http` starts it");

// --- the stream of events

const jobs = new Map(); // by number, those that have not ended: their last events
let source = null;

function listen() {
  jobs.clear();
  source = new EventSource("/mcp/events");
  source.onopen = () => {
    link("up", "live");
    lists();
    activity();
  };
  source.onmessage = (message) => heard(JSON.parse(message.data));
  source.onerror = async () => {
    // A stream that broke off comes back by itself; one that was refused does not.
    const closed = source.readyState === EventSource.CLOSED;
    try {
      await ask("/health");
      link("waiting", "connecting");
    } catch (error) {
      link("down", "no daemon", sentence(error));
    }
    if (closed) setTimeout(listen, 2000);
  };
}

function link(state, word, trouble = "") {
  byId("link").dataset.state = state;
  say(byId("link-text"), word);
  say(byId("trouble"), trouble);
  byId("trouble").hidden = trouble === "";
}

function heard(event) {
  switch (event.type) {
    case "snapshot":
      if (event.reset) jobs.clear();
      event.jobs.forEach(step);
      break;
    case "progress": case "complete": case "error": case "cancelled":
      step(event);
      break;
    case "resync":
      // What comes next says it all anew.
      jobs.clear();
      break;
    case "project_event":
      soon(lists);
      break;
  }
  soon(draw, 0);
}

function step(event) {
  if (event.type === "progress") {
    if (!jobs.has(event.job)) soon(lists);
    jobs.set(event.job, event);
    return;
  }
  jobs.delete(event.job);
  tell(`${baseName(field(event, "project"))}: ${event.message}`);
  soon(lists);
}

// Things to be done soon, each once however often it is asked for.
const waiting = new Map();
function soon(work, ms = 250) {
  if (waiting.has(work)) return;
  waiting.set(work, setTimeout(() => { waiting.delete(work); work(); }, ms));
}

// --- jobs

const cards = new Map();

function draw() {
  const list = byId("live");
  for (const [number, card] of cards) {
    if (!jobs.has(number)) { card.root.remove(); cards.delete(number); }
  }
  for (const [number, event] of jobs) {
    if (!cards.has(number)) {
      const card = newCard(number, event);
      cards.set(number, card);
      list.append(card.root);
    }
    fill(cards.get(number), event);
  }
  byId("idle").hidden = jobs.size > 0;
  drawStanding();
}

function newCard(number, event) {
  const root = field(event, "project");
  const bar = element("i");
  const track = element("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": `Progress of ${baseName(root)}` }, bar);
  const stage = element("span");
  const left = element("span", { class: "left" });
  const file = element("p", { class: "file" });
  const cancel = element("button", { type: "button", "aria-label": `Cancel job ${number}, ${baseName(root)}`, onclick: () => cancelJob(number, cancel) }, "Cancel");
  const head = element("div", { class: "card-head" },
    element("div", { class: "title" }, element("b", {}, baseName(root)), element("span", { title: root }, root)), cancel);
  const made = element("li", {}, head, track, element("p", { class: "numbers" }, stage, left), file);
  made.dataset.job = number;
  return { root: made, bar, track, stage, left, file, cancel };
}

function fill(card, event) {
  const share = event.permille / 10;
  card.bar.style.width = `${share}%`;
  card.track.setAttribute("aria-valuenow", Math.floor(share));
  card.root.classList.toggle("paused", event.state === "paused");
  const state = event.state === "running" ? event.stage.replace("_", " ") : event.state;
  const of = event.total > 0 ? ` ${count(event.current)} of ${count(event.total)}` : "";
  say(card.stage, `${Math.floor(share)} % · ${state}${of}`);
  const left = [];
  if (event.state === "running" && event.rate > 0) left.push(perSecond(event.rate));
  if (event.state === "running" && event.eta_ms > 0) left.push(`${duration(event.eta_ms)} left`);
  if (event.errors > 0) left.push(counted(event.errors, "error"));
  say(card.left, left.join(" · "));
  const file = field(event, "file");
  say(card.file, file && event.file_ms >= 1000 ? `${file} (${duration(event.file_ms)})` : file || (event.state === "running" ? "" : event.message));
  card.file.title = card.file.textContent;
  if (event.state === "cancelling") card.cancel.disabled = true;
}

async function cancelJob(number, button) {
  button.disabled = true;
  try {
    await answer(await fetch(`/mcp/jobs/${number}/cancel`, { method: "POST" }));
    tell(`Job ${number} is being cancelled`);
  } catch (error) {
    button.disabled = false;
    note("start-note", sentence(error), true);
  }
}

function note(id, text, bad = false) {
  say(byId(id), text);
  byId(id).classList.toggle("bad", bad);
}

const ENDS = { done: ["✓", "good"], failed: ["✗", "bad"], cancelled: ["–", "warn"] };

function drawEnded(rows) {
  const now = Date.now();
  const ended = rows.filter((row) => row.state in ENDS).slice(0, 5);
  byId("ended-head").hidden = ended.length === 0;
  byId("ended").replaceChildren(...ended.map((row) => {
    const [sign, tone] = ENDS[row.state];
    const root = field(row, "project");
    const took = row.started_ms > 0 ? `, ${duration(row.ended_ms - row.started_ms)}` : "";
    return element("li", {},
      element("span", { class: tone, "aria-hidden": "true" }, sign),
      element("span", { class: "what", title: root }, element("b", {}, baseName(root)), ` ${row.message}${row.state === "done" ? took : ""}`),
      element("span", { class: "when" }, ago(now - row.ended_ms)));
  }));
}

// --- starting a job

async function start(path, force, button) {
  button.disabled = true;
  note("start-note", "");
  const leave = new AbortController();
  try {
    const response = await fetch("/mcp/index/stream", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ project_path: path, force_reindex: force }),
      signal: leave.signal,
    });
    if (!response.ok) await answer(response);
    const first = await firstEvent(response);
    if (first?.type === "error" && first.job === undefined) throw new Refused(first.message);
    if (first) tell(`Job ${first.job} indexes ${baseName(field(first, "project"))}`);
    return true;
  } catch (error) {
    note("start-note", sentence(error), true);
    return false;
  } finally {
    // The job goes on; the stream of all events tells of it.
    leave.abort();
    button.disabled = false;
  }
}

async function firstEvent(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return null;
    text += value;
    const data = text.split("\n").slice(0, -1).find((line) => line.startsWith("data: "));
    if (data) return JSON.parse(data.slice(6));
  }
}

byId("start").addEventListener("submit", async (event) => {
  event.preventDefault();
  const path = byId("path").value.trim();
  if (await start(path, byId("force").checked, event.submitter ?? event.target.querySelector("button"))) byId("path").value = "";
});

// --- projects

let projects = [];
const rows = new Map();

async function lists() {
  try {
    const [known, listed] = await Promise.all([ask("/mcp/projects"), ask("/mcp/jobs?ended=20")]);
    projects = known.projects;
    drawProjects();
    drawEnded(listed.jobs);
  } catch { /* The stream of events says when there is no daemon. */ }
}

function drawProjects() {
  const body = byId("projects");
  const roots = projects.map((project) => field(project, "root"));
  for (const [root, row] of rows) {
    if (!roots.includes(root)) { row.root.remove(); rows.delete(root); }
  }
  projects.forEach((project, at) => {
    const root = roots[at];
    if (!rows.has(root)) rows.set(root, newRow(root));
    const row = rows.get(root);
    if (body.children[at] !== row.root) body.insertBefore(row.root, body.children[at] ?? null);
    say(row.files, count(project.files));
    say(row.symbols, count(project.symbols));
    say(row.size, bytes(project.store_bytes));
    say(row.caution, [project.note, project.watch_note, ...project.warnings].filter(Boolean).join(" "));
    row.caution.hidden = row.caution.textContent === "";
  });
  byId("no-projects").hidden = projects.length > 0;
  const files = projects.reduce((sum, project) => sum + project.files, 0);
  say(byId("projects-note"), projects.length > 0 ? `${count(projects.length)}, with ${counted(files, "file")}` : "");
  drawStanding();
  choices(byId("where"), roots, (root) => element("option", { value: root }, baseName(root)));
  choices(byId("roots"), roots, (root) => element("option", { value: root }));
}

function newRow(root) {
  const standing = element("span");
  const files = element("td", { class: "number" });
  const symbols = element("td", { class: "number wide" });
  const size = element("td", { class: "number wide" });
  const caution = element("p", { class: "caution" });
  const again = element("button", { type: "button", "aria-label": `Index ${baseName(root)} again`, onclick: () => start(root, false, again) }, "Index");
  const made = element("tr", {},
    element("td", {}, element("b", {}, baseName(root)), element("p", { class: "root" }, root), caution),
    element("td", {}, standing), files, symbols, size, element("td", {}, again));
  return { root: made, standing, files, symbols, size, caution };
}

// How current an index is: what its job does, or else how old it is.
function drawStanding() {
  const now = Date.now();
  for (const project of projects) {
    const root = field(project, "root");
    const row = rows.get(root);
    if (!row) continue;
    const [text, tone] = standing(project, root, now);
    say(row.standing, text);
    row.standing.className = tone;
  }
}

function standing(project, root, now) {
  for (const event of jobs.values()) {
    if (field(event, "project") !== root) continue;
    const share = `${Math.floor(event.permille / 10)} %`;
    return event.state === "running" ? [`indexing ${share}`, "good"] : [`${event.state} ${share}`, "warn"];
  }
  if (project.indexed_ms === 0) return ["not complete", "warn"];
  if (project.watch === "watched") return ["current, watched", "good"];
  return [`as of ${ago(now - project.indexed_ms)}`, ""];
}

function choices(list, values, option) {
  const now = [...list.children].map((child) => child.value);
  if (now.length === values.length && now.every((value, at) => value === values[at])) return;
  const chosen = list.value;
  list.replaceChildren(...values.map(option));
  if (values.includes(chosen)) list.value = chosen;
}

// --- search

let asked = 0;

byId("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [words, project] = [byId("words").value.trim(), byId("where").value];
  if (!words) return;
  if (!project) return note("found", "No project is indexed yet.", true);
  asked += 1;
  const question = asked;
  note("found", "Searching …");
  try {
    const found = await ask(`/mcp/search?${new URLSearchParams({ project, q: words, limit: 10 })}`);
    // What was asked later is answered later.
    if (question !== asked) return;
    show(found.rows);
    const { elapsed_us, freshness, age_ms, coverage, notes } = found.summary;
    const stands = freshness === "fresh" ? "current" : `as of ${ago(age_ms)}`;
    const partial = coverage.complete ? "" : ", not complete yet";
    const places = found.rows.length === 0 ? "Nothing is about that" : counted(found.rows.length, "place");
    note("found", [`${places} · ${duration(elapsed_us / 1000)} · index ${stands}${partial}`, ...notes].join(" · "));
  } catch (error) {
    if (question !== asked) return;
    byId("results").replaceChildren();
    note("found", sentence(error), true);
  }
});

// The best first, so that what else is on the page stays in sight.
const SHOWN = 5;

function show(found) {
  const list = byId("results");
  list.replaceChildren(...found.slice(0, SHOWN).map(result));
  const rest = found.slice(SHOWN);
  if (rest.length === 0) return;
  const more = element("li", { class: "more" }, element("button", { type: "button", onclick: () => {
    const made = rest.map(result);
    more.replaceWith(...made);
    made[0].querySelector("button").focus();
  } }, `Show ${rest.length} more`));
  list.append(more);
}

function result(row) {
  const path = field(row, "path");
  const line = row.line ?? row.start_line;
  const place = `${path}:${line}`;
  const button = element("button", { type: "button", class: "place", title: "Copy this place" }, place);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(place);
      tell(`Copied ${place}`);
    } catch { tell("The browser does not let a page copy here"); }
  });
  const item = element("li", {});
  if (row.name) {
    item.append(element("p", {}, element("span", { class: "name" }, row.qualified), " ", element("span", { class: "kind" }, row.kind)));
  }
  item.append(button);
  const shown = row.snippet ? field(row.snippet, "text") : "";
  if (row.signature && !shown.includes(row.signature)) item.append(element("pre", {}, row.signature));
  if (row.snippet) {
    const code = element("pre", {}, element("span", { class: "line" }, `${row.snippet.line}  `));
    code.append(...marked(shown, row.snippet.spans));
    item.append(code);
  }
  return item;
}

// Spans count bytes of UTF-8.
function marked(text, spans) {
  const encoded = new TextEncoder().encode(text);
  const part = (from, to) => new TextDecoder().decode(encoded.slice(from, to));
  const parts = [];
  let at = 0;
  for (const { start, end } of spans) {
    if (start < at) continue;
    parts.push(part(at, start), element("mark", {}, part(start, end)));
    at = end;
  }
  parts.push(part(at));
  return parts;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId("words").focus();
  }
});

// --- what goes on, and what took long

async function activity() {
  if (document.hidden || byId("link").dataset.state !== "up") return;
  try {
    const now = await ask("/mcp/activity");
    const workers = now.workers.reduce((sum, worker) => sum + worker.memory_bytes, 0);
    facts({
      up: duration(now.uptime_ms),
      memory: bytes(now.memory_bytes + workers),
      workers: count(now.workers.length),
      clients: count(now.clients.length),
    });
    drawSlow(now);
  } catch { /* The stream of events says when there is no daemon. */ }
}

function facts(values) {
  const list = byId("facts");
  for (const [name, value] of Object.entries(values)) {
    let fact = list.querySelector(`[data-fact="${name}"]`);
    if (!fact) {
      fact = element("div", {}, element("dt", {}, name), element("dd"));
      fact.dataset.fact = name;
      list.append(fact);
    }
    say(fact.querySelector("dd"), value);
  }
}

function drawSlow(now) {
  const slow = [...now.slow_files].sort((a, b) => b.elapsed_us - a.elapsed_us).slice(0, 8);
  const most = slow[0]?.elapsed_us ?? 1;
  byId("slow").replaceChildren(...slow.map((file) => {
    const path = field(file, "path");
    const scale = element("div", { class: "scale" });
    scale.style.width = `${Math.max(1, (file.elapsed_us / most) * 100)}%`;
    const of = [baseName(field(file, "project")), file.language, bytes(file.bytes)].filter(Boolean).join(" · ");
    return element("li", {},
      element("p", { class: "row" }, element("span", { class: "mono", title: path }, path), element("b", {}, duration(file.elapsed_us / 1000))),
      element("p", { class: "of" }, of), scale);
  }));
  byId("no-slow").hidden = slow.length > 0;
  say(byId("slow-note"), `from ${duration(now.slow_file_us / 1000)} on`);
}

// --- the chart: files a second, of all jobs together

const SPAN_MS = 60000;
const TICK_MS = 500;
const points = [];

function tick() {
  const now = Date.now();
  let rate = 0;
  for (const event of jobs.values()) {
    if (event.state === "running") rate += event.rate;
  }
  points.push({ at: now, rate });
  while (points.length > 0 && points[0].at < now - SPAN_MS) points.shift();
  drawChart(now, rate);
}

function drawChart(now, rate) {
  const [width, height] = [600, 150];
  const peak = points.reduce((most, point) => Math.max(most, point.rate), 0);
  const top = Math.max(peak * 1.1, 1);
  const x = (at) => (width - ((now - at) / SPAN_MS) * width).toFixed(1);
  const y = (value) => (height - (value / top) * height).toFixed(1);
  const curve = points.map((point) => `${x(point.at)},${y(point.rate)}`).join(" ");
  const chart = byId("chart");
  if (chart.children.length === 0) {
    for (const share of [0, 0.5, 1]) {
      chart.append(drawn("line", { class: "grid", x1: 0, x2: width, y1: height * share, y2: height * share }));
    }
    chart.append(drawn("polygon", { class: "area" }), drawn("polyline", { class: "curve" }));
  }
  const first = points.length > 0 ? x(points[0].at) : width;
  chart.querySelector(".area").setAttribute("points", `${first},${height} ${curve} ${width},${height}`);
  chart.querySelector(".curve").setAttribute("points", curve);
  say(byId("rate-now"), jobs.size > 0 ? perSecond(rate) : "at rest");
  say(byId("rate-peak"), peak > 0 ? `most ${perSecond(peak)}` : "");
}

// --- to work

// The token came in the address, and is in a cookie now.
if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", "/");

listen();
draw();
tick();
setInterval(tick, TICK_MS);
setInterval(activity, 2000);
setInterval(() => { if (!document.hidden) { drawStanding(); soon(lists); } }, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { activity(); soon(lists); } });
