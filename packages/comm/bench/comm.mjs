// Measures connections between two processes on this machine: round trips, small messages per
// second alone and batched, and large payloads. Run after a build: node bench/comm.mjs [schemes].
import { fork } from "node:child_process";
import { connect, listen, RpcPool, Stream, serve } from "@acme/comm";
import { Serialized } from "@acme/protocol";
import { makeSecurity } from "./security.mjs";

const repetitions = Number(process.env.REPETITIONS ?? 5);
const payloadBytes = 8e6;
const encrypted = (scheme) => scheme === "tls" || scheme === "wss";

if (process.argv[2] === "--serve") await runServer(process.argv[3]);
else await runClient(process.argv.slice(2));

async function runServer(scheme) {
  const payload = new Serialized({ serializer: "dask" }, [Buffer.alloc(payloadBytes, 1)]);
  const handlers = {
    echo: (request) => request.get("data"),
    get: () => ({ status: "OK", data: payload }),
    put: () => "OK",
    stream: (_request, context) => {
      const connection = context.takeOver();
      let left = 0;
      const stream = new Stream(connection, {
        onBatch: (messages) => {
          for (const message of messages) {
            if (message.get("op") === "start") left = message.get("count");
            else left -= 1;
            if (left === 0) stream.push({ op: "done" });
          }
        },
      });
    },
  };
  process.once("message", async (security) => {
    const onConnection = (connection) => void serve(connection, handlers);
    const listener = await listen(`${scheme}://127.0.0.1:0`, {
      onConnection,
      security: security ?? undefined,
    });
    process.send(listener.address);
  });
  process.once("disconnect", () => process.exit());
}

async function runClient(schemes) {
  for (const scheme of schemes.length > 0 ? schemes : ["tcp", "ws"]) {
    const security = encrypted(scheme) ? await makeSecurity() : undefined;
    const child = fork(import.meta.filename, ["--serve", scheme], { stdio: "inherit" });
    const address = await new Promise((resolve) => {
      child.once("message", resolve);
      child.send(security ?? null);
    });
    await measure(scheme, address, { security });
    child.disconnect();
  }
}

async function measure(scheme, address, options) {
  const rtt = await roundTrips(address, options);
  print(
    scheme,
    "round trip, one call at a time, p50 us",
    rtt.map((run) => run.p50),
  );
  print(
    scheme,
    "round trip, one call at a time, p99 us",
    rtt.map((run) => run.p99),
  );
  for (const perTurn of [1, 10, 100, 1000]) {
    const rates = await oneWay(address, options, perTurn);
    print(scheme, `one way, ${perTurn} messages a turn, thousand/s`, rates);
  }
  print(scheme, "payload of 8 MB fetched (onread), MB/s", await payloads(address, options, "get"));
  print(scheme, "payload of 8 MB sent (accepted), MB/s", await payloads(address, options, "put"));
}

async function roundTrips(address, options) {
  const pool = new RpcPool(options);
  const request = { op: "echo", data: "x".repeat(40) };
  const runs = [];
  for (let repetition = -1; repetition < repetitions; repetition++) {
    const times = [];
    for (let i = 0; i < 5000; i++) {
      const started = performance.now();
      await pool.call(address, request);
      times.push(1000 * (performance.now() - started));
    }
    times.sort((a, b) => a - b);
    if (repetition >= 0) runs.push({ p50: times[2500], p99: times[4950] });
  }
  await pool.close();
  return runs;
}

async function oneWay(address, options, perTurn) {
  const total = perTurn === 1 ? 50_000 : 300_000;
  const connection = await connect(address, options);
  connection.send({ op: "stream" });
  let done;
  const stream = new Stream(connection, { onBatch: () => done() });
  const message = { op: "task-finished", key: `x-${"0".repeat(30)}`, nbytes: 28, run_id: 1, i: 0 };
  const rates = [];
  for (let repetition = -1; repetition < repetitions; repetition++) {
    const finished = new Promise((resolve) => {
      done = resolve;
    });
    const started = performance.now();
    stream.push({ op: "start", count: total });
    for (let sent = 0; sent < total; sent += perTurn) {
      for (let i = 0; i < perTurn; i++) stream.push(message);
      if (stream.writableLength > 2 ** 20) await stream.drained();
      await new Promise(setImmediate);
    }
    await finished;
    if (repetition >= 0) rates.push(total / (performance.now() - started));
  }
  connection.abort();
  return rates;
}

async function payloads(address, options, op) {
  const pool = new RpcPool(options);
  const data = new Serialized({ serializer: "dask" }, [Buffer.alloc(payloadBytes, 1)]);
  const request = op === "put" ? { op, data } : { op };
  const rates = [];
  for (let repetition = -1; repetition < repetitions; repetition++) {
    const started = performance.now();
    for (let i = 0; i < 25; i++) await pool.call(address, request);
    const seconds = (performance.now() - started) / 1000;
    if (repetition >= 0) rates.push((25 * payloadBytes) / 1e6 / seconds);
  }
  await pool.close();
  return rates;
}

function print(scheme, what, values) {
  const sorted = values.toSorted((a, b) => a - b);
  const show = (value) => value.toFixed(value < 100 ? 1 : 0);
  const median = sorted[Math.floor(sorted.length / 2)];
  const range = `[${show(sorted[0])}..${show(sorted.at(-1))}]`;
  console.log(`${scheme.padEnd(4)} ${what.padEnd(52)} ${show(median).padStart(8)} ${range}`);
}
