// The HTTP server of a real `acme-scheduler`, as others on the machine meet it: without the token
// nobody sees more than that it lives, and the token is nowhere but in its file.
import { expect, it } from "vitest";
import { processesWith } from "../commands/processes.js";
import { NamedCluster } from "./named-cluster.js";

it("refuses without a token, and tells the token to nobody", async () => {
  await using cluster = await new NamedCluster("guarded").started();
  const { pageUrl, token, httpPort } = cluster;
  const ask = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(pageUrl + path, { headers })).status;
  expect(await ask("/health")).toBe(200);
  for (const path of ["/", "/status", "/status.js", "/status.css", "/status.json", "/metrics"]) {
    expect([path, await ask(path)]).toEqual([path, 401]);
    expect([path, await ask(path, { authorization: "Bearer x" })]).toEqual([path, 401]);
    expect([path, await ask(path, { authorization: `Bearer ${token}` })]).toEqual([path, 200]);
  }
  expect(await ask(`/status?token=${token}`)).toBe(401); // fetch keeps no cookie for the redirect
  expect(processesWith(token)).toEqual([]);
  cluster.scheduler.kill("SIGTERM");
  const { all } = await cluster.scheduler;
  expect(all).toContain(
    `Status page at: http://127.0.0.1:${httpPort}/status (npx @acme/acme status`,
  );
  expect(all).toMatch(new RegExp(`ssh -L ${httpPort}:127\\.0\\.0\\.1:${httpPort} \\S+@\\S+`));
  expect(all).not.toContain(token);
});
