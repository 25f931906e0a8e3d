/** So many places among `total`, evenly spread, each in the middle of its share; some stand twice where there are fewer. */
export const spread = (count: number, total: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * total) / count));
