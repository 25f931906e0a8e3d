import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { realPorts } from '../../src/app/ports.ts';
import { runExport } from '../../src/engine/run-export.ts';
import { locateToolchain } from '../../src/ffmpeg/locate.ts';
import { probeMedia } from '../../src/ffmpeg/probe.ts';
import { stampFile } from '../../src/files/stamp.ts';
import { caseNames, planCase, readCase } from '../golden/golden-case.ts';
import { makeClip } from '../golden/make-clip.ts';
import { mediaOf, readSource, sourceNames, sourceUrl, sparseMedia } from '../golden/source-file.ts';

// Every golden plan is run on a real clip, and what comes out is held against the plan's own expectation.
const folder = mkdtempSync(join(tmpdir(), 'sg-golden-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const toolchain = await locateToolchain({ cache: { get: () => undefined, put: () => {} } });
const clipOf = (name: string) => makeClip(readSource(name), folder, toolchain.ffmpeg.path);
const real = sourceNames().filter((name) => readSource(name).make);

describe('the described sources', () => {
  it.each(real)('%s is what a probe finds', async (name) => {
    const source = readSource(name);
    const media = await probeMedia(toolchain.ffprobe.path, clipOf(name) ?? '');
    if (process.env.UPDATE_GOLDEN === '1')
      writeFileSync(sourceUrl(name), `${JSON.stringify({ ...source, media: sparseMedia(media) }, null, 2)}\n`);
    // How many bytes an encoder makes, and how it signs, is its own affair.
    const comparable = (one: typeof media) =>
      JSON.stringify(sparseMedia(one), (key, value) =>
        /^(bytes|bitrateKbps|tags|path)$/.test(key) ? undefined : value,
      );
    expect(comparable(media)).toBe(comparable(mediaOf(readSource(name))));
  });
});

describe('the golden plans, run', () => {
  const made = caseNames().filter((name) => real.includes(readCase(name).source) && planCase(readCase(name)).plan);
  const cases = made.filter((name) => !readCase(name).hardware);
  console.log(
    `not run: ${made.length - cases.length} plans for hardware encoders, which need their devices (test/gpu/run.mjs)`,
  );
  it.each(cases)(
    '%s',
    async (name) => {
      const out = join(folder, name);
      mkdirSync(out);
      const media = await probeMedia(toolchain.ffprobe.path, clipOf(readCase(name).source) ?? '');
      const { plan } = planCase(readCase(name), out, media);
      if (!plan) throw new Error('refused');
      // What a case says that an analysis found is made up, and so is the loudness that comes of it.
      const { audio } = plan.expectation;
      const expectation = { ...plan.expectation, audio: audio.map((one) => ({ ...one, loudnessLufs: undefined })) };
      const options = {
        exportId: name,
        verify: 'fast',
        minSsim: undefined,
        ifLarger: 'warn',
        replace: false,
        source: await stampFile(media.path),
        tolerateErrors: false,
        midGop: media.scan?.startsOnKeyframe === false,
        pictures: undefined,
        stallSec: 120,
        beforePlacing: async () => {},
      } as const;
      const done = await runExport(
        { ...plan, expectation },
        options,
        realPorts(toolchain),
        AbortSignal.timeout(500_000),
        () => {},
      );
      expect(done.verification.checks.filter((check) => !check.ok)).toEqual([]);
      expect(readdirSync(out)).toHaveLength(1);
      rmSync(out, { recursive: true });
    },
    600_000,
  );
});
