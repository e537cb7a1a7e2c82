// Goal: Python's own dask gets in with the cluster's files, as its settings name them, and is told
// off without. Method: the newest release of distributed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { TestFolder } from "../commands/processes.js";
import { pythonFor } from "../python/site.js";
import { ClusterSite } from "./cluster-site.js";

const program = `
import asyncio, dask, json, ssl, time
from distributed import Security
from distributed.comm import connect

async def main():
    address = dask.config.get("scheduler-address")
    arguments = Security().get_connection_args("client")
    arguments["ssl_context"].verify_flags |= ssl.VERIFY_X509_STRICT
    comm = await connect(address, timeout=20, **arguments)
    await comm.write({"op": "identity", "reply": True})
    identity = await comm.read()
    await comm.close()
    started = time.monotonic()
    try:
        await connect(address.replace("tls", "tcp"), timeout=20)
        refusal = "none"
    except OSError as error:
        refusal = str(error)
    print(json.dumps([identity["type"], identity["address"], refusal, time.monotonic() - started]))

asyncio.run(main())
`;

it("shakes hands with Python's dask, and turns it away in plaintext", async (context) => {
  const python = pythonFor(context);
  using folder = new TestFolder();
  await using site = await ClusterSite.start("bilingual", "--port", "0");
  const { files, contact } = site.directory;
  const { address } = contact()!;
  const file = join(folder.path, "client.py");
  writeFileSync(file, program);
  const { stdout } = await execa(python, [file], {
    env: {
      DASK_SCHEDULER_ADDRESS: address,
      DASK_DISTRIBUTED__COMM__TLS__CA_FILE: files.ca,
      DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT: files.cert,
      DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY: files.key,
    },
  });
  const [type, itsAddress, refusal, seconds] = JSON.parse(stdout) as [
    string,
    string,
    string,
    number,
  ];
  expect([type, itsAddress]).toEqual(["Scheduler", address]);
  expect(refusal).not.toBe("none");
  expect(seconds).toBeLessThan(1);
  expect(site.said).toMatch(/it speaks no TLS; it must connect with tls:\/\//);
});
