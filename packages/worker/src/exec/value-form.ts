// Values on their way between the control thread and an executor: frames, and how they are to be
// read. Our own need no header; those of Python's peers keep the one they came with.
import { Pickled, Serialized } from "@acme/protocol";

/** How the frames of a value are to be read. */
export const valueForms = Object.freeze({
  /** All are the value codec's. */
  acme: 0,
  /** The first one is the header of a `Serialized`. */
  serialized: 1,
  /** The first one is the header of a `Pickled`. */
  pickled: 2,
});
export type ValueForm = (typeof valueForms)[keyof typeof valueForms];

export interface FormedValue {
  readonly form: ValueForm;
  readonly frames: readonly Uint8Array[];
}

/** Takes a payload apart. */
export function formed(payload: Serialized | Pickled): FormedValue {
  if (payload instanceof Serialized && payload.isAcme) {
    return { form: valueForms.acme, frames: payload.frames };
  }
  const form = payload instanceof Pickled ? valueForms.pickled : valueForms.serialized;
  return { form, frames: [payload.headerBytes, ...payload.frames] };
}

/** Puts a payload together again. */
export function payloadOf({ form, frames }: FormedValue): Serialized | Pickled {
  const [header, ...payload] = frames;
  if (form === valueForms.acme || header === undefined) return Serialized.acme(frames);
  return form === valueForms.pickled
    ? new Pickled(header, payload)
    : new Serialized(header, payload);
}
