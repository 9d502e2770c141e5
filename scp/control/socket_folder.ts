// The folder for sockets that nobody gave a path: below the user's runtime folder, else a private one below
// the temporary folder. Others must not be able to put their sockets where agents look for ours.
import { errorText } from "../core/error_text.ts";

/** A folder, or one line that says why there is none. */
export type FolderResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string };

/** Returns where the sockets of a board are by default, whether or not that folder is there. */
export function socketFolderOf(boardName: string): string {
  return `${baseFolder()}/${boardName}`;
}

/** Makes the folder, mode 0700. Refuses one that belongs to somebody else or that others can write. */
export function prepareSocketFolder(boardName: string): FolderResult {
  const path = socketFolderOf(boardName);
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const folder of [baseFolder(), path]) {
      const { isDirectory, uid, mode } = Deno.lstatSync(folder);
      if (!isDirectory || uid !== Deno.uid() || ((mode ?? 0) & 0o022) !== 0) {
        const problem =
          `${folder} is no private folder of yours: remove it, or name sockets with --transport`;
        return { ok: false, problem };
      }
    }
    return { ok: true, path };
  } catch (error) {
    const reason = errorText(error);
    return { ok: false, problem: `cannot make ${path}: ${reason}; name sockets with --transport` };
  }
}

/** Removes the folder when nothing is left in it. */
export function removeSocketFolder(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    // Another run has sockets there, or it is gone already: both are as they should be.
    if (!(error instanceof Error)) throw error;
  }
}

function baseFolder(): string {
  const runtime = Deno.env.get("XDG_RUNTIME_DIR");
  if (runtime) return `${runtime}/scp`;
  const temporary = Deno.env.get("TMPDIR") || "/tmp";
  return `${temporary}/scp-${Deno.uid()}`;
}
