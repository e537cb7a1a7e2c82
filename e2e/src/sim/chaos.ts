// What goes wrong, and when. Must not know what the cores make of it.
import type { World } from "./world.js";

export function scheduleChaos(world: World): void {
  void world;
}

/** Takes back everything that would keep the cluster from working. */
export function heal(world: World): void {
  world.network.removeWalls();
  world.network.weather.lostCalls = 0;
  world.network.weather.repeatedCalls = 0;
  for (const site of world.sites) {
    site.conditions.diskFull = false;
    site.conditions.foreignBytes = 0;
    site.restarts = true;
    site.start(world.random.whole(0, 100));
  }
}
