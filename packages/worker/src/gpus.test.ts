// GPUs of a node among the workers of a command: what the batch system gave, each announced once.
import { expect, it } from "vitest";
import { shareGpus, visibleGpus } from "./gpus.js";

it("uses what the batch system gave, whatever was asked for", () => {
  expect(visibleGpus(2, {})).toEqual(["0", "1"]);
  expect(visibleGpus(2, { CUDA_VISIBLE_DEVICES: "3,5" })).toEqual(["3", "5"]);
  expect(visibleGpus(1, { CUDA_VISIBLE_DEVICES: "GPU-8f2,MIG-1a" })).toEqual(["GPU-8f2", "MIG-1a"]);
  expect(visibleGpus(1, { SGE_HGR_gpu: "2 3 " })).toEqual(["2", "3"]);
  expect(visibleGpus(1, { CUDA_VISIBLE_DEVICES: "" })).toEqual([]);
});

it.each([
  [
    4,
    2,
    [
      ["0", "1"],
      ["2", "3"],
    ],
    [2, 2],
  ],
  [3, 2, [["0", "1"], ["2"]], [2, 1]],
  [1, 3, [["0"], ["0"], ["0"]], [1, 0, 0]],
  [2, 3, [["0"], ["1"], ["0"]], [1, 1, 0]],
  [0, 2, [[], []], [0, 0]],
])("shares %i GPUs among %i workers", (gpus, workers, devices, announced) => {
  const shares = shareGpus(visibleGpus(gpus, {}), workers);
  expect(shares.map((share) => share.devices)).toEqual(devices);
  expect(shares.map((share) => share.announced)).toEqual(announced);
});
