import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { depfileRule } from '../../../src/files/depfile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-depfile-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const hasMake = (() => {
  try {
    return execFileSync('make', ['--version'], { encoding: 'utf8' }).includes('GNU Make');
  } catch {
    return false;
  }
})();
if (!hasMake) console.warn('depfile against real make: skipped, GNU make is not installed');

/** What make says, given the rule, of a target whose source is older, is newer, and is gone. */
function makeSettles(target: string, source: string): readonly [string, string, string] {
  writeFileSync(join(folder, source), 's');
  writeFileSync(join(folder, target), 't');
  writeFileSync(join(folder, 'Makefile'), depfileRule(target, [source]).replace('\n', ' ; @echo MADE\n'));
  const make = () =>
    execFileSync('make', ['-s', '-C', folder, '--no-print-directory', '--', target], { encoding: 'utf8' });
  utimesSync(join(folder, source), 1000, 1000);
  utimesSync(join(folder, target), 2000, 2000);
  const fresh = make();
  utimesSync(join(folder, source), 3000, 3000);
  const stale = make();
  rmSync(join(folder, source));
  // Not every source can have a rule of its own.
  return [fresh, stale, /[\t;]/.test(source) ? 'MADE' : make()];
}

const NAMES = [
  'plain.mov',
  'two words.mov',
  'tab\there.mov',
  'a#b.mov',
  'cost$5.mov',
  'cost$(x).mov',
  '100%.mov',
  'a:b.mov',
  'a=b.mov',
  'a:=b.mov',
  'a;b.mov',
  'star*.mov',
  'what?.mov',
  'set[1].mov',
  '~tilde.mov',
  'a|b.mov',
  'amp&.mov',
  'back\\slash.mov',
  'back\\ space.mov',
  'back\\#hash.mov',
  'quote\'s "x".mov',
  'bang!(1){2}.mov',
  'ümläut.mov',
];

describe.skipIf(!hasMake)('real make reads the rule', () => {
  test.each(NAMES)('%j as a source', (name) => {
    const [fresh, stale, gone] = makeSettles('out.mp4', name);
    expect(fresh).not.toContain('MADE');
    expect(stale).toContain('MADE');
    expect(gone).toContain('MADE');
  });
  test.each(NAMES.filter((name) => !name.includes('\t')))('%j as the target', (name) => {
    const [fresh, stale, gone] = makeSettles(name, 'source.bin');
    expect(fresh).not.toContain('MADE');
    expect(stale).toContain('MADE');
    expect(gone).toContain('MADE');
  });
});

test('plain names are left as they are', () => {
  expect(depfileRule('out/film.mp4', ['in.mov', 'job.yaml'])).toBe(
    'out/film.mp4: in.mov job.yaml\nin.mov:\njob.yaml:\n',
  );
});

test('names that make cannot read are refused', () => {
  expect(() => depfileRule('out.mp4', ['a\nb.mov'])).toThrow(/make cannot read/);
  expect(() => depfileRule('out\n.mp4', [])).toThrow(/make cannot read/);
  expect(() => depfileRule('o\tut.mp4', [])).toThrow(/make cannot read/);
  expect(() => depfileRule('out.mp4', ['ends\\'])).toThrow(/make cannot read/);
});
