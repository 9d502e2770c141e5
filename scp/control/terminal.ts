// What the commands print to. Results go to standard output, complaints and reports to standard error, one
// line each.

/** Where a command prints; tests give one that remembers. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line about something that is wrong. */
  complain(line: string): void;
}

const GRID_WIDTH = 110;

const encoder = new TextEncoder();

/** The process' own standard output and error. */
export const processTerminal: Terminal = {
  print: (line) => write(Deno.stdout, line),
  complain: (line) => write(Deno.stderr, line),
};

/** Exit codes of every command. */
export const EXIT = { success: 0, failure: 1, usage: 2 } as const;

/** Prints one line about what is wrong; returns the exit code of a failure. */
export function failWith(terminal: Terminal, problem: string): number {
  terminal.complain(`error: ${problem}`);
  return EXIT.failure;
}

/** Writes a table: columns as wide as their widest cell, numbers (by heading `#name`) to the right. */
export function tableLines(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const isNumber = headings.map((heading) => heading.startsWith("#"));
  const all = [headings.map((heading) => heading.replace("#", "")), ...rows];
  const widths = headings.map((_heading, column) =>
    Math.max(...all.map((row) => [...(row[column] ?? "")].length))
  );
  return all.map((row) =>
    row.map((cell, column) => {
      const fill = " ".repeat(widths[column]! - [...cell].length);
      return isNumber[column] ? fill + cell : cell + fill;
    }).join("  ").trimEnd()
  );
}

/** Sets cells into as many columns of equal width as lines of so many characters have room for, row by row. */
function gridLines(cells: readonly string[], width: number): string[] {
  const columnWidth = Math.max(0, ...cells.map((cell) => [...cell].length)) + 2;
  const columnCount = Math.max(1, Math.floor((width + 2) / columnWidth));
  const rowCount = Math.ceil(cells.length / columnCount);
  return Array.from(
    { length: rowCount },
    (_, row) =>
      cells.slice(row * columnCount, (row + 1) * columnCount).map((cell) =>
        cell + " ".repeat(columnWidth - [...cell].length)
      ).join("").trimEnd(),
  );
}

/** Says once what resources have alike, with ids and names of those of whom it is said below. */
export function alikeLines<T extends { readonly id: number; readonly name: string }>(
  noun: string,
  all: readonly T[],
  describe: (each: T) => string,
): string[] {
  return [...Map.groupBy(all, describe)].flatMap(([description, members]) => [
    `${members.length} ${noun}${members.length === 1 ? "" : "s"}: ${description}`,
    ...gridLines(members.map(({ id, name }) => `  ${id} ${name}`), GRID_WIDTH),
  ]);
}

function write(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  let bytes = encoder.encode(line + "\n");
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    // Nobody reads: `scp boards | head` has ended.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
