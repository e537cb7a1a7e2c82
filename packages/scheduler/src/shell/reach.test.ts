// A machine that answers, even while nobody there accepts, and one where nobody listens.
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { whyUnreachable } from "./reach.js";

it("reaches a port whose program does nothing, and not one without a program", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  expect(await whyUnreachable(`tls://127.0.0.1:${port}`)).toBeNull();
  await new Promise((resolve) => server.close(resolve));
  expect(await whyUnreachable(`tls://127.0.0.1:${port}`)).toMatch(/ECONNREFUSED/);
});

it("says nothing of workers in this process", async () => {
  expect(await whyUnreachable("inproc://1/2")).toBeNull();
});
