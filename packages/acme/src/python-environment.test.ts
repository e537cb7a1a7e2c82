// The lines do in a shell what they say, whatever is in a path, and hold no secret.
import { execFileSync } from "node:child_process";
import type { ClusterDirectory, Contact } from "@acme/credentials";
import { expect, it } from "vitest";
import { exportLines, pythonEnvironment } from "./python-environment.js";

function environment(folder: string, address: string): Map<string, string> {
  const file = (name: string) => `${folder}/${name}`;
  const files = { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
  const security = { ca: "CA", cert: "CERT", key: "SECRET" };
  const directory = { name: "x", folder, files, security, token: "SECRET" };
  return pythonEnvironment({
    directory: directory as unknown as ClusterDirectory,
    contact: { address } as Contact,
  });
}

it.each(["/tmp/plain", '/tmp/it\'s $HOME `x` "y"\n\\'])(
  "is understood by a shell: %s",
  (folder) => {
    const variables = environment(folder, "tls://127.0.0.1:8786");
    const script = `${exportLines(variables)}env -0`;
    const found = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0");
    for (const [name, value] of variables) expect(found).toContain(`${name}=${value}`);
    expect(found).toContain(`DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY=${folder}/key.pem`);
    expect(variables.size).toBe(9);
    expect(script).not.toContain("SECRET");
  },
);

it("turns encryption off again for a cluster without", () => {
  expect([...environment("/tmp/x", "tcp://127.0.0.1:1")]).toEqual([
    ["DASK_SCHEDULER_ADDRESS", "tcp://127.0.0.1:1"],
    ["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "False"],
  ]);
});
