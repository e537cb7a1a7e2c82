// One order on its way through the executor room, with what is needed to hand it over, and what
// all lanes and seats of a worker share. Shapes only.
import type { FailedOutcome, OrderId, Outcome, Slot } from "../core/events.js";
import type { ExecuteOrder } from "../core/outbox.js";
import type { StoredValue } from "../store/spill-files.js";
import type { TemplateNumber } from "./commands.js";
import type { ExecLimits } from "./limits.js";
import type { StartOptions } from "./thread-executor.js";
import type { ExecEvent, ExecLogger } from "./types.js";

/** A function that tasks of this worker call. */
export interface KnownTemplate {
  readonly number: TemplateNumber;
  readonly name: string;
  /** Large frames are in shared memory. */
  readonly frames: readonly Uint8Array[];
}

/** An order and where it is. */
export interface Run {
  readonly order: ExecuteOrder;
  readonly orderId: OrderId;
  /** Null: what to call stands in `items`, as a Python client described it. */
  readonly template: KnownTemplate | null;
  /** The row of the call, then its large buffers; or the header and frames of a run spec. */
  readonly items: readonly Uint8Array[];
  /** Read when the order came, so that the store may do as it likes afterwards. */
  readonly inputs: readonly StoredValue[];
  /** Its cell in the executor that has it; -1: none. */
  cell: number;
  cancelled: boolean;
}

/** What the rooms of one worker's executors share. */
export interface ExecContext {
  readonly limits: ExecLimits;
  readonly start: StartOptions;
  readonly logger: ExecLogger | undefined;
  emit(event: ExecEvent): void;
  /** Ends a run: its event, and for `ok` the value that waits for the store. */
  ended(run: Run, outcome: Outcome, value?: StoredValue): void;
  /** Ends a run by an error that is not user code's. */
  failed(run: Run, type: FailedOutcome["type"], error: Error): void;
  output(chunk: Uint8Array, slot: Slot): void;
  stuck(slot: Slot, orderId: OrderId | undefined, message: string): void;
}
