// The memory in which an agent sees its data events: a prologue, one line for each, an epilogue. All lines are of the long form
// and have their place for ever; those of data events that are off say that they hold nothing. An agent takes what it read
// only if the numbers at both ends are equal and even: they are odd and different while lines change. scmi-devices 8.4.
import { packBits, writeSafe64 } from "../../scp/core/codec.ts";
import type { SharedRegion } from "../../scp/core/shared_area.ts";
import type { TelemetryContext } from "./context.ts";
import { LINE_SIZE_MAX, lineOf } from "./lines.ts";
import { LINE_META } from "./messages.ts";

/** "TBGN" and "TEND", as words. */
const SIGNATURE_START = 0x5442_474e;
const SIGNATURE_END = 0x5445_4e44;
const REVISION = 1;
const PROLOGUE_SIZE = 16;
const EPILOGUE_SIZE = 8;

/** The one area of a channel. */
export class TelemetryArea implements SharedRegion {
  readonly id = 0;
  readonly size: number;
  #address = 0n;
  /** Even; grows with every time that the lines change. */
  #sequence = 0;

  private constructor(readonly context: TelemetryContext) {
    this.size = PROLOGUE_SIZE + LINE_SIZE_MAX * context.events.all.length + EPILOGUE_SIZE;
  }

  /** Shows the agent an area; null = its channel has no memory for it. */
  static map(context: TelemetryContext): TelemetryArea | null {
    const { session } = context;
    const area = new TelemetryArea(context);
    const address = session.sharedAreas?.mapRegion(session.protocolId, area) ?? null;
    if (address === null) return null;
    area.#address = address;
    return area;
  }

  /** Where the agent sees it. */
  get address(): bigint {
    return this.#address;
  }

  /** Where the line of a data event begins. */
  offsetOf(place: number): number {
    return PROLOGUE_SIZE + LINE_SIZE_MAX * place;
  }

  /** See `SharedRegion`. */
  write(view: DataView): void {
    const { all } = this.context.events;
    const end = this.offsetOf(all.length);
    view.setUint32(4, this.#sequence + 1, true);
    view.setUint32(0, SIGNATURE_START, true);
    view.setUint32(8, (LINE_SIZE_MAX / 8) * all.length, true);
    view.setUint32(12, REVISION, true);
    for (let place = 0; place < all.length; place++) this.#writeLine(view, place);
    this.#sequence = (this.#sequence + 2) >>> 0;
    view.setUint32(end + 4, SIGNATURE_END, true);
    view.setUint32(end, this.#sequence, true);
    view.setUint32(4, this.#sequence, true);
  }

  #writeLine(view: DataView, place: number): void {
    const { context } = this;
    const { meta, dataEventId, value, timestamp } = lineOf(context, place);
    const isInvalid = meta.isInvalid || !context.isAreaFilled;
    const offset = this.offsetOf(place);
    view.setUint32(offset, packBits(LINE_META, { ...meta, isExtended: true, isInvalid }), true);
    view.setUint32(offset + 4, dataEventId, true);
    writeSafe64(view, offset + 8, value);
    writeSafe64(view, offset + 16, timestamp);
  }
}
