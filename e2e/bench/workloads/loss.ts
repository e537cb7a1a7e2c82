// A worker dies in the middle of a computation: how much longer than needed that makes it.
// How processes are started and measured is not known here.
import { value, type Workload } from "../workload.js";

const workers = 4;

export const loss: Workload = {
  name: "worker-loss",
  measures:
    "400 tasks of 50 ms and 400 that read them on 4 workers, one of which is killed after 2 s: " +
    "time above the least possible, in which its 40 lost results are computed again",
  figures: [
    {
      name: "aboveOptimum",
      unit: "s",
      better: "less",
      must: [value(0.9)],
      moonshot: [value(0.3)],
    },
    { name: "seconds", unit: "s", better: "less" },
  ],
  bound: "what was in flight on the killed worker runs alone, in a process of its own",
  next: "let suspects begin before the process that isolates them is asked for",
  async run(repetition) {
    const cluster = await repetition.startCluster(workers);
    const program = await repetition.connect("loss", cluster);
    const { figures } = await repetition.work(program, cluster, async () => {
      await program.line("kill", 60_000);
      await cluster.workers[0]!.kill();
    });
    const { seconds, idealSeconds } = figures as { seconds: number; idealSeconds: number };
    return { aboveOptimum: seconds - idealSeconds, seconds };
  },
};
