// What goes wrong, and when. Must not know what the cores make of it.
// Which faults there are stands in faults.ts.
import { faults, restlessFaults } from "./faults.js";
import type { World } from "./world.js";

/** Makes appointments for all the faults of a run. */
export function scheduleChaos(world: World): void {
  const { random, clock, plan } = world;
  for (let i = 0; i < plan.faults; i++) {
    const atMs = random.between(0, plan.chaosMs);
    clock.after(atMs, () => strike(world));
  }
}

// A fault that finds nothing to break gives way to another one.
function strike(world: World): void {
  for (let attempt = 0; attempt < 20; attempt++) {
    const [name, fault] = world.random.pick(
      world.plan.mood === "restless" ? restlessFaults : faults,
    );
    if (!fault(world)) continue;
    world.faults.push(name);
    world.trace.line("!", () => name);
    return;
  }
}

/** Takes back everything that would keep the cluster from working. */
export function heal(world: World): void {
  world.network.removeWalls();
  world.network.weather.lostCalls = 0;
  world.network.weather.repeatedCalls = 0;
  world.scheduler.reportBacklog(0);
  for (const site of world.sites) {
    site.conditions.diskFull = false;
    site.conditions.foreignBytes = 0;
  }
}
