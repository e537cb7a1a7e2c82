// Reads a pickle without executing it. The table says what each opcode does; the stack and the
// tree that grows on it are the machine's.
import { LimitError } from "@acme/protocol";
import { Machine } from "./machine.js";
import type { PickleNode } from "./nodes.js";
import { opcodes as op } from "./opcodes.js";
import { PickleFormatError } from "./pickle-errors.js";
import { pickleLimits } from "./pickle-limits.js";

type Action = (machine: Machine) => void;

const actions: (Action | undefined)[] = new Array(256).fill(undefined);

const table: readonly [number, Action][] = [
  [op.PROTO, checkProtocol],
  [op.FRAME, ({ source }) => void source.length64()],
  [op.MARK, (m) => m.mark()],
  [op.POP, (m) => m.drop()],
  [op.POP_MARK, (m) => void m.popMark()],
  [op.DUP, (m) => m.push(m.top())],
  [op.NONE, (m) => m.push(null)],
  [op.NEWTRUE, (m) => m.push(true)],
  [op.NEWFALSE, (m) => m.push(false)],
  [op.BININT, (m) => m.push(m.source.i32())],
  [op.BININT1, (m) => m.push(m.source.u8())],
  [op.BININT2, (m) => m.push(m.source.u16())],
  [op.LONG1, (m) => pushInteger(m, m.source.u8())],
  [op.LONG4, (m) => pushInteger(m, m.source.u32())],
  [op.BINFLOAT, (m) => m.push(m.source.f64())],
  [op.SHORT_BINUNICODE, (m) => m.push(m.source.text(m.source.u8()))],
  [op.BINUNICODE, (m) => m.push(m.source.text(m.source.u32()))],
  [op.BINUNICODE8, (m) => m.push(m.source.text(m.source.length64()))],
  [op.SHORT_BINBYTES, (m) => m.push(m.source.bytes(m.source.u8()))],
  [op.BINBYTES, (m) => m.push(m.source.bytes(m.source.u32()))],
  [op.BINBYTES8, (m) => m.push(m.source.bytes(m.source.length64()))],
  [op.BYTEARRAY8, (m) => m.push(m.source.bytes(m.source.length64()))],
  [op.NEXT_BUFFER, (m) => m.nextBuffer()],
  [op.READONLY_BUFFER, (m) => void m.top()],
  [op.EMPTY_TUPLE, (m) => m.tuple(0)],
  [op.TUPLE1, (m) => m.tuple(1)],
  [op.TUPLE2, (m) => m.tuple(2)],
  [op.TUPLE3, (m) => m.tuple(3)],
  [op.TUPLE, (m) => m.tupleOf(m.popMark())],
  [op.EMPTY_LIST, (m) => m.push([])],
  [op.LIST, (m) => m.push(m.popMark())],
  [op.APPEND, (m) => m.append([m.pop()])],
  [op.APPENDS, (m) => m.append(m.popMark())],
  [op.EMPTY_DICT, (m) => m.push(new Map())],
  [op.DICT, (m) => m.dict(m.popMark())],
  [op.SETITEM, setItem],
  [op.SETITEMS, (m) => m.setItems(m.popMark())],
  [op.EMPTY_SET, (m) => m.push(new Set())],
  [op.ADDITEMS, (m) => m.append(m.popMark())],
  [op.FROZENSET, (m) => m.frozenSet()],
  [op.MEMOIZE, (m) => m.memoize()],
  [op.BINPUT, (m) => m.put(m.source.u8())],
  [op.LONG_BINPUT, (m) => m.put(m.source.u32())],
  [op.BINGET, (m) => m.get(m.source.u8())],
  [op.LONG_BINGET, (m) => m.get(m.source.u32())],
  [op.GLOBAL, (m) => m.global(m.source.line(), m.source.line())],
  [op.STACK_GLOBAL, stackGlobal],
  [op.REDUCE, (m) => m.object("call")],
  [op.NEWOBJ, (m) => m.object("new")],
  [op.NEWOBJ_EX, (m) => m.objectWithKeywords()],
  [op.OBJ, (m) => m.instance()],
  [op.BUILD, (m) => m.build()],
  [op.STOP, (m) => m.stop()],
];
for (const [opcode, action] of table) actions[opcode] = action;

/**
 * Reads a pickle of protocol 2 to 5 as a tree, structurally: no code of it runs, and what Python
 * would import or call stays a {@link PyGlobal} or {@link PyObject}.
 *
 * @param pickle - the bytes; byte strings of the tree are views of them
 * @param buffers - out-of-band buffers that came with it
 * @throws PickleFormatError if the bytes are no such pickle; LimitError beyond `pickleLimits`
 * @example
 * ```ts
 * const node = readPickle(bytes); // e.g. range(10)
 * if (node instanceof PyObject && node.isMadeBy("builtins", "range")) console.log(node.args);
 * ```
 */
export function readPickle(pickle: Uint8Array, buffers: readonly Uint8Array[] = []): PickleNode {
  if (pickle.length > pickleLimits.pickleBytes) {
    throw new LimitError("pickleBytes", pickle.length, pickleLimits.pickleBytes);
  }
  const machine = new Machine(pickle, buffers);
  const { source } = machine;
  while (machine.result === undefined) {
    if (source.isAtEnd) throw new PickleFormatError("the end comes too early", source.offset);
    const opcode = source.u8();
    const action = actions[opcode];
    if (action === undefined) throw source.error(`opcode 0x${opcode.toString(16)} is not known`);
    action(machine);
  }
  return machine.result;
}

function checkProtocol(machine: Machine): void {
  const { source } = machine;
  machine.protocol = source.u8();
  if (machine.protocol >= 2 && machine.protocol <= 5) return;
  throw source.error(`protocol ${machine.protocol} is not read here`);
}

function pushInteger(machine: Machine, length: number): void {
  machine.push(machine.source.integer(length, pickleLimits.integerBytes));
}

function setItem(machine: Machine): void {
  const value = machine.pop();
  machine.setItems([machine.pop(), value]);
}

function stackGlobal(machine: Machine): void {
  const name = machine.pop();
  machine.global(machine.pop(), name);
}
