// Runs all cases on one side: most of them one after another on a cluster that lives long, those
// that harm it on one of their own. Judges nothing.
import { PythonCluster, type Side } from "./cluster.js";
import { type Case, type Outcome, runCases } from "./topic.js";

/** For a cluster to be whole again after a case. */
const recoveryMs = 15_000;

export interface SideOptions {
  readonly side: Side;
  readonly python: string;
  readonly report: (one: Case, outcome: Outcome) => void;
}

/** @returns the outcome of every case */
export async function runSide(
  cases: readonly Case[],
  options: SideOptions,
): Promise<Map<Case, Outcome>> {
  const outcomes = new Map<Case, Outcome>();
  const take = (one: Case, outcome: Outcome) => {
    outcomes.set(one, outcome);
    options.report(one, outcome);
  };
  const { side, python } = options;
  const shared = new SharedCluster(side, python);
  try {
    for (const group of groupsOf(cases.filter(({ ownCluster }) => !ownCluster))) {
      await runGroup(group, shared, take);
    }
  } finally {
    await shared.stop();
  }
  for (const one of cases.filter(({ ownCluster }) => ownCluster)) {
    const alone = new SharedCluster(side, python);
    try {
      await runGroup([one], alone, take);
    } finally {
      await alone.stop();
    }
  }
  return outcomes;
}

/** A cluster that is replaced when a case has spoilt it. */
class SharedCluster {
  readonly side: Side;
  readonly python: string;
  #cluster: PythonCluster | undefined;

  constructor(side: Side, python: string) {
    this.side = side;
    this.python = python;
  }

  async get(): Promise<PythonCluster> {
    if (this.#cluster !== undefined && !(await this.#cluster.isWhole(recoveryMs))) {
      await this.stop();
    }
    this.#cluster ??= await PythonCluster.start(this.side, this.python);
    return this.#cluster;
  }

  async stop(): Promise<void> {
    await this.#cluster?.stop();
    this.#cluster = undefined;
  }
}

function groupsOf(cases: readonly Case[]): Case[][] {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const group = groups.get(one.topic);
    if (group === undefined) groups.set(one.topic, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

async function runGroup(
  group: readonly Case[],
  shared: SharedCluster,
  take: (one: Case, outcome: Outcome) => void,
): Promise<void> {
  let left = group;
  while (left.length > 0) {
    const { env, said } = await clusterOf(shared);
    const { topic } = left[0]!;
    const outcomes = await runCases({ python: shared.python, topic, cases: left, env });
    const done = left.filter(({ name }) => outcomes.has(name));
    for (const one of done) {
      const outcome = outcomes.get(one.name)!;
      take(
        one,
        outcome.crashed === undefined ? outcome : { ...outcome, ...withSaid(outcome, said) },
      );
    }
    left = left.filter((one) => !done.includes(one));
    // What is left of a lost program's work must not stand in the way of the next.
    if (left.length > 0) await shared.stop();
  }
}

async function clusterOf(shared: SharedCluster) {
  const cluster = await shared.get();
  return { env: cluster.env, said: () => cluster.said() };
}

function withSaid({ traceback }: Outcome, said: () => string): Outcome {
  return { traceback: `${traceback}\n--- the cluster said:\n${said()}` };
}
