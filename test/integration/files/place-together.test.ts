import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeTogether } from '../../../src/files/place-together.ts';
import { stampFile } from '../../../src/files/stamp.ts';

let folder = '';
let scratch = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sg-together-'));
  scratch = join(folder, '.scratch');
  mkdirSync(scratch);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(scratch, name), `new ${name}`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const placed = () =>
  readdirSync(folder)
    .filter((name) => name !== '.scratch')
    .sort();
const file = (name: string, replace: boolean) => ({ from: join(scratch, name), to: at(name), replace });

describe('files that belong together', () => {
  it('are all put into place', async () => {
    await placeTogether([file('a', false), file('b', false)], scratch);
    expect(placed()).toEqual(['a', 'b']);
    expect(readFileSync(at('b'), 'utf8')).toBe('new b');
  });

  it('are none of them there where one has no place', async () => {
    writeFileSync(at('a'), 'old a');
    writeFileSync(at('c'), 'somebody else');
    const inode = statSync(at('a')).ino;
    await expect(placeTogether([file('a', true), file('b', false), file('c', false)], scratch)).rejects.toThrow(
      'exists',
    );
    expect(placed()).toEqual(['a', 'c']);
    expect(readFileSync(at('a'), 'utf8')).toBe('old a');
    expect(statSync(at('a')).ino).toBe(inode);
    expect(readFileSync(at('c'), 'utf8')).toBe('somebody else');
  });

  it('can be taken back afterwards, to what was there before', async () => {
    writeFileSync(at('a'), 'old a');
    const replace = await stampFile(at('a'));
    const together = await placeTogether([{ ...file('a', false), replace }, file('b', true)], scratch);
    expect(readFileSync(at('a'), 'utf8')).toBe('new a');
    together.takeBackSync();
    together.takeBackSync();
    expect(placed()).toEqual(['a']);
    expect(readFileSync(at('a'), 'utf8')).toBe('old a');
  });
});
