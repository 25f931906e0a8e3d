import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expandPattern } from '../../../src/files/patterns.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-patterns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const name of ['day 1', 'day 2/reel', '.hidden']) mkdirSync(join(folder, name), { recursive: true });
for (const name of [
  'a1.mov',
  'a2.mov',
  'a10.mov',
  'b.mov',
  '.c.mov',
  'day 1/x.mov',
  'day 2/x.mov',
  'day 2/reel/x.mov',
  '.hidden/x.mov',
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
  ['a[[:digit:]].mov', ['a1.mov', 'a2.mov']],
  ['[[:alpha:]].mov', ['b.mov', 'é.mov']],
  ['[^[:lower:]]*.mov', []],
  ['a[[]1[]].mov', ['a[1].mov']],
  ['**/x.mov', ['day 1/x.mov', 'day 2/reel/x.mov', 'day 2/x.mov']],
  ['day 2/**', ['day 2/reel', 'day 2/reel/x.mov', 'day 2/x.mov']],
  ['**/b.mov', ['b.mov']],
  ['**/**/reel/*', ['day 2/reel/x.mov']],
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

test('a class of characters that there is not', async () => {
  await expect(expandPattern('a[[:digits:]].mov', folder)).rejects.toThrow(/holds \[:digits:\], which is no class/);
  await expect(expandPattern('a[[=e=]].mov', folder)).rejects.toThrow(/holds \[=e=\]/);
});

test('links to folders are no way for **: they may lead in a circle', async () => {
  symlinkSync('.', join(folder, 'day 1/round'));
  expect(await expandPattern('**/x.mov', folder)).toEqual(
    expect.not.arrayContaining([expect.stringContaining('round')]),
  );
  expect(await expandPattern('day 1/round/*.mov', folder)).toHaveLength(1);
});
