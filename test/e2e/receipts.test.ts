import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { REAL_FFMPEG } from '../support/fake-tools.ts';
import { fresh, listing, ok, resultOf, sg } from '../support/run-cli.ts';

type Json = Readonly<Record<string, unknown>>;
const readJson = (path: string): Json => JSON.parse(readFileSync(path, 'utf8'));
const stampOf = (path: string) => {
  const { size, ino, mtimeNs } = statSync(path, { bigint: true });
  const sha256 = `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  return { path, bytes: Number(size), mtime_ns: String(mtimeNs), inode: String(ino), sha256 };
};
/** A word as the dry run's script has it. */
const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

describe('a receipt tells the truth', () => {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  const output = join(folder, 'out.mp4');
  const path = join(folder, 'r.json');
  const flags = ['--two-pass', '--bitrate', '400k', '--speed', 'fast', '--platform', 'web'];
  let receipt: Json = {};
  let result: Json = {};
  beforeAll(async () => {
    copyFileSync(clip(), source);
    const args = ['export', source, '-o', output, ...flags, '--verify', 'full', '--receipt', path, '--json'];
    result = resultOf(await ok(args));
    receipt = readJson(path);
  });

  test('of both files', () => {
    expect(receipt.source).toEqual(stampOf(source));
    expect(receipt.output).toEqual(stampOf(output));
    expect(result.checksums).toEqual({ [output]: stampOf(output).sha256 });
    expect(listing(folder)).toEqual(['film.mp4', 'out.mp4', 'r.json']);
  });

  test('of the commands, which are those of the dry run', async () => {
    const script = (await ok(['export', source, '-o', join(folder, 'other.mp4'), ...flags, '--dry-run'])).stdout;
    const commands = receipt.commands as readonly (readonly string[])[];
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      expect(command[0]).toBe((receipt.programs as Json).ffmpeg);
      expect(script).toContain(`\n${command.map(quoted).join(' ')} < /dev/null\n`);
    }
  });

  test('of the programs', async () => {
    const said = execFileSync(REAL_FFMPEG, ['-version'], { encoding: 'utf8' });
    const { versions, export_id, receipt_version } = receipt;
    expect(said).toContain(`ffmpeg version ${String((versions as Json).ffmpeg)}`);
    expect(versions).toMatchObject({ sg_export: (await ok(['--version'])).stdout.trim(), node: process.versions.node });
    expect({ export_id, receipt_version }).toEqual({ export_id: result.export_id, receipt_version: 1 });
    expect(Date.now() - Date.parse(String(receipt.created_at))).toBeLessThan(600_000);
  });

  test('of every check and every rule', () => {
    const { verification, settings, settings_from, warnings } = result;
    expect(receipt).toMatchObject({ verification, settings, settings_from, warnings, allowed: [] });
    const { checks, ssim } = receipt.verification as { readonly checks: readonly Json[]; readonly ssim: number };
    expect(checks.length).toBeGreaterThan(10);
    for (const check of checks) {
      expect(check).toEqual({
        name: expect.any(String),
        expected: expect.any(String),
        actual: expect.any(String),
        ok: true,
      });
    }
    expect(ssim).toBeGreaterThan(0.5);
    const rules = receipt.rules as readonly Json[];
    expect(rules.length).toBeGreaterThan(3);
    for (const rule of rules) expect(rule).toMatchObject({ rule: expect.any(String), verdict: expect.any(String) });
    expect(rules.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  });
});

test('a rule that was let pass is recorded', async () => {
  const folder = fresh();
  const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--platform', 'instagram', '--speed', 'ultrafast'];
  const refused = await sg([...args, '--json']);
  expect(refused.code).toBe(4);
  const path = join(folder, 'r.json');
  await ok([...args, '--allow', 'min_duration', '--receipt', path]);
  const { allowed, rules } = readJson(path);
  expect(allowed).toEqual(['min_duration']);
  expect(rules).toEqual(
    expect.arrayContaining([expect.objectContaining({ rule: 'min_duration', verdict: 'allowed' })]),
  );
});

test('a failed run writes no receipt, and leaves an older one as it was', async () => {
  const folder = fresh();
  const path = join(folder, 'r.json');
  const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--receipt', path];
  await ok(args);
  const before = stampOf(path);
  expect((await sg([...args, '--overwrite', '--timeout', '1ms'])).code).toBe(124);
  expect(stampOf(path)).toEqual(before);
  expect(listing(folder)).toEqual(['o.mp4', 'r.json']);
});
