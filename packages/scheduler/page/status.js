// Shows /status.json once a second. Whatever comes from the cluster is set as text, never as HTML.
const byId = (id) => document.getElementById(id);
const number = (value) => Math.round(value).toLocaleString("en");
const percent = (part, whole) => (whole > 0 ? Math.min(100, (100 * part) / whole) : 0);
const clock = (ms) => new Date(ms).toLocaleTimeString();
const tones = { memory: "done", processing: "running", erred: "failed", "no-worker": "warn" };
let last;

function bytes(value) {
  const step = value < 1024 ? 0 : Math.min(5, Math.floor(Math.log2(value) / 10));
  const amount = value / 1024 ** step;
  return `${amount.toFixed(amount < 10 && step > 0 ? 1 : 0)} ${step > 0 ? `${"KMGTP"[step - 1]}i` : ""}B`;
}

function time(ms) {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** One child per item. Children stay, and what is the same is not touched: a selection stays. */
function each(parent, tag, items, show) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) parent.append(document.createElement(tag));
  for (const [i, item] of items.entries()) show(parent.children[i], item);
}

/** Texts, each with a tone: `[tag, text, tone]`; for a bar `["div", [[share, tone], …]]`. */
function fill(parent, parts) {
  while (parent.children.length < parts.length) {
    parent.append(document.createElement(parts[parent.children.length][0]), " ");
  }
  for (const [i, [, content, tone = ""]] of parts.entries()) {
    const child = parent.children[i];
    child.className = typeof content === "string" ? tone : "bar";
    if (typeof content !== "string") {
      each(child, "i", content, (piece, [share, color]) => {
        piece.className = color;
        piece.style.width = `${share}%`;
      });
    } else if (child.textContent !== content) child.textContent = content;
  }
}

const cells = (row, values) => each(row, "td", values, (cell, parts) => fill(cell, parts));
const text = (content, tone, note = "") => [
  ["span", content, tone],
  ["small", note],
];

const level = (share, tone = "running") => ["div", [[share, tone]]];
const doneOf = ({ made, open, failed }) => Math.max(0, made - open - failed);
const progress = (one) => [
  "div",
  [
    [percent(doneOf(one), one.made), "done"],
    [percent(one.failed, one.made), "failed"],
    [percent(one.states.processing, one.made), "running"],
  ],
];

function showFunction(row, one) {
  const { states, made, open, failed, durationMs } = one;
  cells(row, [
    text(one.name),
    [progress(one)],
    text(`${number(doneOf(one))} of ${number(made)}`),
    text(number(states.processing)),
    text(number(open - states.processing), states["no-worker"] > 0 ? "warn" : ""),
    text(number(failed), failed > 0 ? "failed" : ""),
    text(durationMs === null ? "–" : time(durationMs)),
  ]);
}

function showWorker(row, one) {
  const { memoryBytes: used, memoryLimitBytes: limit, spilledBytes: spilled } = one;
  const share = percent(used, limit);
  const silentMs = Math.max(0, last.atMs - one.lastSeenMs);
  cells(row, [
    text(one.name, "", one.name === one.address ? "" : one.address),
    [level(share, share > 80 ? "failed" : share > 60 ? "warn" : "running")],
    text(used === null ? "–" : bytes(used), "", limit === null ? "" : `of ${bytes(limit)}`),
    text(bytes(one.heldBytes), "", spilled > 0 ? `${bytes(spilled)} on disk` : ""),
    text(number(one.threads)),
    text(number(one.executing)),
    text(number(one.ready)),
    text(one.status, one.status === "running" ? "" : "warn"),
    text(silentMs < 5000 ? "now" : `${time(silentMs)} ago`, silentMs > 30_000 ? "warn" : ""),
  ]);
}

function showTotals(now, before) {
  const { tasks, memory, functions, threads } = now;
  const add = (field) => functions.reduce((sum, one) => sum + one[field], 0);
  const sum = { made: add("made"), open: add("open"), states: tasks };
  const passedMs = now.atMs - before.atMs;
  const speed = (1000 * (now.ended.finished - before.ended.finished)) / (passedMs || 1);
  const busy = percent(now.loop.busyMs - before.loop.busyMs, passedMs);
  const used = level(percent(memory.usedBytes, memory.limitBytes));
  const working = Math.min(tasks.processing, threads);
  const of = memory.limitBytes > 0 ? `of ${bytes(memory.limitBytes)} ` : "";
  const spilled = memory.spilledBytes > 0 ? `, ${bytes(memory.spilledBytes)} on disk` : "";
  const tiles = [
    [`${number(doneOf(sum))} of ${number(sum.made)}`, "tasks done", progress(sum)],
    [number(working), `of ${number(threads)} threads at work`, level(percent(working, threads))],
    [bytes(memory.usedBytes), `${of}memory used${spilled}`, used],
    [number(speed), `tasks per second, scheduler ${Math.round(busy)} % busy`, level(busy)],
  ];
  each(byId("tiles"), "div", tiles, (tile, [value, note, bar]) => {
    fill(tile, [["b", value], ["small", note], bar]);
  });
}

function show(now) {
  const before = last ?? now;
  last = now;
  const { functions, workers, tasks, clients } = now;
  const people = `${number(clients)} client${clients === 1 ? "" : "s"}`;
  byId("about").textContent = `up ${time(now.atMs - now.startedMs)}, ${people}`;
  showTotals(now, before);
  const states = Object.entries(tasks).filter(([name]) => name !== "forgotten");
  each(byId("states"), "span", states, (one, [name, count]) =>
    fill(one, [
      ["b", number(count), count > 0 ? tones[name] : ""],
      ["span", name],
    ]),
  );
  each(byId("functions"), "tr", functions, showFunction);
  each(byId("workers"), "tr", workers, showWorker);
  const more = (all, shown) => (all > shown ? `and ${number(all - shown)} more` : "");
  byId("more-functions").textContent = more(now.functionCount, functions.length);
  byId("more-workers").textContent = more(now.workerCount, workers.length);
  each(byId("events"), "li", now.notices, (line, { atMs, level, text }) =>
    fill(line, [
      ["time", clock(atMs)],
      ["span", text, /warn|error/.test(level) ? "warn" : ""],
    ]),
  );
}

async function poll() {
  let state = ["live", "done"];
  try {
    const answer = await fetch("status.json");
    if (answer.ok) show(await answer.json());
    else state = [(await answer.text()).split("\n")[0], "failed"];
  } catch {
    state = [`no answer since ${clock(last?.atMs ?? Date.now())}`, "failed"];
  }
  Object.assign(byId("contact"), { textContent: state[0], className: state[1] });
  setTimeout(poll, 1000);
}
poll();
