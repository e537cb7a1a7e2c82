// Compiled with the package, never run: says with the compiler what the types of calls must do.
// A line that should not compile is marked, so that it fails the build once it does.
import type { Client } from "./client.js";
import { compute } from "./compute.js";
import type { Future } from "./future.js";
import { delayed } from "./graph/delayed.js";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(yes: Same<A, B>): void;

const add = (a: number, b: number): number => a + b;
const later = async (text: string): Promise<string> => text;
const sum = (list: number[]): number => list.length;

export function submitIsTyped(client: Client, one: Future<number>): void {
  const future = client.submit(add, [1, 2]);
  same<typeof future, Future<number>>(true);
  const text = client.submit(later, ["x"]);
  same<typeof text, Future<string>>(true);
  client.submit(add, [one, client.submit(add, [one, 2])]);
  client.submit(sum, [[1, one]]);
  client.submit((x: number) => x > 1, [one]);
  // @ts-expect-error an argument of the wrong type
  client.submit(add, [1, "2"]);
  // @ts-expect-error a future of the wrong type
  client.submit(add, [1, text]);
  // @ts-expect-error an argument is missing
  client.submit(add, [1]);
  // @ts-expect-error a future is not thenable
  one.then();
}

export function mapIsTyped(client: Client, one: Future<number>): Future<number>[] {
  const many = client.map(add, [
    [1, 2],
    [3, one],
  ]);
  same<typeof many, Future<number>[]>(true);
  const shared = client.map(add, [[1, 2, 3]], { args: [10] });
  same<typeof shared, Future<number>[]>(true);
  // @ts-expect-error a list of the wrong type
  client.map(add, [["a"], [1]]);
  // @ts-expect-error lists, not one list
  client.map(sum, [1, 2]);
  return many;
}

export async function valuesAreTyped(client: Client, one: Future<number>): Promise<void> {
  const many = mapIsTyped(client, one);
  const text = client.submit(later, ["x"]);
  const values = await client.gather({ many, nested: [text, 1] as const });
  same<typeof values, { many: number[]; nested: [string, 1] }>(true);
  const value = await one.result();
  same<typeof value, number>(true);
  // @ts-expect-error the value is a number
  const wrong: string = await one.result();
  void wrong;

  const [a] = await client.scatter([new Float64Array(3)]);
  same<typeof a, Future<Float64Array<ArrayBuffer>> | undefined>(true);
  const lazy = delayed(add);
  const total = lazy(lazy(1, one), 2);
  const [computed, again] = await compute(total, delayed(later)("x"), { client });
  same<typeof computed, number>(true);
  same<typeof again, string>(true);
  // @ts-expect-error an argument of the wrong type
  lazy("1", 2);
}
