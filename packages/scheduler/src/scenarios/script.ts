// Reads and writes scenario files: prose lines begin with #, a block is one or more command lines,
// a line of dashes and the recorded effects up to an empty line.

export interface Block {
  /** Prose and empty lines before the commands, verbatim. */
  before: string[];
  commands: string[];
  effects: string[];
}

export interface Script {
  blocks: Block[];
  /** What follows the last block. */
  after: string[];
}

const separator = "----";

export function parseScript(text: string): Script {
  const blocks: Block[] = [];
  let block: Block = { before: [], commands: [], effects: [] };
  let inEffects = false;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    if (inEffects) {
      if (line !== "") {
        block.effects.push(line);
        continue;
      }
      blocks.push(block);
      block = { before: [""], commands: [], effects: [] };
      inEffects = false;
    } else if (line === separator) inEffects = true;
    else if (block.commands.length === 0 && (line === "" || line.startsWith("#"))) {
      block.before.push(line);
    } else block.commands.push(line);
  }
  if (inEffects) return { blocks: [...blocks, block], after: [] };
  if (block.commands.length > 0) return { blocks: [...blocks, block], after: [] };
  return { blocks, after: block.before };
}

export function printScript({ blocks, after }: Script): string {
  const lines: string[] = [];
  for (const { before, commands, effects } of blocks) {
    lines.push(...before, ...commands, separator, ...effects);
  }
  return `${[...lines, ...after].join("\n").trimEnd()}\n`;
}

/** One command line: words, and options written name=value. */
export interface Command {
  name: string;
  words: string[];
  options: Map<string, string>;
}

export function parseCommand(line: string): Command {
  const [name = "", ...rest] = line.trim().split(/\s+/);
  const words: string[] = [];
  const options = new Map<string, string>();
  for (const part of rest) {
    const at = part.indexOf("=");
    if (at > 0) options.set(part.slice(0, at), part.slice(at + 1));
    else words.push(part);
  }
  return { name, words, options };
}
