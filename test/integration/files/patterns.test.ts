import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expandPattern } from '../../../src/files/patterns.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-patterns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const name of ['day 1', 'day 2', '.hidden']) mkdirSync(join(folder, name), { recursive: true });
for (const name of [
  'a1.mov',
  'a2.mov',
  'a10.mov',
  'b.mov',
  '.c.mov',
  'day 1/x.mov',
  'day 2/x.mov',
  'a[1].mov',
  'é.mov',
]) {
  writeFileSync(join(folder, name), '');
}

test.each([
  ['a*.mov', ['a1.mov', 'a2.mov', 'a10.mov', 'a[1].mov']],
  ['a?.mov', ['a1.mov', 'a2.mov']],
  ['[!a]*.mov', ['b.mov', 'é.mov']],
  ['?.mov', ['b.mov', 'é.mov']],
  ['day */x.*', ['day 1/x.mov', 'day 2/x.mov']],
  ['.*.mov', ['.c.mov']],
  ['*.mxf', []],
  ['a[12].mov', ['a1.mov', 'a2.mov']],
  ['(a|b).mov*', []],
])('%s', async (pattern, paths) => {
  expect([...(await expandPattern(pattern, folder))].sort()).toEqual([...paths].sort());
});

test('from the root, and as people count', async () => {
  expect(await expandPattern(`${folder}/a*.mov`, '/')).toEqual(
    expect.arrayContaining(['a1.mov', 'a2.mov', 'a10.mov'].map((name) => join(folder, name))),
  );
  const numbered = (await expandPattern('a*.mov', folder)).filter((name) => /^a\d/.test(name));
  expect(numbered).toEqual(['a1.mov', 'a2.mov', 'a10.mov']);
});
