import { describe, expect, test } from 'vitest';
import { ALL_IDS, ALLOWED, idsOf, pairsOf, pairwise, REFUSED, titled, wrongPairsOf } from '../support/combinations.ts';
import { expectCombinationRefused, expectDelivered, loggedTools } from '../support/expect-combination.ts';

// A pairwise choice from the rows: test/full/matrix.test.ts makes them all.
const made = pairwise(ALLOWED, pairsOf);
const refused = pairwise(REFUSED, wrongPairsOf);

test('the choice holds every codec, container and audio codec, and every pair with a container, right or wrong', () => {
  expect(idsOf(made)).toEqual(ALL_IDS);
  const pairs = (list: typeof made) => new Set(list.flatMap(pairsOf));
  expect(pairs(made)).toEqual(pairs(ALLOWED));
  expect(pairs([...made, ...refused])).toEqual(pairs([...ALLOWED, ...REFUSED]));
});

describe('what the rows allow is made', () => {
  test.each(titled(made))('%s', (_, one) => expectDelivered(one));
});

describe('what the rows refuse is exit 4 before anything starts', () => {
  const tools = loggedTools();
  test.each(titled(refused))('%s', (_, one) => expectCombinationRefused(one, tools));
});
