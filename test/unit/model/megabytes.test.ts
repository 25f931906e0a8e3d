import { expect, test } from 'vitest';
import { megabytes } from '../../../src/model/units.ts';

test.each([
  [12_345_678, 12.35],
  [1_000_000, 1],
  [999_949, 0.9999],
  [35_123, 0.0351],
  [120, 0.0001],
  [0, 0],
])('%d bytes are %d MB', (bytes, mb) => {
  expect(megabytes(bytes)).toBe(mb);
});
