// The areas of the shmem transport in one opened file: of each channel one for commands and one for what the platform
// sends, and the FastChannels that all have in common. Leaves out: the bell (session.ts).
import type { AgentPort } from "../channel.ts";
import {
  type FastAreaOptions,
  type FastChannelArea,
  offerFastChannels,
} from "../fast_channels/fast_channel_area.ts";
import { MemoryFile, openMemoryFile } from "../memory/memory_file.ts";
import type { ChecksumMode } from "../smt/checksum.ts";
import { SmtNotificationArea } from "../smt/notification_area.ts";
import { SmtCommandArea } from "../smt/smt_area.ts";
import { AREAS_PER_CHANNEL, type ShmemPlaces } from "./places.ts";

/** What the areas are like. */
export interface AreasOptions {
  /** How messages are checked; `none` unless given. */
  readonly checksum?: ChecksumMode;
  /** What the FastChannels are like. Addresses are offsets in the file, unless a base is given. */
  readonly fastChannels?: FastAreaOptions;
}

/** What the areas need of their surroundings. */
export interface AreasOwner {
  /** Tells the agent that there is a message in an area. */
  ring(areaNumber: number): void;
  /** Hears one line for each thing the agent does wrong with an area. */
  report(text: string): void;
}

/** One channel. */
export interface ShmemChannel {
  readonly port: AgentPort;
  readonly commands: SmtCommandArea;
  readonly notifications: SmtNotificationArea;
}

/** The areas of a file. */
export class ShmemAreas {
  constructor(
    readonly file: MemoryFile,
    readonly channels: readonly ShmemChannel[],
    /** null: the agent may have none. */
    readonly fastChannels: FastChannelArea | null,
  ) {}

  /** Empties all areas and marks them free. */
  initialise(): void {
    for (const { commands, notifications } of this.channels) {
      commands.initialise();
      notifications.initialise();
    }
  }

  /** Lets go of the memory, then of the file. */
  close(): void {
    this.fastChannels?.close();
    for (const { port } of this.channels) port.sharedAreas = null;
    this.file.close();
  }
}

/**
 * Opens the file, makes it when there is none, and prepares an area of each kind for every port. An error is one line with
 * the path and what to do.
 */
export function openAreas(
  path: string,
  places: ShmemPlaces,
  ports: readonly AgentPort[],
  options: AreasOptions,
  owner: AreasOwner,
): ShmemAreas | { error: string } {
  const file = openMemoryFile(path, { createSize: places.end });
  if (!(file instanceof MemoryFile)) return file;
  const windows = file.windows([...places.areas, places.fastChannels]);
  if ("error" in windows) {
    file.close();
    return { error: `${windows.error}; make the file ${places.end} bytes long, or remove it` };
  }
  const { checksum = "none", fastChannels = {} } = options;
  const channels = ports.map((port, index): ShmemChannel => {
    const number = AREAS_PER_CHANNEL * index;
    const report = (text: string) => owner.report(`area ${number}: ${text}`);
    const ring = () => owner.ring(number + 1);
    return {
      port,
      commands: new SmtCommandArea(windows[number]!, port, { checksum, report }),
      notifications: new SmtNotificationArea(windows[number + 1]!, port, ring, {
        checksum,
        wantsInterrupt: true,
      }),
    };
  });
  const isLost = () => file.isTruncated;
  const fastArea = offerFastChannels(windows.at(-1)!, ports, { ...fastChannels, isLost });
  const areas = new ShmemAreas(file, channels, fastArea);
  areas.initialise();
  return areas;
}
