// What a worker process finds in its environment, and that the user has the last word.
import { expect, it } from "vitest";
import { childEnvironment } from "./child-environment.js";

it("returns freed memory and uses one thread per task, as dask's workers do", () => {
  expect(childEnvironment({ PATH: "/bin" })).toEqual({
    PATH: "/bin",
    MALLOC_TRIM_THRESHOLD_: "65536",
    OMP_NUM_THREADS: "1",
    MKL_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
  });
});

it("leaves what the user has set", () => {
  expect(childEnvironment({ OMP_NUM_THREADS: "4" })).toMatchObject({ OMP_NUM_THREADS: "4" });
});
