// Plays a scenario and returns it with the effects that really came out.
// Judges nothing: tests compare it with the text that was played.
import { isQuery, perform } from "./commands.js";
import { parseCommand, parseScript, printScript, type Script } from "./script.js";
import { World } from "./world.js";

export interface Played {
  text: string;
  world: World;
}

/**
 * @param text - a scenario file; a first command `options name=value …` sets the scheduler up
 * @param between - called after each block
 */
export function play(text: string, between: (world: World) => void = () => {}): Played {
  const script = parseScript(text);
  let world = new World();
  const blocks = script.blocks.map((block): Script["blocks"][number] => {
    const commands = block.commands.map(parseCommand);
    if (commands[0]?.name === "options") {
      world = new World(
        Object.fromEntries([...commands[0].options].map(([k, v]) => [k, Number(v)])),
      );
      return { ...block, effects: [] };
    }
    for (const command of commands) if (!isQuery(command.name)) perform(world, command);
    const effects = world.settle();
    for (const command of commands) if (isQuery(command.name)) perform(world, command);
    effects.push(...world.answers);
    world.answers = [];
    between(world);
    return { ...block, effects };
  });
  return { text: printScript({ ...script, blocks }), world };
}
