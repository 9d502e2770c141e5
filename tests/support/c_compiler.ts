// Compiles the agents in C that tests and benchmarks run: programs that are not ours. Not every machine has a compiler.
import { assert } from "@std/assert";

const FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"];

/** The names it may have. */
const COMPILERS = ["cc", "gcc"];

/** Whether there is a compiler. */
export async function hasCompiler(): Promise<boolean> {
  for (const compiler of COMPILERS) {
    try {
      await new Deno.Command(compiler, { args: ["--version"], stdout: "null", stderr: "null" }).output();
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return false;
}

/** Compiles a C program to `program`. Returns false where there is no compiler; warnings are errors and fail the test. */
export async function compileC(source: string, program: string): Promise<boolean> {
  for (const compiler of COMPILERS) {
    try {
      const { success, stderr } = await new Deno.Command(compiler, {
        args: [...FLAGS, "-o", program, source],
      })
        .output();
      assert(success, new TextDecoder().decode(stderr));
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return false;
}
