// Judges a simulation from outside the code that runs in it: the hardware stays physical, every agent gets on, and
// what comes unasked comes at all. What single messages have to be like is the fuzzer's judge.
import type { Board } from "../../boards/board.ts";
import type { Model } from "../../scp/model/model.ts";
import type { SimulatedAgent } from "./simulated_agent.ts";

/** SCMI sensor types that are checked. */
const CELSIUS = 2;
const JOULE = 8;

const SENSOR_UPDATE_ID = 1;
const UPDATE_SWITCH = "SENSOR_CONTINUOUS_UPDATE_NOTIFY";
const SWITCHES_MIN = 6;

/** No part of a board that is not on fire gets beyond these. */
const TEMPERATURE_MIN_C = -60;
const TEMPERATURE_MAX_C = 200;

/** Checks the physics behind the sensors; each finding is a line. */
export class PhysicsChecker {
  readonly findings: string[] = [];
  readonly #energies = new Map<number, number>();

  constructor(readonly board: Board, readonly model: Model) {}

  /** Looks at the hardware as it is now. */
  check(timeUs: number): void {
    this.model.advanceTo(timeUs);
    for (const [index, { name, quantities }] of this.model.sensors.entries()) {
      const truth = this.model.truth(index);
      const typeCode = quantities[0]!.typeCode;
      if (!truth.every(Number.isFinite)) this.#find(timeUs, `${name} is ${truth.join(", ")}`);
      if (typeCode === CELSIUS && !truth.every((c) => c >= TEMPERATURE_MIN_C && c <= TEMPERATURE_MAX_C)) {
        this.#find(timeUs, `${name} has ${truth.join(", ")} degrees Celsius`);
      }
      if (typeCode === JOULE) this.#checkEnergy(timeUs, index, name, truth[0]!);
    }
  }

  #checkEnergy(timeUs: number, index: number, name: string, joules: number): void {
    const before = this.#energies.get(index) ?? 0;
    if (joules < before) this.#find(timeUs, `${name} falls from ${before} to ${joules} J`);
    this.#energies.set(index, joules);
  }

  #find(timeUs: number, problem: string): void {
    this.findings.push(`at ${(timeUs / 1e6).toFixed(6)} s: ${problem}`);
  }
}

/** Checks that agents get on: in each stretch of virtual time a driver that sends gets something done. */
export class ProgressChecker {
  readonly findings: string[] = [];
  readonly #before = new Map<SimulatedAgent, { messageCount: number; successCount: number }>();

  /** Looks at what drivers have done since the last look. */
  check(timeUs: number, drivers: readonly SimulatedAgent[]): void {
    for (const agent of drivers) {
      const { messageCount, successCount, name } = agent;
      const before = this.#before.get(agent) ?? { messageCount: 0, successCount: 0 };
      this.#before.set(agent, { messageCount, successCount });
      if (messageCount - before.messageCount < 20 || successCount > before.successCount) continue;
      this.findings.push(`${name} got nothing done up to ${timeUs / 1e6} s`);
    }
  }

  /** Looks at the end whether each kind of message came that somebody waited for. */
  finish(agents: readonly SimulatedAgent[]): void {
    const updateCount = agents.reduce((sum, agent) => sum + agent.notificationCount(SENSOR_UPDATE_ID), 0);
    const switchCount = agents.reduce((sum, { succeeded }) => sum + (succeeded.get(UPDATE_SWITCH) ?? 0), 0);
    // A sensor may have failed the first times.
    if (switchCount >= SWITCHES_MIN && updateCount === 0) {
      this.findings.push("no SENSOR_UPDATE came, though agents streamed");
    }
    if (agents.every(({ successCount }) => successCount === 0)) this.findings.push("no command succeeded");
  }
}
