// What is known of a cluster whose scheduler somebody else started. Several may have their workers
// there, so the tag of our jobs is our own.
import { randomBytes } from "node:crypto";
import type { Access } from "@acme/credentials";
import type { ClusterPlace } from "../cluster-parts.js";

export function foreignCluster({ directory, address }: Access): {
  directory: ClusterPlace;
  tag: string;
} {
  const name = directory?.name ?? address.replace(/^.*:\/\//, "").replaceAll(/[^\w.-]/g, "-");
  const tag = `acme:${name}:${randomBytes(4).toString("hex")}`;
  return { directory: { name, folder: directory?.folder ?? null, remove: () => {} }, tag };
}
