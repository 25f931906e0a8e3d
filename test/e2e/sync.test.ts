import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg } from '../support/clips.ts';
import { beepsOf, flashesOf } from '../support/measured-sync.ts';
import { fresh, ok, ROOT } from '../support/run-cli.ts';

// A white picture and a beep at the same moments, measured in what is decoded, at the times that a player goes by.
const path = (name: string) => join(ROOT, name);
const WITHIN_SEC = 0.02;
/** Seconds of the source at which it flashes and beeps, each for a tenth of a second. */
const MOMENTS = [1, 2, 3] as const;
const SEC = 4;

const lit = MOMENTS.map((at) => `between(t,${at}-0.001,${at}+0.099)`).join('+');
const PICTURE = `color=c=black:s=160x90:r=25:d=${SEC},drawbox=color=white:t=fill:enable='${lit}'`;
const SOUND = `aevalsrc='0.6*sin(2*PI*1000*t)*(${MOMENTS.map((at) => `between(t,${at},${at}+0.1)`).join('+')})':s=48000:d=${SEC}`;
const VIDEO = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p'];

function make(name: string, args: readonly string[], picture = PICTURE): void {
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', SOUND];
  ffmpeg([...inputs, ...VIDEO, '-c:a', 'aac', ...args, path(name)]);
}

beforeAll(() => {
  make('plain.mp4', []);
  make('b-frames.mp4', ['-preset', 'fast', '-bf', '3']);
  make('transport.ts', []);
  make('pcm.mov', ['-c:a', 'pcm_s16le']);
  make('opus.mkv', ['-c:a', 'libopus']);
  // Sound that begins late, ends early, or before the picture does; each keeps its own times.
  const late = ['-af', 'atrim=start=0.48'];
  make('late-sound.mp4', late);
  make('late-sound.mkv', late);
  make('early-end.mp4', ['-af', 'atrim=end=2.5']);
  const latePicture = ['-vf', 'trim=start=0.6', '-fps_mode', 'passthrough'];
  make('late-picture.mkv', latePicture);
  make('late-picture.ts', latePicture);
  // An edit list that begins in the middle of the media: what was cut is still there, before zero.
  ffmpeg(['-ss', '0.72', '-i', path('b-frames.mp4'), '-c', 'copy', path('edited.mp4')]);
  // A fourth of the pictures, no even steps; the flashes stay.
  const some = `${PICTURE},select='not(mod(n,4))+eq(mod(n,7),3)+${lit}'`;
  make('uneven.mp4', ['-fps_mode', 'vfr'], some);
  make('uneven.mkv', ['-fps_mode', 'vfr'], some);
});

/** Flash and beep of each moment lie together; the moments are as far apart as they were. */
async function expectInStep(file: string, moments: readonly number[], origin?: number): Promise<void> {
  const [flashes, beeps] = [await flashesOf(file), await beepsOf(file)];
  const shown = `flashes ${flashes}; beeps ${beeps}`;
  expect(flashes, shown).toHaveLength(moments.length);
  const first = origin ?? (flashes[0] ?? Number.NaN) - (moments[0] ?? 0);
  for (const [n, moment] of moments.entries()) {
    expect(Math.abs((flashes[n] ?? 99) - moment - first), `flash ${n}: ${shown}`).toBeLessThanOrEqual(0.041);
    const heard = beeps.some((beep) => Math.abs(beep - (flashes[n] ?? 99)) <= WITHIN_SEC);
    expect(heard, `beep ${n}: ${shown}`).toBe(true);
  }
  expect(beeps, shown).toHaveLength(moments.length);
}

async function delivered(name: string, extension: string, ...flags: readonly string[]): Promise<string> {
  const run = await ok(['export', path(name), '-o', join(fresh(), `o.${extension}`), '--speed', 'ultrafast', ...flags]);
  return run.stdout.trim();
}

test('the sources are in step, by the same measure', async () => {
  for (const name of ['plain.mp4', 'b-frames.mp4', 'transport.ts', 'pcm.mov', 'opus.mkv', 'edited.mp4', 'uneven.mkv'])
    await expectInStep(path(name), name === 'edited.mp4' ? [0.28, 1.28, 2.28] : MOMENTS);
});

describe.each(['mp4', 'mov', 'mkv', 'webm'])('to %s', (extension) => {
  const all = ['plain.mp4', 'b-frames.mp4', 'transport.ts', 'opus.mkv', 'late-sound.mp4', 'uneven.mp4'];
  const more = ['pcm.mov', 'late-sound.mkv', 'uneven.mkv'];
  it.each(oneOf(3, extension === 'mp4' || extension === 'mkv' ? [...all, ...more] : all.slice(2)))(
    '%s',
    async (name) => {
      await expectInStep(await delivered(name, extension), MOMENTS, 0);
    },
  );
});

describe('what begins or ends at another time', () => {
  it.each(oneOf(2, ['mp4', 'mkv', 'webm']))('sound that ends early, to %s', async (extension) => {
    const file = await delivered('early-end.mp4', extension);
    const [flashes, beeps] = [await flashesOf(file), await beepsOf(file)];
    expect([flashes.length, beeps.length]).toEqual([3, 2]);
    for (const [n, beep] of beeps.entries())
      expect(Math.abs(beep - (flashes[n] ?? 99))).toBeLessThanOrEqual(WITHIN_SEC);
  });

  it.each(['late-picture.mkv', 'late-picture.ts'])('a picture that begins late, %s', async (name) => {
    await expectInStep(await delivered(name, 'mp4'), MOMENTS);
  });

  it.each(['mp4', 'webm'])('an edit list that hides the beginning, to %s', async (extension) => {
    await expectInStep(await delivered('edited.mp4', extension), [0.28, 1.28, 2.28], 0);
  });
});

describe('parts and rates', () => {
  const part = ['--start', '1.5', '--duration', '2'];
  const parts = [
    ['plain.mp4', 'mp4', part, [0.5, 1.5]],
    ['b-frames.mp4', 'mkv', part, [0.5, 1.5]],
    ['transport.ts', 'webm', part, [0.5, 1.5]],
    ['late-sound.mp4', 'mov', part, [0.5, 1.5]],
    ['uneven.mkv', 'mp4', part, [0.5, 1.5]],
    ['plain.mp4', 'mp4', ['--fps', '30'], MOMENTS],
    ['transport.ts', 'mp4', ['--fps', '60'], MOMENTS],
    ['uneven.mp4', 'mkv', ['--fps', '50'], MOMENTS],
    ['b-frames.mp4', 'mp4', ['--fps', '24000/1001'], MOMENTS],
    ['plain.mp4', 'mp4', ['--sample-rate', '44100'], MOMENTS],
    ['plain.mp4', 'mp4', ['--audio-codec', 'copy'], MOMENTS],
    ['transport.ts', 'mkv', ['--audio-codec', 'copy'], MOMENTS],
  ] as const;
  it.each(oneOf(2, parts))('%s to %s with %j', async (name, extension, flags, moments) => {
    await expectInStep(await delivered(name, extension, ...flags), moments);
  });
});

describe('no edit list', () => {
  const small = ['--resolution', '360p', '--upscale'];
  const pairs = (['youtube', 'instagram'] as const).flatMap((platform) =>
    ['b-frames.mp4', 'transport.ts', 'late-sound.mp4'].map((name) => [name, platform] as const),
  );
  it.each(oneOf(2, pairs))('%s for %s', async (name, platform) => {
    await expectInStep(await delivered(name, 'mp4', '--platform', platform, ...small), MOMENTS);
  });

  test('fragments', async () => {
    await expectInStep(await delivered('b-frames.mp4', 'mp4', '--fragmented'), MOMENTS);
  });
});
