// How a call's arguments are put together again where it runs: from the values of its own and
// those that all calls share. Plain data, so that it travels with the calls.

/** Where one argument of the mapped function comes from. */
export type ArgumentSource =
  | { readonly from: "own"; readonly at: number }
  | { readonly from: "shared"; readonly at: number }
  /** An object that all calls share, with fields of the call's own. */
  | {
      readonly from: "fields";
      readonly at: number;
      readonly own: readonly (readonly [field: string, at: number])[];
    };

/** One entry per argument; `values` of a call are its own ones, then the shared ones. */
export interface CallLayout {
  readonly ownCount: number;
  readonly arguments: readonly ArgumentSource[];
}

/** The arguments of one call. */
export function assembleArguments(layout: CallLayout, values: readonly unknown[]): unknown[] {
  const shared = (at: number) => values[layout.ownCount + at];
  return layout.arguments.map((source) => {
    if (source.from === "own") return values[source.at];
    if (source.from === "shared") return shared(source.at);
    const own = source.own.map(([field, at]) => [field, values[at]]);
    return { ...(shared(source.at) as object), ...Object.fromEntries(own) };
  });
}
