// What a user should know about a function that travels, though it does travel.
// Only a type: the warnings are made where they are noticed, and shown by whoever sends.

/** One remark about a shipped function; shown to the user once. */
export interface FunctionWarning {
  readonly code: "ASSIGNS_CAPTURE" | "LARGE_CAPTURE" | "USES_THIS" | "RECREATED_CONST";
  readonly message: string;
  /** `file:line:column` of the function. */
  readonly location: string | undefined;
}
