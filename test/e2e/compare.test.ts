import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip, ffmpeg } from '../support/clips.ts';
import { REFUSED } from '../support/machine-shapes.ts';
import { expectRefusal, fresh, listing, ok, sg, shown, startSg, until } from '../support/run-cli.ts';
import { longClip } from '../support/running-export.ts';
import * as is from '../support/shapes.ts';

interface Compared {
  readonly ssim: number;
  readonly psnr: number | null;
  readonly vmaf: number | null;
  readonly frames: number;
  readonly identical: boolean;
  readonly worst: readonly { readonly time: number; readonly ssim: number }[];
  readonly notes: readonly string[];
  readonly compared_as: { readonly width: number; readonly height: number; readonly frame_rate: string };
}

const COMPARED = is.object({
  ssim: is.number,
  psnr: is.orNull(is.number),
  vmaf: is.orNull(is.number),
  frames: is.count,
  worst: is.listOf(is.object({ time: is.number, ssim: is.number })),
  notes: is.listOf(is.text),
});

async function compare(reference: string, distorted: string, ...flags: readonly string[]): Promise<Compared> {
  const run = await ok(['compare', reference, distorted, '--json', ...flags]);
  expect(run.stderr).toBe('');
  const result: unknown = JSON.parse(run.stdout);
  is.expectShape(result, COMPARED);
  return result as Compared;
}

const X264 = ['-c:v', 'libx264', '-preset', 'veryfast'];
const LOSSLESS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0'];
const BT709 = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'];

/** Makes a file of the reference with other arguments. */
function remake(args: readonly string[], name = 'made.mp4', source = reference()): string {
  const path = join(fresh(), name);
  ffmpeg(['-i', source, '-an', ...args, path]);
  return path;
}
const reference = () => clip({ sec: 2 });

/** What ffmpeg itself says of two films of one shape. */
function rawSsim(distorted: string, source: string): number {
  const run = spawnSync('ffmpeg', ['-nostdin', '-i', distorted, '-i', source, '-lavfi', 'ssim', '-f', 'null', '-'], {
    encoding: 'utf8',
  });
  return Number(/All:([\d.]+)/.exec(run.stderr)?.[1]);
}

describe('figures', () => {
  test('a film compared with itself is identical', async () => {
    const found = await compare(reference(), reference());
    expect(found).toMatchObject({ ssim: 1, psnr: null, identical: true, frames: 50, worst: [] });
  });

  test("an encode has the SSIM and PSNR of ffmpeg's own filters, and its worst moment is where the damage is", async () => {
    const blurred = remake([...X264, '-crf', '30', '-vf', "boxblur=6:enable='between(n,30,34)'"]);
    const found = await compare(reference(), blurred);
    expect(found.ssim).toBeCloseTo(rawSsim(blurred, reference()), 4);
    expect(found.identical).toBe(false);
    expect(found.psnr).toBeGreaterThan(15);
    const [worst] = found.worst;
    expect(worst?.time).toBeGreaterThanOrEqual(30 / 25);
    expect(worst?.time).toBeLessThanOrEqual(34 / 25);
    expect(worst?.ssim).toBeLessThan(found.ssim - 0.05);
  });
});

describe('aligned', () => {
  const NEAR = 0.995;

  test('a lossless remake that starts later, in another container', async () => {
    const late = remake([...LOSSLESS, ...BT709, '-output_ts_offset', '7.3'], 'late.mkv');
    const found = await compare(reference(), late);
    expect(found).toMatchObject({ ssim: 1, identical: true, frames: 50 });
  });

  test('a lossless remake in full range', async () => {
    const full = remake([
      ...LOSSLESS,
      ...BT709,
      '-vf',
      'scale=in_range=tv:out_range=pc:flags=accurate_rnd',
      '-color_range',
      'pc',
    ]);
    const found = await compare(reference(), full);
    expect(found.ssim).toBeGreaterThan(NEAR);
    expect(found.notes.join()).toMatch(/ranges differ \(limited and full\)/);
    // The same pixels with the wrong word are another picture, and it is seen.
    expect((await compare(reference(), remake([...LOSSLESS, ...BT709, '-color_range', 'pc']))).ssim).toBeLessThan(NEAR);
  });

  test('a remake in ten bits', async () => {
    const deep = remake(['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', ...BT709, '-pix_fmt', 'yuv420p10le']);
    const found = await compare(reference(), deep);
    expect(found.ssim).toBeGreaterThan(NEAR);
    expect(found.notes.join()).toMatch(/bit depths differ/);
  });

  test('a smaller picture is scaled to the reference, and that is said', async () => {
    const found = await compare(reference(), remake([...LOSSLESS, ...BT709, '-s', '240x136']));
    expect(found.compared_as).toMatchObject({ width: 320, height: 180 });
    expect(found.notes.join()).toMatch(/240x136.*scaled to the reference's 320x180/);
    expect(found.ssim).toBeLessThan(NEAR);
    expect(found.ssim).toBeGreaterThan(0.3);
  });

  test('a turned picture, by its matrix and by its pixels', async () => {
    const turned = join(fresh(), 'turned.mp4');
    ffmpeg([
      '-i',
      remake([...LOSSLESS, ...BT709, '-vf', 'transpose=cclock']),
      '-c',
      'copy',
      '-metadata:s:v',
      'rotate=270',
      turned,
    ]);
    expect(await compare(reference(), turned)).toMatchObject({ ssim: 1, identical: true });
  });

  test('pixels that are not square, against square ones', async () => {
    const wide = remake([...LOSSLESS, ...BT709, '-vf', 'scale=240:180,setsar=4/3']);
    const found = await compare(wide, reference());
    expect(found.compared_as).toMatchObject({ width: 320, height: 180 });
    expect(found.notes.join()).toMatch(/as 320x180: square pixels/);
    expect(found.notes.join()).not.toMatch(/different shapes/);
  });

  test('half the frame rate: only pictures that both have are compared', async () => {
    const half = remake([...LOSSLESS, ...BT709, '-vf', 'fps=25/2']);
    const found = await compare(reference(), half);
    expect(found).toMatchObject({ ssim: 1, frames: 25 });
    expect(found.notes.join()).toMatch(/frame rates differ \(25 and 25\/2\)/);
    // Each file is told as it is; what both were brought to stands beside it.
    expect(found).toMatchObject({ reference: { frames: 50 }, distorted: { frames: 25 } });
    const uncounted = remake(['-c', 'copy'], 'half.mkv', half);
    const other = await compare(uncounted, reference());
    expect(other).toMatchObject({ ssim: 1, frames: 25, reference: { frames: 25 }, distorted: { frames: 50 } });
  });

  test('a film that ends earlier: what both have is compared, and the counts are said', async () => {
    const short = remake([...LOSSLESS, ...BT709, '-frames:v', '40']);
    const found = await compare(reference(), short);
    expect(found).toMatchObject({ ssim: 1, psnr: null, frames: 40, identical: false });
    expect(found.notes.join()).toMatch(/frame counts differ: 50 in the reference, 40 distorted/);
    expect((await compare(short, reference())).notes.join()).toMatch(/40 in the reference, 50 distorted/);
  });
});

test('an export of a film whose sound begins first is compared from its first moving picture', async () => {
  const folder = fresh();
  const [source, output] = [join(folder, 'late-picture.mkv'), join(folder, 'o.mp4')];
  ffmpeg([
    ...['-itsoffset', '0.4', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=2', '-f', 'lavfi', '-i', 'sine=d=2.4'],
    ...['-map', '0', '-map', '1', ...X264, '-bf', '0', '-crf', '10', '-c:a', 'aac', source],
  ]);
  await ok(['export', source, '-o', output, '--crf', '12', '--speed', 'ultrafast']);
  const found = await compare(source, output);
  expect(found.notes.join()).toMatch(/distorted film holds its first picture for 0\.4\d s/);
  expect(found.frames).toBe(50);
  expect(found.ssim).toBeGreaterThan(0.98);
});

describe('for people', () => {
  test('the figures on stdout, what is to be known on stderr', async () => {
    const run = await ok(['compare', reference(), remake([...X264, '-crf', '40', '-s', '160x90'])]);
    expect(run.stdout).toMatch(/^SSIM +0\.\d{6}$/m);
    expect(run.stdout).toMatch(/^PSNR +\d+\.\d\d dB$/m);
    expect(run.stdout).toMatch(/^Worst at +Frame +SSIM$/m);
    expect(run.stderr).toMatch(/^note: the distorted picture \(160x90\) is scaled/m);
    expect((await ok(['compare', reference(), reference(), '-q'])).stderr).toBe('');
  });
});

test('VMAF where ffmpeg has libvmaf; else it is null, and one line says why', async () => {
  const hasVmaf = execFileSync('ffmpeg', ['-v', 'error', '-filters'], { encoding: 'utf8' }).includes(' libvmaf ');
  const found = await compare(reference(), reference());
  const said = found.notes.filter((note) => note.includes('VMAF'));
  if (hasVmaf) expect(found.vmaf).toBeGreaterThan(90);
  else expect(found.vmaf).toBeNull();
  expect(said).toEqual(hasVmaf ? [] : [expect.stringMatching(/no libvmaf/)]);
});

describe('refused', () => {
  const sound = () => {
    const path = join(fresh(), 'sound.m4a');
    ffmpeg(['-f', 'lavfi', '-i', 'sine=d=1', path]);
    return path;
  };
  const text = () => {
    const path = join(fresh(), 'film.mp4');
    writeFileSync(path, 'no film');
    return path;
  };
  const cutShort = () => {
    const path = join(fresh(), 'cut.mp4');
    copyFileSync(clip({ sec: 2, extra: ['-movflags', '+faststart'], name: 'fast.mp4' }), path);
    truncateSync(path, 40_000);
    return path;
  };
  test.each([
    ['a missing file', 'INPUT', 3, () => [reference(), '/no/such/film.mp4']],
    ['a URL', 'INPUT', 3, () => ['https://example.com/a.mp4', reference()]],
    ['no picture', 'INPUT', 3, () => [reference(), sound()]],
    ['no media', 'INPUT', 3, () => [text(), reference()]],
    ['a folder', 'INPUT', 3, () => [reference(), fresh()]],
    ['a film that is cut short', 'INPUT', 3, () => [reference(), cutShort()]],
    ['one file only', 'USAGE', 2, () => [reference()]],
    ['an unknown flag', 'USAGE', 2, () => [reference(), reference(), '--codec', 'h264']],
    ['no ffmpeg', 'TOOLCHAIN', 5, () => [reference(), reference(), '--ffmpeg', '/no/ffmpeg']],
  ])('%s', async (_name, errorCode, code, args) => {
    const words = args();
    expectRefusal(await sg(['compare', ...words]), code);
    const run = await sg(['compare', ...words, '--json']);
    expect(run.code, shown(run)).toBe(code);
    is.expectShape(JSON.parse(run.stdout), REFUSED);
    expect(JSON.parse(run.stdout).error_code).toBe(errorCode);
    expect(run.stderr).toBe('');
  });

  test('both files at once', async () => {
    const run = await sg(['compare', '/no/a.mp4', '/no/b.mp4']);
    expectRefusal(run, 3);
    expect(run.stderr).toMatch(/\/no\/a\.mp4[\s\S]*\/no\/b\.mp4/);
  });

  test('a damaged film, by its name', async () => {
    const path = join(fresh(), 'damaged.mp4');
    const bytes = readFileSync(reference());
    bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 3000);
    writeFileSync(path, bytes);
    const run = await sg(['compare', reference(), path]);
    expectRefusal(run, 6);
    expect(run.stderr).toContain(path);
  });
});

test('nothing is left behind', async () => {
  const folder = fresh();
  await ok(['compare', reference(), reference()], { env: { TMPDIR: folder } });
  await sg(['compare', reference(), '/no/such.mp4'], { env: { TMPDIR: folder } });
  expect(listing(folder)).toEqual([]);
});

describe('stopped', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s: nothing is left, and no page is there', async (signal, code) => {
    const [folder, scratch] = [fresh(), fresh()];
    const args = ['compare', longClip(), longClip(), '--report', join(folder, 'p.html'), '--json'];
    const started = startSg(args, { env: { TMPDIR: scratch } });
    expect(await until(() => listing(scratch).some((name) => name.endsWith('ssim.log')))).toBe(true);
    started.child.kill(signal);
    const run = await started.ended;
    expect(run.code, shown(run)).toBe(code);
    expect(JSON.parse(run.stdout)).toMatchObject({ error_code: signal });
    expect([...listing(folder), ...listing(scratch)]).toEqual([]);
  });
});
