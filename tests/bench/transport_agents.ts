// The agents' ends of all transports for the benchmark: each sends a number of readings at once and waits for all responses. They
// sleep while they wait, as a driver does. The agent that polls is in polling_agent.c.

import { encodeCommand } from "../../scp/agent/agent.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { READABLE } from "../../transports/ffi/libc.ts";
import { connectUnix, pollSocket, UnixConnection } from "../../transports/ffi/unix_socket.ts";
import { doorbellLayout } from "../../transports/mailbox/doorbell_layout.ts";
import type { MailboxOptions } from "../../transports/mailbox/options.ts";
import {
  MemoryFile,
  type MemoryPlace,
  type MemoryWindow,
  openMemoryFile,
} from "../../transports/memory/memory_file.ts";
import { frameOf, LENGTH_SIZE } from "../../transports/message/frame.ts";
import type { ShmemOptions } from "../../transports/shmem/listener.ts";
import { AREAS_PER_CHANNEL, bellPathOf, placesOf } from "../../transports/shmem/places.ts";
import { SmtAgentCommands } from "../../transports/smt/agent_area.ts";
import { FrontEnd } from "../support/vhost_user_front_end.ts";
import { CallWaiter } from "./back_end_thread.ts";

/** The protocol of the message that is measured. */
export const SENSOR_PROTOCOL = 0x15;
/** The message. */
export const READING = encodeCommand(SENSOR_PROTOCOL, sensor.SENSOR_READING_GET, {
  sensorId: 0,
  flags: { async: false },
}, 1);
/** A reading of three axes with timestamps: header, status, 3 x 16 bytes. */
const READING_SIZE = 56;
/** Room of a reply as Linux gives it. */
export const ROOM = 136;
const ANSWER_TIMEOUT_MS = 5000;
const RECEIVE_SIZE = 8192;

/** An agent that reads a sensor. */
export interface BenchAgent {
  /** Returns what sends so many readings at once and returns when all responses are there. */
  rounds(depth: number): () => void;
  close(): void;
}

function failUnlessRead(response: Uint8Array): void {
  const status = new DataView(response.buffer, response.byteOffset).getInt32(4, true);
  if (response.length !== READING_SIZE || status !== 0) throw new Error(`The reading fails with ${status}`);
}

/** An agent whose sending and waiting can be told apart: others may send in between. */
export interface VirtioAgent extends BenchAgent {
  halves(depth: number): { readonly send: () => void; readonly take: () => void };
}

/** Opens a back-end's device as a driver. */
export function openVirtioAgent(path: string): VirtioAgent {
  const frontEnd = FrontEnd.start(path, { turn: null, queueSize: 256 });
  const queue = frontEnd.cmdq;
  const waiter = new CallWaiter(queue.callFd);
  const halves = (depth: number) => {
    const heads = Array.from({ length: depth }, (_, slot) => frontEnd.prepare(slot, READING, ROOM));
    return {
      send() {
        for (let i = 0; i < depth; i++) queue.offer(heads[i]!);
        queue.submit();
      },
      take() {
        while (queue.usedCount < depth) {
          if (!queue.askForCall(depth)) waiter.wait();
        }
        for (let i = 0; i < depth; i++) queue.skip();
      },
    };
  };
  return {
    halves,
    rounds(depth) {
      const { send, take } = halves(depth);
      const round = () => {
        send();
        take();
      };
      round();
      failUnlessRead(frontEnd.memory.read(frontEnd.responseAddress(depth - 1), READING_SIZE));
      return round;
    },
    close() {
      waiter.close();
      frontEnd.close();
    },
  };
}

/** Connects to a message socket. */
export function openMessageAgent(path: string): BenchAgent {
  const socket = connect(path);
  const input = new Uint8Array(RECEIVE_SIZE);
  const frame = frameOf(READING);
  const wait = (size: number) => {
    for (let got = 0; got < size;) {
      if (pollSocket(socket.fd, READABLE, ANSWER_TIMEOUT_MS) === 0) {
        throw new Error("The back-end does not answer");
      }
      got += socket.receiveBytes(input);
    }
  };
  return {
    rounds(depth) {
      const frames = new Uint8Array(depth * frame.length);
      for (let i = 0; i < depth; i++) frames.set(frame, i * frame.length);
      socket.send(frame);
      wait(LENGTH_SIZE + READING_SIZE);
      failUnlessRead(input.subarray(LENGTH_SIZE, LENGTH_SIZE + READING_SIZE));
      return () => {
        socket.send(frames);
        wait(depth * (LENGTH_SIZE + READING_SIZE));
      };
    },
    close: () => socket.close(),
  };
}

/** Maps a shared file and connects to its bell; as many readings are under way as it has channels. */
export function openShmemAgent(options: ShmemOptions): BenchAgent {
  const places = placesOf(options);
  if ("error" in places) throw new Error(places.error);
  const { file, windows } = map(options.path, places.areas);
  const areas = windows.filter((_, number) => number % AREAS_PER_CHANNEL === 0).map((window) =>
    new SmtAgentCommands(window)
  );
  const bell = connect(bellPathOf(options.path));
  const input = new Uint8Array(RECEIVE_SIZE);
  return {
    rounds(depth) {
      const rings = Uint8Array.from({ length: depth }, (_, channel) => channel * AREAS_PER_CHANNEL);
      return smtRounds(areas.slice(0, depth), {
        ring: () => void bell.send(rings),
        wait() {
          if (pollSocket(bell.fd, READABLE, ANSWER_TIMEOUT_MS) === 0) {
            throw new Error("The back-end does not answer");
          }
          bell.receiveBytes(input);
        },
        acknowledge() {},
      });
    },
    close() {
      bell.close();
      file.close();
    },
  };
}

/** Maps a mailbox; its interrupt is an eventfd. */
export function openMailboxAgent(options: Omit<MailboxOptions, "interrupts">, callFd: number): BenchAgent {
  const { size, slots } = doorbellLayout(options.version);
  const { file, windows } = map(options.path, [
    { offset: options.mhuOffset, size },
    ...options.commandOffsets.map((offset) => ({ offset, size: options.areaSize })),
  ]);
  const [registers, ...areaWindows] = windows;
  const { words } = registers!;
  const areas = areaWindows.map((window) => new SmtAgentCommands(window, { wantsInterrupt: true }));
  const waiter = new CallWaiter(callFd);
  return {
    rounds: (depth) =>
      smtRounds(areas.slice(0, depth), {
        ring() {
          for (let slot = 0; slot < depth; slot++) Atomics.store(words, slots[slot]!.set >>> 2, 1);
        },
        wait: () => waiter.wait(),
        acknowledge(slot) {
          const { status, clear } = slots[slot]!;
          if (Atomics.load(words, status[0]! >>> 2) !== 0) Atomics.store(words, clear >>> 2, 1);
        },
      }),
    close() {
      waiter.close();
      file.close();
    },
  };
}

/** How an agent of shared memory tells and is told. */
interface Doorbell {
  /** Rings for all areas. */
  ring(): void;
  /** Returns when something may have happened. */
  wait(): void;
  /** Says that the response of an area was taken. */
  acknowledge(index: number): void;
}

function smtRounds(areas: readonly SmtAgentCommands[], doorbell: Doorbell): () => void {
  let last = new Uint8Array(0);
  const round = () => {
    for (const area of areas) area.send(READING);
    doorbell.ring();
    for (let count = 0; count < areas.length;) {
      for (let index = 0; index < areas.length; index++) {
        const response = areas[index]!.take();
        if (response === null) continue;
        doorbell.acknowledge(index);
        last = response;
        count++;
      }
      if (count === areas.length) break;
      doorbell.wait();
      // A response may have been taken before its ring was there: whoever is called clears what rang.
      for (let index = 0; index < areas.length; index++) doorbell.acknowledge(index);
    }
  };
  round();
  failUnlessRead(last);
  return round;
}

function connect(path: string): UnixConnection {
  const socket = connectUnix(path, 1 << 16);
  if (!(socket instanceof UnixConnection)) throw new Error(socket.error);
  return socket;
}

function map(path: string, places: readonly MemoryPlace[]): { file: MemoryFile; windows: MemoryWindow[] } {
  const file = openMemoryFile(path);
  if (!(file instanceof MemoryFile)) throw new Error(file.error);
  const windows = places.map(({ offset, size }) => {
    const window = file.window(offset, size);
    if ("error" in window) throw new Error(window.error);
    return window;
  });
  return { file, windows };
}
