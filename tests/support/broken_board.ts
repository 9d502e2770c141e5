// A board whose module breaks the simulator that loads it: it runs in the core's own thread, where it can put mistakes of ours.

const ROOT = new URL("../../", import.meta.url).href;

/** Writes a board file that replaces a method, such as "Channel.serve" of "scp/server/dispatcher.ts", by a body of code. */
export async function writeBrokenBoard(
  path: string,
  module: string,
  method: string,
  body: string,
): Promise<void> {
  const [owner, name] = method.split(".");
  await Deno.writeTextFile(
    path,
    `import { minimalBoard } from "${ROOT}boards/minimal.ts";
    import { ${owner} } from "${ROOT}${module}";
    ${owner}.prototype.${name} = () => { ${body} };
    export default minimalBoard;`,
  );
}
