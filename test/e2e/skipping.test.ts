import { createHash } from 'node:crypto';
import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, complaints, countFrames } from '../support/clips.ts';
import { type CliRun, expectRefusal, fresh, listing, ok, resultOf, sg } from '../support/run-cli.ts';

const FAST = ['--speed', 'ultrafast', '--json'];

interface Made {
  readonly folder: string;
  readonly source: string;
  readonly output: string;
  readonly first: CliRun;
  /** The same request once more. */
  readonly again: (...more: readonly string[]) => Promise<CliRun>;
}

/** An export with a history of its own, made once. */
async function made(...flags: readonly string[]): Promise<Made> {
  const folder = fresh();
  const [source, output] = [join(folder, 'film.mp4'), join(folder, 'out.mp4')];
  copyFileSync(clip(), source);
  const db = ['--db', join(fresh(), 'h.db')];
  const again = (...more: readonly string[]) =>
    sg(['export', source, '-o', output, ...FAST, ...flags, '--skip-existing', ...db, ...more]);
  const first = await again();
  expect(resultOf(first)).toMatchObject({ status: 'completed' });
  expect(resultOf(first)).not.toHaveProperty('skipped');
  return { folder, source, output, first, again };
}

const fileOf = (path: string) => {
  const { ino, mtimeMs, size } = statSync(path);
  return { ino, mtimeMs, size, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
};

describe('--skip-existing does nothing where the destination is what it would make', () => {
  async function expectSkipped({ output, first, again }: Made, ...more: readonly string[]): Promise<void> {
    const before = fileOf(output);
    const run = await again(...more);
    expect(run.code).toBe(0);
    expect(fileOf(output)).toEqual(before);
    const { file_sizes, checksums, output_files } = resultOf(first);
    const same = { status: 'completed', progress: 100, skipped: true, file_sizes, checksums, output_files };
    expect(resultOf(run)).toMatchObject({ ...same, error_code: null });
  }

  test('the same request of the same source', async () => {
    const one = await made();
    await expectSkipped(one);
    await expectSkipped(one, '--receipt', join(one.folder, 'r.json'), '--timeout', '60');
    const both = await one.again('--overwrite');
    expect(resultOf(both)).toMatchObject({ error_code: 'USAGE', output_files: [] });
  });

  test('the same content elsewhere, or touched', async () => {
    const one = await made();
    utimesSync(one.source, 1_500_000_000, 1_500_000_000);
    await expectSkipped(one);
    // Another file of the same content in its place.
    copyFileSync(one.source, `${one.source}.copy`);
    utimesSync(`${one.source}.copy`, 1_500_000_000, 1_500_000_000);
    renameSync(`${one.source}.copy`, one.source);
    await expectSkipped(one);
  });

  test('a person reads the path, and no more', async () => {
    const { source, output } = await made();
    // The default history does not know it; the next one has it from here.
    const args = ['export', source, '-o', output, '--speed', 'ultrafast'];
    await ok([...args, '--overwrite']);
    const run = await ok([...args, '--skip-existing']);
    expect(run.stdout).toBe(`${output}\n`);
  });

  test('another history, where the receipt says whose it is', async () => {
    const folder = fresh();
    const receipt = ['--receipt', join(folder, 'r.json')];
    const one = await made(...receipt);
    await expectSkipped(one, '--db', join(fresh(), 'new.db'));
    const stale = await one.again('--db', join(fresh(), 'new.db'), '--crf', '40');
    expect(resultOf(stale)).toMatchObject({ status: 'completed', error_code: null });
    expect(resultOf(stale)).not.toHaveProperty('skipped');
  });
});

describe('--skip-existing makes it again where it is not', () => {
  const CHANGES: Readonly<Record<string, (one: Made) => readonly string[]>> = {
    'another request': () => ['--crf', '40'],
    'another source': ({ source }) => {
      copyFileSync(clip({ fps: 24 }), source);
      return [];
    },
    'a source of the same size and other content': ({ source }) => {
      const content = readFileSync(source);
      // In the name of the program that made it, which no picture depends on.
      const at = content.indexOf('Lavf');
      expect(at).toBeGreaterThan(0);
      content.write('Lavg', at, 'latin1');
      writeFileSync(source, content);
      return [];
    },
    'a destination that was cut': ({ output }) => {
      truncateSync(output, Math.floor(statSync(output).size / 2));
      return [];
    },
    'a destination of the same size and other content': ({ output }) => {
      const content = readFileSync(output);
      content.fill(0x55, Math.floor(content.length / 2), Math.floor(content.length / 2) + 2000);
      writeFileSync(output, content);
      return [];
    },
    'a destination that is gone': ({ output }) => {
      rmSync(output);
      return [];
    },
  };
  test.each(oneOf(2, Object.entries(CHANGES)))('%s', async (_name, change) => {
    const one = await made();
    const flags = change(one);
    const run = await one.again(...flags);
    const result = resultOf(run);
    expect(result).toMatchObject({ status: 'completed', output_files: [one.output] });
    expect(result).not.toHaveProperty('skipped');
    expect(complaints(one.output)).toBe('');
    expect(countFrames(one.output)).toBe(countFrames(one.source));
    expect(listing(one.folder)).toEqual(['film.mp4', 'out.mp4']);
    expect(resultOf(await one.again(...flags))).toMatchObject({ skipped: true });
  });
});

describe('--skip-existing leaves what is not its own', () => {
  test.each([
    ["somebody's film", (output: string) => copyFileSync(clip({ size: '160x90' }), output)],
    ['a text', (output: string) => writeFileSync(output, 'precious\n')],
    ['an empty file', (output: string) => writeFileSync(output, '')],
  ])('%s is exit 2', async (_name, put) => {
    const folder = fresh();
    const output = join(folder, 'out.mp4');
    put(output);
    const before = fileOf(output);
    const run = await sg(['export', clip(), '-o', output, '--skip-existing']);
    expectRefusal(run, 2);
    expect(run.stderr).toContain('--overwrite');
    expect(fileOf(output)).toEqual(before);
    expect(listing(folder)).toEqual(['out.mp4']);
  });

  test('an own film in another history without a receipt is exit 2', async () => {
    const { output, again } = await made();
    const before = fileOf(output);
    const run = await again('--db', join(fresh(), 'new.db'));
    expect(run.code).toBe(2);
    expect(resultOf(run)).toMatchObject({ error_code: 'USAGE' });
    expect(fileOf(output)).toEqual(before);
  });

  test('{timestamp}, which never names the same file, is exit 2', async () => {
    const folder = fresh();
    const args = ['export', clip(), '-o', folder, '--name', '{name}_{timestamp}', '--skip-existing'];
    expectRefusal(await sg(args), 2);
    expect(listing(folder)).toEqual([]);
  });
});
