import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loggingEncoder, REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { fresh, ok, sg, shown } from '../support/run-cli.ts';

interface Encoder {
  readonly encoder: string;
  readonly listed: boolean;
  readonly usable: boolean;
  readonly reason: string | null;
}
interface Findings {
  readonly ok: boolean;
  readonly ffmpeg: { readonly path: string | null; readonly version: string | null; readonly reason: string | null };
  readonly ffprobe: { readonly path: string | null };
  readonly encoders: readonly Encoder[];
  readonly gpus: readonly unknown[];
  readonly database: { readonly usable: boolean; readonly reason: string | null };
  readonly error_code?: string;
}
const findings = (text: string): Findings => JSON.parse(text) as Findings;
const encoder = (found: Findings, name: string) => found.encoders.find((one) => one.encoder === name);

/** The real ffmpeg, in which one encoder does not open although it is listed. */
const without = (folder: string, name: string): string =>
  script(
    folder,
    'ffmpeg',
    `case "$*" in *'-f null'*) case "$*" in *'${name}'*) echo '[${name} @ 0x1] no licence for ${name}' >&2; exit 1;; esac;; esac
exec '${REAL_FFMPEG}' "$@"`,
  );

describe('doctor', () => {
  it('tries every encoder once for each ffmpeg, and again when asked', async () => {
    const folder = fresh();
    const { path, calls } = loggingEncoder(folder);
    const args = ['doctor', '--json', '--ffmpeg', path, '--db', join(folder, 'h.db')];
    const found = findings((await ok(args)).stdout);
    expect(found).toMatchObject({ ok: true, ffmpeg: { path }, database: { usable: true, reason: null } });
    expect(found.ffprobe.path).toBeTruthy();
    expect(Array.isArray(found.gpus)).toBe(true);
    for (const name of ['libx264', 'libx265', 'libvpx-vp9', 'prores_ks', 'dnxhd', 'aac', 'libopus', 'flac'])
      expect(encoder(found, name), name).toMatchObject({ listed: true, usable: true, reason: null });
    for (const one of found.encoders) expect(one.usable, one.encoder).toBe(one.reason === null);
    const trials = () => calls().filter((call) => call.includes('-f null')).length;
    const first = trials();
    expect(first).toBeGreaterThanOrEqual(10);
    await ok(args);
    expect(trials()).toBe(first);
    await ok([...args, '--refresh']);
    expect(trials()).toBeGreaterThanOrEqual(2 * first);
  });

  it("an encoder that does not open is told with ffmpeg's own reason, also by codecs", async () => {
    const folder = fresh();
    const tools = ['--ffmpeg', without(folder, 'libx265'), '--db', join(folder, 'h.db')];
    const found = findings((await ok(['doctor', '--json', ...tools])).stdout);
    expect(encoder(found, 'libx265')).toMatchObject({ listed: true, usable: false, reason: 'no licence for libx265' });
    expect((await ok(['doctor', ...tools])).stdout).toMatch(/^libx265 +no +no licence for libx265$/m);
    expect((await ok(['codecs', ...tools])).stdout).toMatch(/^h265 .*no: no licence for libx265$/m);
  });

  it('is exit 5 where the main job cannot be done', async () => {
    const folder = fresh();
    const tools = ['--ffmpeg', without(folder, 'libx264'), '--db', join(folder, 'h.db')];
    const run = await sg(['doctor', '--json', ...tools]);
    expect(run.code, shown(run)).toBe(5);
    expect(findings(run.stdout)).toMatchObject({ ok: false, error_code: 'TOOLCHAIN' });
  });

  it.each([
    ['--ffmpeg', 'ffmpeg'],
    ['--ffprobe', 'ffprobe'],
  ])('%s that is not there is exit 5, with a page all the same', async (flag, program) => {
    const run = await sg(['doctor', flag, '/nonexistent/tool']);
    expect(run.code, shown(run)).toBe(5);
    expect(run.stdout).toMatch(new RegExp(`^${program} +no: ${flag}: /nonexistent/tool does not exist`, 'm'));
    expect(run.stdout).toContain('Exports do not work on this machine.');
    const json = await sg(['doctor', '--json', flag, '/nonexistent/tool']);
    expect(findings(json.stdout)).toMatchObject({ ok: false, error_code: 'TOOLCHAIN' });
  });

  it('a broken database is told, and stops nothing', async () => {
    const folder = fresh();
    writeFileSync(join(folder, 'h.db'), 'not a database'.repeat(100));
    const found = findings((await ok(['doctor', '--json', '--db', join(folder, 'h.db')])).stdout);
    expect(found).toMatchObject({ ok: true, database: { usable: false, reason: expect.stringContaining('h.db') } });
  });
});
