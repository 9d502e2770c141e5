// A sensor on a board: what agents are told about it, which signal of the model it reads, and how well, or which agent supplies
// its values. Wire formats are the sensor protocol's matter; the error terms act in scp/model/error_chain.ts.

/** mantissa x 10^exponent; of an interval in seconds, of a step in the unit of the sensor. */
export interface Decimal {
  readonly mantissa: number;
  readonly exponent: number;
}

/** The update intervals a sensor offers. */
export type IntervalPlan =
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly list: readonly Decimal[] }
  | {
    readonly kind: "segment";
    readonly lowest: Decimal;
    readonly highest: Decimal;
    readonly step: Decimal;
  };

/** Imperfections, in the unit of the sensor; they act in the profile `road`, and `lab` has noise of half a step. */
export interface SensorErrors {
  /** Time constant of a first-order lag, s; below 0.05 it is not seen. */
  readonly lagS: number;
  /** The unit's own constant offset is drawn between plus and minus this. */
  readonly offsetMax: number;
  /** The unit's own gain error is drawn between plus and minus this share of the value. */
  readonly gainMax: number;
  /** Standard deviation of the noise of one sample; null = half a step, 0 = none in any profile (counters). */
  readonly noiseSigma: number | null;
}

/** A complete sensor: every field there. */
export interface SensorDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** SCMI sensor type (unit code), 0..255. */
  readonly typeCode: number;
  /** A reading is in units of 10^unitExponent, -16..15. */
  readonly unitExponent: number;
  /** Name of the signal it reads, such as `temperature.die`; boards/signals.ts lists them. Null = an agent supplies it. */
  readonly signal: string | null;
  /** The agent that supplies its values; null exactly when there is a signal. */
  readonly suppliedBy: string | null;
  /** A supplied value that is older is none any more, ms; null = it never grows too old. */
  readonly staleAfterMs: number | null;
  /** The power domain it belongs to: it cannot be read unless that is on; null = it is always supplied. */
  readonly powerDomain: string | null;
  /** Axis names of a three-axis sensor; null = scalar. */
  readonly axes: readonly string[] | null;
  /** Smallest and largest value, in the unit of the sensor. */
  readonly rangeMin: number;
  readonly rangeMax: number;
  /** Readings are whole multiples of this, in the unit of the sensor. */
  readonly step: Decimal;
  /** The sensor takes a sample at each multiple of this, us. */
  readonly samplePeriodUs: number;
  readonly errors: SensorErrors;
  /** Power it draws, uW; 0 = not told. */
  readonly powerUw: number;
  /** Whether its descriptors carry power, resolution and range. */
  readonly hasExtendedAttributes: boolean;
  readonly tripPointCount: number;
  /** Time of a reading as delayed response, us; null = not supported. */
  readonly asyncLatencyUs: number | null;
  readonly supportsContinuousUpdate: boolean;
  /** A timestamp tick is 10^exponent s; null = no timestamps. */
  readonly timestampExponent: number | null;
  readonly intervals: IntervalPlan;
  /** In force until an agent sets one; null exactly when `intervals` is `none`. */
  readonly defaultInterval: Decimal | null;
  readonly startsEnabled: boolean;
}

/** A sensor as it is written: it has a signal or somebody who supplies it, what else may be left out has a `?`. */
export interface SensorInput {
  readonly id: number;
  readonly name: string;
  readonly typeCode: number;
  readonly unitExponent: number;
  /** Either this or `suppliedBy`. */
  readonly signal?: string | null;
  readonly suppliedBy?: string | null;
  readonly staleAfterMs?: number | null;
  readonly powerDomain?: string | null;
  readonly axes?: readonly string[] | null;
  readonly rangeMin: number;
  readonly rangeMax: number;
  readonly step: Decimal;
  readonly samplePeriodUs: number;
  /** Perfect unless given; each term may be left out. */
  readonly errors?: Partial<SensorErrors>;
  readonly powerUw?: number;
  readonly hasExtendedAttributes?: boolean;
  readonly tripPointCount?: number;
  readonly asyncLatencyUs?: number | null;
  readonly supportsContinuousUpdate?: boolean;
  readonly timestampExponent?: number | null;
  readonly intervals?: IntervalPlan;
  readonly defaultInterval?: Decimal | null;
  /** True unless given: Linux' hwmon driver never enables a sensor. */
  readonly startsEnabled?: boolean;
}

/** A sensor without its place on a board, as packs of sensors hold it. */
export type SensorTemplate = Omit<SensorInput, "id">;

/** Completes a sensor with the defaults. */
export function completeSensor(input: SensorInput): SensorDescription {
  const intervals = input.intervals ?? { kind: "none" };
  return {
    id: input.id,
    name: input.name,
    typeCode: input.typeCode,
    unitExponent: input.unitExponent,
    signal: input.signal ?? null,
    suppliedBy: input.suppliedBy ?? null,
    staleAfterMs: input.staleAfterMs ?? null,
    powerDomain: input.powerDomain ?? null,
    axes: input.axes ?? null,
    rangeMin: input.rangeMin,
    rangeMax: input.rangeMax,
    step: input.step,
    samplePeriodUs: input.samplePeriodUs,
    errors: {
      lagS: input.errors?.lagS ?? 0,
      offsetMax: input.errors?.offsetMax ?? 0,
      gainMax: input.errors?.gainMax ?? 0,
      noiseSigma: input.errors?.noiseSigma ?? null,
    },
    powerUw: input.powerUw ?? 0,
    hasExtendedAttributes: input.hasExtendedAttributes ?? false,
    tripPointCount: input.tripPointCount ?? 0,
    asyncLatencyUs: input.asyncLatencyUs ?? null,
    supportsContinuousUpdate: input.supportsContinuousUpdate ?? false,
    timestampExponent: input.timestampExponent ?? null,
    intervals,
    defaultInterval: input.defaultInterval ?? firstInterval(intervals),
    startsEnabled: input.startsEnabled ?? true,
  };
}

/** The interval in force when the board names none: the first of a list, the lowest of a segment. */
function firstInterval(intervals: IntervalPlan): Decimal | null {
  if (intervals.kind === "none") return null;
  return intervals.kind === "segment" ? intervals.lowest : intervals.list[0] ?? null;
}
