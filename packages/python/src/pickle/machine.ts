// The stack of a pickle that is being read, and what the opcodes do to it: they gather a tree and
// call nothing. Bounds count what is made, since a few bytes can ask for much.
import { LimitError } from "@acme/protocol";
import { ByteSource } from "./byte-source.js";
import { type PickleNode, PyFrozenSet, PyGlobal, PyObject, PyTuple } from "./nodes.js";
import { pickleLimits } from "./pickle-limits.js";
import { currentName } from "./python2-names.js";

export class Machine {
  readonly source: ByteSource;
  protocol = 5;
  /** What STOP found; undefined before. */
  result: PickleNode | undefined;
  readonly #stack: PickleNode[] = [];
  /** Heights of the stack at the open marks. */
  readonly #marks: number[] = [];
  readonly #memo: PickleNode[] = [];
  #memoized = 0;
  #nodes = 0;
  readonly #buffers: readonly Uint8Array[];
  #nextBuffer = 0;

  constructor(pickle: Uint8Array, buffers: readonly Uint8Array[]) {
    this.source = new ByteSource(pickle);
    this.#buffers = buffers;
  }

  push(node: PickleNode): void {
    this.#nodes += 1;
    if (this.#nodes > pickleLimits.nodes) {
      throw new LimitError("nodes", this.#nodes, pickleLimits.nodes);
    }
    this.#stack.push(node);
  }

  pop(): PickleNode {
    const floor = this.#marks.at(-1) ?? 0;
    if (this.#stack.length <= floor) throw this.source.error("an empty stack");
    return this.#stack.pop()!;
  }

  top(): PickleNode {
    const floor = this.#marks.at(-1) ?? 0;
    if (this.#stack.length <= floor) throw this.source.error("an empty stack");
    return this.#stack.at(-1)!;
  }

  mark(): void {
    if (this.#marks.length >= pickleLimits.openMarks) {
      throw new LimitError("openMarks", this.#marks.length + 1, pickleLimits.openMarks);
    }
    this.#marks.push(this.#stack.length);
  }

  popMark(): PickleNode[] {
    const height = this.#marks.pop();
    if (height === undefined) throw this.source.error("no mark");
    return this.#stack.splice(height);
  }

  memoize(): void {
    this.put(this.#memoized);
  }

  put(index: number): void {
    const node = this.top();
    if (!(index in this.#memo)) this.#memoized += 1;
    this.#memo[index] = node;
  }

  get(index: number): void {
    const node = this.#memo[index];
    if (node === undefined) throw this.source.error(`nothing was remembered as ${index}`);
    this.push(node);
  }

  nextBuffer(): void {
    const buffer = this.#buffers[this.#nextBuffer];
    if (buffer === undefined) throw this.source.error("a buffer that did not come with it");
    this.#nextBuffer += 1;
    this.push(buffer);
  }

  tuple(length: number): void {
    const items = new Array<PickleNode>(length);
    for (let i = length - 1; i >= 0; i--) items[i] = this.pop();
    this.push(new PyTuple(items));
  }

  tupleOf(items: readonly PickleNode[]): void {
    this.push(new PyTuple(items));
  }

  /** APPENDS to a list or to what is one of its own class; ADDITEMS likewise. */
  append(items: readonly PickleNode[]): void {
    const target = this.top();
    if (Array.isArray(target)) for (const item of items) target.push(item);
    else if (target instanceof Set) for (const item of items) target.add(item);
    else if (target instanceof PyObject) {
      target.items ??= [];
      for (const item of items) target.items.push(item);
    } else throw this.source.error("items for what is no list");
  }

  setItems(pairs: readonly PickleNode[]): void {
    const target = this.top();
    if (pairs.length % 2 !== 0) throw this.source.error("a key without value");
    if (target instanceof Map) fill(target, pairs);
    else if (target instanceof PyObject) {
      target.entries ??= new Map();
      fill(target.entries, pairs);
    } else throw this.source.error("keys for what is no dict");
  }

  dict(pairs: readonly PickleNode[]): void {
    this.push(new Map());
    this.setItems(pairs);
  }

  frozenSet(): void {
    this.push(new PyFrozenSet(this.popMark()));
  }

  global(module: PickleNode, name: PickleNode): void {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.source.error("a name that is no text");
    }
    const [current, ofCurrent] = this.protocol < 3 ? currentName(module, name) : [module, name];
    this.push(new PyGlobal(current, ofCurrent));
  }

  object(made: "call" | "new"): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(args instanceof PyTuple)) throw this.source.error("arguments that are no tuple");
    this.push(new PyObject(made, callable, args.items));
  }

  objectWithKeywords(): void {
    const kwargs = this.pop();
    const args = this.pop();
    const callable = this.pop();
    if (!(kwargs instanceof Map)) throw this.source.error("keyword arguments that are no dict");
    if (!(args instanceof PyTuple)) throw this.source.error("arguments that are no tuple");
    this.push(new PyObject("new", callable, args.items, { kwargs }));
  }

  /** OBJ: a class and its arguments after a mark. */
  instance(): void {
    const [callable, ...args] = this.popMark();
    if (callable === undefined) throw this.source.error("a class without name");
    this.push(new PyObject("call", callable, args));
  }

  /**
   * POP. A class that sets its state by a function has the call of that written, and its result
   * dropped: functions that cloudpickle writes come so.
   */
  drop(): void {
    const node = this.pop();
    if (!(node instanceof PyObject) || node.made !== "call" || node.args.length !== 2) return;
    const [target, state] = node.args;
    if (target instanceof PyObject && target.state === undefined) target.state = state;
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (!(target instanceof PyObject)) throw this.source.error("a state for what has none");
    target.state = state;
  }

  stop(): void {
    this.result = this.pop();
    if (this.#stack.length > 0) throw this.source.error("something left over");
  }
}

function fill(map: Map<PickleNode, PickleNode>, pairs: readonly PickleNode[]): void {
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i]!, pairs[i + 1]!);
}
