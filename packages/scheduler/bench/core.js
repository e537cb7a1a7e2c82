// Cost of the scheduler core alone: events are built directly and answered by fake workers that
// finish everything at once. Prints microseconds and bytes per task, and the longest step.
// Times are CPU times, so that a busy machine does not matter much.
// Run: node --expose-gc packages/scheduler/bench/core.js [tasks] [workers] (after a build)
import { Serialized } from "@acme/protocol";
import { clearOutbox, newOutbox, newState, step } from "../dist/core/index.js";

const startstops = [
  new Map([
    ["action", "compute"],
    ["start", 0],
    ["stop", 0.00001],
  ]),
];
const startMs = 1_700_000_000_000;

function mapGraph(count, slabTasks = 4096) {
  const frames = [];
  for (let first = 0; first < count; first += slabTasks) {
    const n = Math.min(slabTasks, count - first);
    const offsets = new Uint32Array(n + 1);
    for (let i = 0; i <= n; i++) offsets[i] = i * 8;
    frames.push(new Uint8Array(offsets.buffer), new Uint8Array(n * 8));
  }
  return {
    templates: [
      { id: "t", name: "noop", body: Serialized.acme([new Uint8Array(100)]), dependencies: [] },
    ],
    keys: Array.from({ length: count }, (_, i) => `noop-0123456789abcdef0123456789abcdef-${i}`),
    external: [],
    template_of: 0,
    slab_tasks: slabTasks,
    items: Serialized.acme(frames),
    buffers: null,
    buffer_of: new Map(),
    dependencies: null,
    desired: "all",
    constraints: [],
    constraint_of: -1,
    retries: 0,
    user_priority: 0,
  };
}

function register(state, out, workers) {
  const events = [
    { type: "client-registered", requestId: 1, link: 1, client: "Client-1", acme: 1 },
  ];
  for (let i = 0; i < workers; i++) {
    events.push({
      type: "worker-registered",
      requestId: 2 + i,
      link: 2 + i,
      registration: {
        op: "register-worker",
        address: `tcp://10.0.${i >> 8}.${i & 255}:1`,
        status: "running",
        nthreads: 1,
        name: `w${i}`,
        now: 0,
        resources: new Map(),
        memory_limit: null,
        nanny: null,
        metrics: new Map(),
        extra: new Map([
          ["lang", "js"],
          ["acme", 1],
        ]),
        stimulus_id: "s",
        server_id: `s${i}`,
      },
    });
  }
  step(state, events, startMs, out);
  clearOutbox(out);
}

function run(count, workers) {
  const graph = mapGraph(count);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const state = newState({ id: "bench", startedMs: startMs });
  const out = newOutbox();
  register(state, out, workers);
  let nowMs = startMs;
  let spent = 0;
  let longest = 0;
  let steps = 0;
  const timed = (events) => {
    const start = process.cpuUsage();
    nowMs += 1;
    step(state, events, nowMs, out);
    const used = process.cpuUsage(start);
    const took = (used.user + used.system) / 1000;
    spent += took;
    steps += 1;
    return took;
  };
  const inSlices = (events) => {
    let took = timed(events);
    while (out.wakeAtMs <= nowMs) {
      out.wakeAtMs = Number.POSITIVE_INFINITY;
      took += timed([]);
    }
    return took;
  };
  const submit = inSlices([
    {
      type: "client-messages",
      link: 1,
      messages: [{ op: "update-graph", graph, sequence: 0, keys: [] }],
    },
  ]);
  globalThis.gc?.();
  const queuedBytes = process.memoryUsage().heapUsed - before;
  let done = 0;
  while (done < count) {
    const events = [];
    for (const [link, messages] of out.links) {
      const finished = [];
      for (const message of messages) {
        if (message.op !== "compute-task") continue;
        finished.push({
          op: "task-finished",
          key: message.key,
          run_id: message.run_id,
          nbytes: 8,
          type: null,
          typename: "number",
          startstops,
          stimulus_id: "finished",
        });
      }
      if (finished.length > 0) events.push({ type: "worker-messages", link, messages: finished });
      done += finished.length;
    }
    if (events.length === 0) throw new Error(`stuck at ${done}`);
    clearOutbox(out);
    longest = Math.max(longest, timed(events));
  }
  clearOutbox(out);
  globalThis.gc?.();
  const doneBytes = process.memoryUsage().heapUsed - before;
  const keys = graph.keys;
  const release = inSlices([
    { type: "client-messages", link: 1, messages: [{ op: "client-releases-keys", keys }] },
  ]);
  const us = (spent * 1000) / count;
  console.log(
    `${count} tasks, ${workers} workers: ${us.toFixed(2)} us/task in ${steps} steps; ` +
      `graph ${submit.toFixed(0)} ms, release ${release.toFixed(0)} ms, longest other step ` +
      `${longest.toFixed(1)} ms; bytes/task queued ${(queuedBytes / count).toFixed(0)}, ` +
      `done ${(doneBytes / count).toFixed(0)} (keys excluded: they are the graph's)`,
  );
  if (state.tasks.size !== 0) throw new Error("tasks are left");
}

const sizes = process.argv[2] === undefined ? [100_000, 1_000_000] : [Number(process.argv[2])];
const fleets = process.argv[3] === undefined ? [64, 1000] : [Number(process.argv[3])];
for (const workers of fleets) for (const count of sizes) run(count, workers);
