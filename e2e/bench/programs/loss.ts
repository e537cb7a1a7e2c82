// Two layers of tasks during which a worker is killed by whoever measures, when told "kill".
// The Python program of the same name does the same.
import { workerLoss } from "../path/quality.js";
import { serve } from "./serve.js";

await serve(async (client, { workers }) => {
  const kill = () => void process.stdout.write("kill\n");
  const { seconds, idealSeconds } = await workerLoss(client, { slots: workers, kill });
  return { seconds, idealSeconds };
});
