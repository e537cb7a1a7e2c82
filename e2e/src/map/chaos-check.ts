// What must hold of a run's folder after it was interrupted and gone on with: every result once and
// right, for h5py and for h5wasm, and nothing left over. Says what does not hold, and nothing else.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { File, ready } from "h5wasm/node";

const python = `
import h5py, os, sys
folder, count = sys.argv[1], int(sys.argv[2])
for i in range(count):
    path = f"{folder}/chaotic_payload/chaotic_{i}.h5"
    if i % 50 == 7:
        if not os.path.exists(path.replace(".h5", ".msgpack")): print(f"no result {i}")
        continue
    try:
        with h5py.File(path, "r") as f:
            found = f["result_0"][()].tolist()
            if found != [i, i * i] or f.attrs["task_id"] != i: print(f"result {i} is {found}")
    except Exception as e:
        print(f"result {i}: {e}")
with h5py.File(f"{folder}/chaotic.h5", "r") as f:
    done = f["completed"][()].tolist()
    rows = f["result_0"][()].tolist()
    wrong = [i for i in range(count) if i % 50 != 7 and (not done[i] or rows[i] != [i, i * i])]
    if wrong: print(f"the container does not show {wrong}")
`;

/** @returns one line per thing that is not as it must be */
export async function checkRun(folder: string, count: number): Promise<string[]> {
  const wrong: string[] = [];
  const twice = `${folder}.twice`;
  if (existsSync(twice)) {
    wrong.push(`made although its file was there: ${readFileSync(twice, "utf8").trim()}`);
  }
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  wrong.push(...files.filter((name) => name.endsWith(".tmp")).map((name) => `left over: ${name}`));
  const payload = readdirSync(join(folder, "chaotic_payload"));
  if (payload.length !== count) wrong.push(`${payload.length} files of ${count}`);
  const { all } = await execa("/usr/bin/python3", ["-c", python, folder, `${count}`], {
    all: true,
    reject: false,
  });
  wrong.push(...all.split("\n").filter((line) => line !== ""));
  wrong.push(...(await unreadableByHdf5v2(folder, payload)));
  return wrong;
}

/** A tenth of the files, since the other reader has seen all. */
async function unreadableByHdf5v2(folder: string, payload: readonly string[]): Promise<string[]> {
  (await ready).activate_throwing_error_handler();
  const wrong: string[] = [];
  const some = payload.filter((name, at) => at % 10 === 0 && name.endsWith(".h5"));
  for (const name of [...some.map((file) => `chaotic_payload/${file}`), "chaotic.h5"]) {
    try {
      const file = new File(join(folder, name), "r");
      const found = file.get("result_0");
      if (found === null) wrong.push(`${name} has no result_0`);
      file.close();
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`);
    }
  }
  return wrong;
}
