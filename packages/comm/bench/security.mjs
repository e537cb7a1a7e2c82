// Certificates for the benchmark of encrypted transports.
import { generate } from "selfsigned";

const options = { keyType: "ec", algorithm: "sha256" };

export async function makeSecurity() {
  const authority = await generate([{ name: "commonName", value: "bench authority" }], {
    ...options,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const leaf = await generate([{ name: "commonName", value: "bench peer" }], {
    ...options,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: "extKeyUsage", serverAuth: true, clientAuth: true }],
  });
  return { ca: authority.cert, cert: leaf.cert, key: leaf.private };
}
