// The New European Driving Cycle (UN R83 and R101): 1180 s, 11.0 km. Time in s and speed in km/h, linear between.
// JRCSTU/CO2MPAS-TA holds the same table.

const URBAN = [
  [0, 0],
  [11, 0],
  [15, 15],
  [23, 15],
  [25, 10],
  [28, 0],
  [49, 0],
  [54, 15],
  [56, 15],
  [61, 32],
  [85, 32],
  [93, 10],
  [96, 0],
  [117, 0],
  [122, 15],
  [124, 15],
  [133, 35],
  [135, 35],
  [143, 50],
  [155, 50],
  [163, 35],
  [176, 35],
  [178, 35],
  [185, 10],
  [188, 0],
] as const;

const EXTRA_URBAN = [
  [0, 0],
  [20, 0],
  [25, 15],
  [27, 15],
  [36, 35],
  [38, 35],
  [46, 50],
  [48, 50],
  [61, 70],
  [111, 70],
  [119, 50],
  [188, 50],
  [201, 70],
  [251, 70],
  [286, 100],
  [316, 100],
  [336, 120],
  [346, 120],
  [362, 80],
  [370, 50],
  [380, 0],
  [400, 0],
] as const;

/** The length of the urban part, s; it is driven four times. */
const URBAN_S = 195;

/** The cycle: the urban part four times, then the extra-urban part. */
export const NEDC: readonly (readonly [number, number])[] = [
  ...[0, 1, 2, 3].flatMap((round) =>
    URBAN.map(([timeS, speedKmPerH]) => [round * URBAN_S + timeS, speedKmPerH] as const)
  ),
  ...EXTRA_URBAN.map(([timeS, speedKmPerH]) => [4 * URBAN_S + timeS, speedKmPerH] as const),
];
