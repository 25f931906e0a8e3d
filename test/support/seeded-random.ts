/** Numbers from 0 to 1 that come again with the same seed (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Another seed on each run; `SG_EXPORT_TEST_SEED` brings one back. It is printed, so that a failure can be had again. */
export function printedSeed(what: string): number {
  const seed = Number(process.env.SG_EXPORT_TEST_SEED ?? Date.now() % 1_000_000);
  console.info(`${what}: seed ${seed} (SG_EXPORT_TEST_SEED=${seed} brings it back)`);
  return seed;
}

/** So many moments between 0 and 1, one in each of as many equal parts, in no order. */
export function spreadMoments(count: number, random: Random): readonly number[] {
  const moments = Array.from({ length: count }, (_, i) => (i + random()) / count);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [moments[i], moments[j]] = [moments[j] ?? 0, moments[i] ?? 0];
  }
  return moments;
}
