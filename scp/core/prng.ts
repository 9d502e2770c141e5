// Seeded randomness: pure-rand behind one small interface, plus counter-based noise for values that have to be the same
// whoever asks first. Not for secrets.
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A generator with a position: each call moves it on. */
export interface Prng {
  /** Returns a whole number, 0 to 2^32 - 1. */
  nextU32(): number;
  /** Returns a whole number from `from` to `to`, both included, both safe integers. */
  nextInteger(from: number, to: number): number;
  /** Returns a number from 0 up to, not including, 1. */
  nextUnit(): number;
  /** Returns a normally distributed number, mean 0, standard deviation 1, never beyond 5. */
  nextGaussian(): number;
}

/** Odd constant of the golden ratio: spreads consecutive numbers over 32 bits. */
const GOLDEN = 0x9e3779b9;

/** Eight halves of random words summed have this mean and this standard deviation. */
const SUM_MEAN = 8 * 65535 / 2;
const SUM_DEVIATION = Math.sqrt(8 * (65536 * 65536 - 1) / 12);

/** Scrambles 32 bits so that each input bit changes about half of the output bits. */
function scramble(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** Adds a whole number (up to 2^53, either sign) to a hash. */
function absorb(hash: number, value: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  return scramble(scramble(hash ^ (value | 0)) + Math.imul(high | 0, GOLDEN) + 1 | 0);
}

/**
 * Returns a 32-bit key for the stream that belongs to a seed, a name and an index. Different names give unrelated
 * streams, so adding a sensor leaves the noise of the others as it was.
 */
export function streamKey(seed: number, name: string, index = 0): number {
  let hash = absorb(GOLDEN | 0, seed);
  for (let at = 0; at < name.length; at++) hash = scramble(hash ^ name.charCodeAt(at)) + GOLDEN | 0;
  return absorb(hash, index);
}

/** Makes the generator of the stream that belongs to a seed, a name and an index. */
export function createPrng(seed: number, name = "", index = 0): Prng {
  const key = streamKey(seed, name, index);
  const words = [1, 2, 3, 4].map((place) => scramble(key + Math.imul(place, GOLDEN) | 0));
  if (!words.some((word) => word !== 0)) words.fill(1); // the one state this generator cannot leave
  const generator = xoroshiro128plusFromState(words);
  return {
    nextU32: () => generator.next() >>> 0,
    nextInteger: (from, to) => uniformInt(generator, from, to),
    nextUnit: () => uniformFloat64(generator),
    nextGaussian: () => {
      let sum = 0;
      for (let place = 0; place < 4; place++) {
        const word = generator.next();
        sum += (word & 0xffff) + (word >>> 16);
      }
      return (sum - SUM_MEAN) / SUM_DEVIATION;
    },
  };
}

/**
 * Returns the normally distributed number (mean 0, standard deviation 1, never beyond 5) at a place of a stream: the same
 * key and index always give the same number, however many were asked for before. Whole-number arithmetic up to the
 * last division, so that every engine agrees.
 */
export function gaussianAt(key: number, index: number): number {
  let word = scramble(
    (key ^ scramble(index | 0)) + Math.imul(Math.floor(index / 0x1_0000_0000) | 0, GOLDEN) | 0,
  );
  let sum = 0;
  for (let place = 0; place < 4; place++) {
    word = scramble(word + GOLDEN | 0);
    sum += (word & 0xffff) + (word >>> 16);
  }
  return (sum - SUM_MEAN) / SUM_DEVIATION;
}
