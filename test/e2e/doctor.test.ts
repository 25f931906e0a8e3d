import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { fresh, ok, sg, shown } from '../support/run-cli.ts';

interface Encoder {
  readonly encoder: string;
  readonly hardware: boolean;
  readonly ms: number | null;
  readonly listed: boolean;
  readonly usable: boolean;
  readonly reason: string | null;
}
interface Findings {
  readonly ok: boolean;
  readonly ffmpeg: { readonly path: string | null; readonly version: string | null; readonly reason: string | null };
  readonly ffprobe: { readonly path: string | null };
  readonly encoders: readonly Encoder[];
  readonly gpus: readonly { readonly usable: boolean; readonly reason: string | null }[];
  readonly database: { readonly usable: boolean; readonly reason: string | null };
  readonly error_code?: string;
}
const findings = (text: string): Findings => JSON.parse(text) as Findings;
const encoder = (found: Findings, name: string) => found.encoders.find((one) => one.encoder === name);

/** The real ffmpeg, but for trials: `broken` does not open although it is listed, and the others are soon done. */
function quickTrials(folder: string, broken = 'none') {
  const log = join(folder, 'trials.log');
  writeFileSync(log, '');
  const path = script(
    folder,
    'ffmpeg',
    `case "$*" in
*' ${broken} '*'-f null'*) echo '[${broken} @ 0x1] no licence for ${broken}' >&2; exit 1 ;;
*'-f null'*) echo x >> '${log}'; exit 0 ;;
esac
exec '${REAL_FFMPEG}' "$@"`,
  );
  const tools = ['--ffmpeg', path, '--db', join(folder, 'h.db')];
  return { path, tools, count: () => readFileSync(log, 'utf8').split('\n').length - 1 };
}

describe('doctor', () => {
  it('tries every encoder for real', async () => {
    const found = findings((await ok(['doctor', '--json'], { timeoutMs: 110_000 })).stdout);
    expect(found).toMatchObject({ ok: true, database: { usable: true, reason: null } });
    expect(found.ffprobe.path).toBeTruthy();
    expect(Array.isArray(found.gpus)).toBe(true);
    for (const name of ['libx264', 'libx265', 'libvpx-vp9', 'prores_ks', 'dnxhd', 'aac', 'libopus', 'flac'])
      expect(encoder(found, name), name).toMatchObject({ listed: true, usable: true, reason: null });
    for (const one of found.encoders) expect(one.usable, one.encoder).toBe(one.reason === null);
    // Those of devices that are not here as well: each was tried, and each has a reason of its own.
    for (const one of found.encoders.filter(({ hardware }) => hardware)) {
      expect(one.ms, one.encoder).toBeGreaterThan(0);
      if (!one.usable) expect(one.reason, one.encoder).toMatch(/\w{3}/);
    }
  }, 120_000);

  it('tries once for each ffmpeg, and again when asked', async () => {
    const { tools, count } = quickTrials(fresh());
    await ok(['doctor', ...tools]);
    const first = count();
    expect(first).toBeGreaterThanOrEqual(10);
    await ok(['doctor', ...tools]);
    expect(count()).toBe(first);
    await ok(['doctor', '--refresh', ...tools]);
    expect(count()).toBe(2 * first);
  });

  it("an encoder that does not open is told with ffmpeg's own reason, also by codecs", async () => {
    const { tools } = quickTrials(fresh(), 'libx265');
    const found = findings((await ok(['doctor', '--json', ...tools])).stdout);
    expect(encoder(found, 'libx265')).toMatchObject({ listed: true, usable: false, reason: 'no licence for libx265' });
    const page = (await ok(['doctor', ...tools])).stdout;
    expect(page).toMatch(/^libx265 +no +[\d.]+ s +no licence for libx265$/m);
    for (const line of page.split('\n')) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
    expect((await ok(['codecs', ...tools])).stdout).toMatch(/^h265 .*no: no licence for libx265$/m);
  });

  it('is exit 5 where the main job cannot be done', async () => {
    const { tools } = quickTrials(fresh(), 'libx264');
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

  it.each([
    ["echo 'GPU 0: NVIDIA L4 (UUID: GPU-1b2c)'", { name: 'NVIDIA L4', vendor: 'nvidia' }],
    [
      "echo 'NVIDIA-SMI has failed: no driver'; exit 9",
      { vendor: 'nvidia', usable: false, reason: 'NVIDIA-SMI has failed: no driver' },
    ],
  ])("a graphics device by its driver's own tool: %s", async (answer, wanted) => {
    const folder = fresh();
    script(folder, 'nvidia-smi', answer);
    const env = { PATH: `${folder}:${process.env.PATH ?? ''}` };
    const { tools } = quickTrials(folder);
    const [gpu] = findings((await ok(['doctor', '--json', ...tools], { env })).stdout).gpus;
    expect(gpu).toMatchObject(wanted);
    expect(gpu?.usable).toBe(gpu?.reason === null);
  });

  it('a broken database is told, and stops nothing', async () => {
    const folder = fresh();
    writeFileSync(join(folder, 'h.db'), 'not a database'.repeat(100));
    const { path } = quickTrials(folder);
    const run = await ok(['doctor', '--json', '--ffmpeg', path, '--db', join(folder, 'h.db')]);
    expect(findings(run.stdout)).toMatchObject({
      ok: true,
      database: { usable: false, reason: expect.stringContaining('h.db') },
    });
  });
});
