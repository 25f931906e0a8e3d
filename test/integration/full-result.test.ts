import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// A vitest of its own, on files that end in every way, writes the page of the full tests.
const FILES: Readonly<Record<string, string>> = {
  'good.test.js': "test('a', () => {}); test('b', () => {});",
  'bad.test.js':
    "describe('group', () => test('sum | of <two>', () => expect(1 + 1).toBe(3))); test('fine', () => {});",
  'broken.test.js': "throw new Error('cannot be loaded at all');",
  'hook.test.js':
    "describe('hooked', () => { beforeAll(() => { throw new Error('no disk'); }); test('late', () => {}); });",
  'moons.js': "console.warn('tests on moons: skipped, there is no moon'); export const noMoon = true;",
  'skips.test.js': [
    "import { noMoon } from './moons.js';",
    "test.skipIf(noMoon)('moon', () => {});",
    "test('noted', (context) => context.skip('it is Sunday'));",
  ].join('\n'),
  'silent.test.js': "test.skip('nobody says why', () => {}); test.skip('zsh (skipped without zsh)', () => {});",
};
const folder = mkdtempSync(join(tmpdir(), 'sg-full-result-'));
const page = join(folder, 'RESULT.md');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function vitest(...more: readonly string[]) {
  const args = [resolve('node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--config', `${folder}/config.mjs`];
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VITEST|TEST$)/.test(key)));
  return spawnSync(process.execPath, [...args, ...more], { encoding: 'utf8', env, timeout: 50_000 });
}

beforeAll(() => {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  const config = `import { FullResult } from '${resolve('test/full-result.ts')}';
export default { test: { include: ['*.test.js'], globals: true, pool: 'forks', maxWorkers: 2,
  reporters: ['default', new FullResult('${page}')] } };`;
  writeFileSync(join(folder, 'config.mjs'), config);
});

describe('the page of the full tests', () => {
  test('is not begun by a part of the tests', () => {
    const byFile = vitest('good');
    expect(byFile.status, byFile.stderr).toBe(0);
    const byName = vitest('-t', 'fine');
    expect(`${byFile.stdout}${byName.stdout}`.match(/RESULT\.md stays as it is/g)).toHaveLength(2);
    expect(existsSync(page)).toBe(false);
  });

  test('holds every file, with what failed and why tests were skipped', () => {
    const run = vitest();
    expect(run.status).toBe(1);
    const text = readFileSync(page, 'utf8');
    const parts: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
      text.split(/^## /m).map((part) => [part.split('\n')[0], part.trim().split('\n')]),
    );
    expect(text).toMatch(/^\d{4}-\d\d-\d\d, node v\d.*, ffmpeg version .*, \d+ cores/m);
    expect(text).toMatch(/^3 passed, 3 failed, 5 skipped \(6 of 6 files, [\d.]+ s\)$/m);
    expect(parts.Failed?.slice(2)).toEqual([
      '- bad.test.js: group \\> sum \\| of \\<two\\>: expected 2 to be 3 // Object.is equality',
      '- broken.test.js: the file: cannot be loaded at all',
      '- hook.test.js: hooked: no disk',
    ]);
    expect(parts['Skipped, and why']?.slice(2)).toEqual([
      '- hook.test.js: hooked \\> late: its group failed',
      '- silent.test.js: nobody says why: no reason given',
      '- silent.test.js: zsh (skipped without zsh): skipped without zsh',
      '- skips.test.js: moon: tests on moons: skipped, there is no moon',
      '- skips.test.js: noted: it is Sunday',
    ]);
    const rows = parts.Files?.slice(4).map((row) => row.replace(/ [\d.]+ \| [\da-f–]+ \|$/, ''));
    expect(rows).toEqual([
      '| bad.test.js | 1 | 1 | 0 |',
      '| broken.test.js | 0 | 1 | 0 |',
      '| good.test.js | 2 | 0 | 0 |',
      '| hook.test.js | 0 | 1 | 1 |',
      '| silent.test.js | 0 | 0 | 2 |',
      '| skips.test.js | 0 | 0 | 2 |',
    ]);
  });

  test('has a file that was run again anew, and the others as they were; a part of a file changes nothing', () => {
    const before = readFileSync(page, 'utf8');
    expect(vitest('bad', '-t', 'fine').stdout).toMatch(/RESULT\.md stays as it is/);
    expect(readFileSync(page, 'utf8')).toBe(before);
    writeFileSync(
      join(folder, 'bad.test.js'),
      "test('sum', () => expect(1 + 2).toBe(3)); test.skip('later', () => {});",
    );
    expect(vitest('bad').status).toBe(0);
    const after = readFileSync(page, 'utf8');
    expect(after).toMatch(/^3 passed, 2 failed, 6 skipped \(1 of 1 files, beside 5 as they were, [\d.]+ s\)$/m);
    expect(after).toMatch(/^\| bad\.test\.js \| 1 \| 0 \| 1 \|/m);
    const lines = (text: string) =>
      text.split('\n').filter((line) => /^[-|] /.test(line) && !line.includes('bad.test.js'));
    expect(lines(after)).toEqual(lines(before));
    expect(after).toContain('- bad.test.js: later: no reason given');
  });

  test('says that it is not finished where the run is killed', () => {
    const fatal = join(folder, 'fatal.test.js');
    writeFileSync(fatal, "test('kills the run', () => { process.kill(process.ppid, 'SIGKILL'); });");
    vitest();
    rmSync(fatal);
    expect(readFileSync(page, 'utf8')).toMatch(/^\*\*Not finished\*\*: .* of 7 files/m);
  });
});
