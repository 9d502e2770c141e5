// The board's GPIO lines through the kernel's own drivers: virtio-gpio, with gpio-keys on a door contact and interrupt-counter
// on the pulses of a wheel.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { GuestCase } from "../case.ts";
import { WITH_LINES } from "../guest_transports.ts";
import type { Platform } from "../platform.ts";

const LEFT_DOOR = "vehicle.doorFrontLeft";
const RIGHT_DOOR = "vehicle.doorFrontRight";

const EV_KEY = 1;
const FIRST_CODE = 0x2c0;

/** While the wheel turns evenly, in the first slope of the drive: 15 km/h, straight on or nearly so. */
const STEADY_FROM_US = 16_000_000;
const STEP_US = 5_000;
const PULSE_COUNT = 12;
const PULSES_PER_TURN = 4;

// One event of the kernel: a time of 16 bytes, then type, code and value. A change of a key is one, with a report behind it.
const INPUT_SCRIPT = `
for each in /sys/class/input/event*; do
	[ "$(cat "$each/device/name")" = scmi-gpio-keys ] && events=/dev/input/\${each##*/}
done
exec 3<"$events"
next_key() {
	timeout 20 dd bs=48 count=1 <&3 2>/dev/null | tail -c +17 | head -c 8 | hexdump -v -e '1/2 "%d " 1/2 "%d " 1/4 "%d"'
}
level_of() {
	grep "($1 " /sys/kernel/debug/gpio | sed 's/.*) *//'
}
`;

/** The cases of this file. */
export const GPIO_CASES: readonly GuestCase[] = [
  {
    name: "a door that opens and closes is a key that is pressed and released",
    over: WITH_LINES,
    async run(context) {
      const { platform } = context;
      const steps = [
        [LEFT_DOOR, 1, FIRST_CODE],
        [RIGHT_DOOR, 1, FIRST_CODE + 1],
        [LEFT_DOOR, 0, FIRST_CODE],
        [RIGHT_DOOR, 0, FIRST_CODE + 1],
        [LEFT_DOOR, 1, FIRST_CODE],
      ] as const;
      let done = 0;
      const report = await context.boot({
        script: `${INPUT_SCRIPT}
mark before "$(level_of door-front-left)"
for number in ${steps.map((_step, index) => index).join(" ")}; do
	mark armed
	await_host
	mark key "$(next_key)"
done
mark after "$(level_of door-front-left)"
mark other "$(level_of door-front-right)"
`,
        async onMark(key, _value, tell) {
          if (key !== "armed") return;
          const [input, value] = steps[done++]!;
          await platform.setInput(input, value);
          await tell();
        },
      });
      assertEquals(report.all("key"), steps.map(([_input, value, code]) => `${EV_KEY} ${code} ${value}`));
      const levels = ["before", "after", "other"].map((key) => report.one(key).split(" ").filter(Boolean));
      assertEquals(levels, [["in", "lo", "IRQ"], ["in", "hi", "IRQ"], ["in", "lo", "IRQ"]]);
    },
  },
  {
    name: "each pulse of a wheel is counted once, at the rate that its speed says",
    over: WITH_LINES,
    simulatorArguments: ["--time", "stepped"],
    async run(context) {
      const { platform } = context;
      await platform.step(STEADY_FROM_US);
      const risesBefore = await risesOf(platform);
      const timesUs: number[] = [];
      let nowUs = STEADY_FROM_US;
      const report = await context.boot({
        script: `
counter=$(ls -d /sys/bus/counter/devices/counter*)
echo 1 >$counter/count0/enable
mark start "$(cat $counter/count0/count)"
last=0
# Each count is waited for, but not for ever.
for attempt in $(seq 20000); do
	count=$(cat $counter/count0/count)
	[ "$count" = "$last" ] && continue
	last=$count
	mark pulse "$count"
	[ "$count" -ge ${PULSE_COUNT} ] && break
done
mark name "$(cat $counter/name)"
`,
        // The guest has counted all pulses before the next one comes.
        async onMark(key) {
          if (key !== "start" && key !== "pulse" || timesUs.length === PULSE_COUNT) return;
          const before = await risesOf(platform);
          while (await risesOf(platform) === before) {
            await platform.step(STEP_US);
            nowUs += STEP_US;
          }
          timesUs.push(nowUs);
        },
      });
      assertEquals(report.one("start"), "0");
      assertEquals(report.all("pulse"), Array.from({ length: PULSE_COUNT }, (_, n) => `${n + 1}`));
      assertEquals(await risesOf(platform) - risesBefore, PULSE_COUNT);
      const [radPerS = NaN] = (await platform.truths()).get("wheel_fl") ?? [];
      const seconds = (timesUs.at(-1)! - timesUs[0]!) / 1e6;
      const pulsesPerS = radPerS / (2 * Math.PI) * PULSES_PER_TURN;
      assert(pulsesPerS > 5, `${radPerS} rad/s`);
      assertAlmostEquals((PULSE_COUNT - 1) / seconds, pulsesPerS, pulsesPerS * 0.02);
    },
  },
];

/** How often the line of the wheel has risen. */
async function risesOf(platform: Platform): Promise<number> {
  const lines = await platform.hardware("gpioLines");
  return lines.find(({ name }) => name === "wheel-front-left")!.truth.riseCount;
}
