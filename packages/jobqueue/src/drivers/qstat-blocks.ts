// Reads what `qstat -f` prints: blocks of `name = value`, long values continued on lines that begin
// with a tab. Means nothing by them.

export interface QstatBlock {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

export function parseBlocks(stdout: string): QstatBlock[] {
  const blocks: { id: string; fields: Map<string, string> }[] = [];
  let last = "";
  for (const line of stdout.split("\n")) {
    const head = /^Job Id:\s*(\S+)/.exec(line);
    const block = blocks.at(-1);
    if (head !== null) {
      blocks.push({ id: head[1] as string, fields: new Map() });
      last = "";
      continue;
    }
    if (block === undefined) continue;
    if (line.startsWith("\t") && last !== "" && !/^\t\s*\S+ = /.test(line)) {
      block.fields.set(last, `${block.fields.get(last)}${line.trim()}`);
      continue;
    }
    const field = /^\s+(\S+) = (.*)$/.exec(line);
    if (field === null) continue;
    last = field[1] as string;
    block.fields.set(last, (field[2] as string).trim());
  }
  return blocks;
}
