// What the start line says is what a user types into a browser and a terminal.
import { hostname, userInfo } from "node:os";
import { expect, it } from "vitest";
import { httpLines } from "./http-lines.js";

const login = `${userInfo().username}@${hostname()}`;

it("tells where the page is, whence the token, and how to tunnel", () => {
  expect(httpLines({ host: "127.0.0.1", port: 8787 }, "analysis")).toEqual([
    "Status page at: http://127.0.0.1:8787/status " +
      "(npx @acme/acme status analysis prints the link with the token)",
    `To see it from another machine: ssh -L 8787:127.0.0.1:8787 ${login}`,
  ]);
});

it("names an address that can be opened", () => {
  const [page, tunnel] = httpLines({ host: "0.0.0.0", port: 1 }, "a");
  expect(page).toMatch(/^Status page at: http:\/\/127\.0\.0\.1:1\/status \(/);
  expect(tunnel).toContain("ssh -L 1:127.0.0.1:1 ");
  expect(httpLines({ host: "::1", port: 1 }, "a")[1]).toContain("ssh -L 1:[::1]:1 ");
});
