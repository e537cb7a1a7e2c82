// The limit of dense groups; that readers find their links is tested with whole files.
import { expect, test } from "vitest";
import { encodeDenseLinks } from "./dense-links.js";
import { FileBody } from "./file-body.js";
import { encodeLink } from "./links.js";

test("more links than HDF5 can keep in one block are refused", () => {
  const target = { type: "soft-link", path: "x".repeat(60_000) } as const;
  const link = encodeLink("name", target, 0);
  const links = new Array<typeof link>(40_000).fill(link);
  expect(() => encodeDenseLinks(links, new FileBody(48))).toThrow(
    expect.objectContaining({ code: "message-too-large" }),
  );
});
