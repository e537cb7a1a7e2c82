// Recognises what stands for a remote value inside arguments (futures, delayed calls, `ref("x")`)
// while values are being packed. How each is named is told by whoever packs.
import { FutureUseError } from "../errors.js";

/** Anything that stands for a value which lives, or will live, on a worker. */
export abstract class RemoteValue {
  /** Text for messages. */
  abstract describe(): string;
}

/** The result of another task of the same graph; made by {@link ref}. */
export class KeyReference extends RemoteValue {
  readonly key: string;

  constructor(key: string) {
    super();
    this.key = key;
  }

  describe(): string {
    return `ref(${JSON.stringify(this.key)})`;
  }
}

/**
 * Stands for the result of the task `key` in an explicit graph. Strings alone never do.
 *
 * @param key - key of a task of the same graph, or of one the scheduler knows
 * @example
 * ```ts
 * const { total } = await client.compute({
 *   a: [Math.max, 1, 2],
 *   total: [Math.hypot, ref("a"), 3],
 * });
 * await total.result(); // Math.hypot(2, 3)
 * ```
 */
export const ref = (key: string): KeyReference => new KeyReference(key);

/** Names a remote value, or gives what has to end before it can be named. */
export interface NameRemote {
  (value: RemoteValue): string | Promise<void>;
  /** The tasks are for a scheduler of dask's own. */
  readonly isDask?: boolean;
}

/**
 * One attempt to pack values: `refOf` for the packer, and what the attempt has to wait for. With
 * anything in `waitFor` its result is void and packing is to be repeated.
 */
export class ReferenceNames {
  readonly waitFor = new Set<Promise<void>>();
  readonly #name: NameRemote;

  constructor(name: NameRemote) {
    this.#name = name;
  }

  readonly refOf = (value: object): string | undefined => {
    if (!(value instanceof RemoteValue)) return undefined;
    const named = this.#name(value);
    if (typeof named === "string") return named;
    this.waitFor.add(named);
    return "not named yet";
  };
}

/** For places where remote values make no sense. */
export const refuseRemote: NameRemote = (value) => {
  throw new FutureUseError(`${value.describe()} cannot stand here: give the value itself`);
};
