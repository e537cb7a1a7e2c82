// The late connection of a process that is gone: its registration arrives at the scheduler after
// that of its successor under the same address, and then the connection ends.

import { schedulerAddress } from "./scheduler-actor.js";
import { SimProcess } from "./sim-process.js";
import type { WorkerActor } from "./worker-actor.js";
import type { World } from "./world.js";

export function ghostRegistration(world: World, victim: WorkerActor): void {
  const process = new SimProcess(`ghost-${world.faults.length}`, world.clock);
  const handlers = { onMessage: () => {}, onClose: () => {} };
  world.network.connect(process, schedulerAddress, handlers, (socket) => {
    if (socket === null) return;
    const registration = { ...victim.registration(), server_id: `${process.name} of old` };
    socket.send({ ...registration, held: new Map(), running: new Map() });
    process.after(world.random.skewed(1, 400), () => process.kill());
  });
}
