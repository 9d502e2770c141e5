// The last of making a program smaller, after fast-check: takes away each single step and each channel that is not
// needed, until none is left. fast-check shortens and simplifies, but may keep steps from the middle.
import type { Program } from "./program.ts";

/** Returns a program as small as taking away gets it that still fails; `fails` is asked for each try. */
export async function minimize(
  program: Program,
  fails: (program: Program) => Promise<boolean>,
): Promise<Program> {
  let smallest = program;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (let place = smallest.steps.length - 1; place >= 0; place--) {
      const candidate = { ...smallest, steps: smallest.steps.toSpliced(place, 1) };
      if (!await fails(candidate)) continue;
      smallest = candidate;
      isSmaller = true;
    }
  }
  return await withoutIdleChannels(smallest, fails);
}

/** Takes away channels that no step uses. */
async function withoutIdleChannels(
  program: Program,
  fails: (program: Program) => Promise<boolean>,
): Promise<Program> {
  let smallest = program;
  for (let place = smallest.channels.length - 1; place >= 0; place--) {
    if (smallest.steps.some((step) => "channel" in step && step.channel === place)) continue;
    const candidate: Program = {
      ...smallest,
      channels: smallest.channels.toSpliced(place, 1),
      steps: smallest.steps.map((step) =>
        "channel" in step && step.channel > place ? { ...step, channel: step.channel - 1 } : step
      ),
    };
    if (await fails(candidate)) smallest = candidate;
  }
  return smallest;
}
