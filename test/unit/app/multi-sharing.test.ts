import { expect, test } from 'vitest';
import { mostTogether } from '../../../src/app/multi-share.ts';

type Request = Parameters<typeof mostTogether>[0];
const request = (parallel: number, share?: boolean) => ({ parallel, share }) as Request;

test.each([
  ['two cores: all that run at once', 3, 2, 3],
  ['eight cores', 3, 8, 3],
  ['sixteen: each has more than five', 3, 16, 1],
  ['sixteen, for eight encodes: four in a process', 8, 16, 4],
  ['one after the other', 1, 2, 1],
])('%s', (_name, parallel, cores, most) => {
  expect(mostTogether(request(parallel), 30, cores)).toBe(most);
});

test('where nobody says how many, a ladder of four, which is one process', () => {
  const byDefault = { parallel: 3, together: 4 } as Request;
  expect(mostTogether(byDefault, 30, 2)).toBe(4);
  expect(mostTogether(byDefault, 2, 2)).toBe(2);
  expect(mostTogether(byDefault, 30, 16)).toBe(2);
});

test('as it is asked for', () => {
  expect(mostTogether(request(8, true), 5, 64)).toBe(5);
  expect(mostTogether(request(8, false), 5, 2)).toBe(1);
});
