import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '../../src/files/owner.ts';
import { oneOf } from '../support/choice.ts';
import { clip, countFrames } from '../support/clips.ts';
import { type FakeDevice, fakeMachine } from '../support/fake-hardware.ts';
import { loggingEncoder } from '../support/fake-tools.ts';
import { type CliRun, expectRefusal, fresh, jsonLines, listing, ok, resultOf, sg, shown } from '../support/run-cli.ts';

const SESSIONS = 'OpenEncodeSessionEx failed: out of memory (10): (no details)';
const LOST = 'cuCtxPopCurrent failed -> CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered';
const says = (line: string): string => `echo '[h264_nvenc @ 0x55] [error] ${line}' >&2; exit 1`;
/** As at ffmpeg's own level in a trial. */
const trialSays = (line: string): string => `echo '[h264_nvenc @ 0x55] ${line}' >&2; exit 1`;
/** The size that a trial asks for, for the shell. */
const TRIAL_SIZE = `$(echo "$*" | sed 's/.*testsrc2=s=\\([0-9x]*\\).*/\\1/')`;
/** Half of the film, and then the device is gone. */
const HALF = `encode "$@" -t 0.4; ${says(LOST)}`;

function machine(device?: FakeDevice) {
  const folder = fresh();
  const fake = fakeMachine(fresh(), device);
  const out = join(folder, 'o.mp4');
  const run = (more: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<CliRun> =>
    sg(['export', clip(), '-o', out, '--json', ...fake.tools, ...more], { env: { ...fake.env, ...env } });
  return { ...fake, folder, out, run };
}

interface Delivered {
  readonly status: string;
  readonly hardware: string | null;
  readonly encoder: string;
  readonly skipped?: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly settings_from: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

async function delivered(run: Promise<CliRun>): Promise<Delivered & { readonly said: string }> {
  const done = await run;
  expect(done.code, shown(done)).toBe(0);
  const result = resultOf(done) as unknown as Delivered;
  return { ...result, said: result.warnings.join('\n') };
}

describe('a device that works', () => {
  test('is taken by itself, says why, and is tried once', async () => {
    const { run, asked, films, out } = machine();
    const first = await delivered(run());
    expect(first).toMatchObject({ hardware: 'nvenc', encoder: 'h264_nvenc' });
    expect(first.settings).toMatchObject({
      hardware: 'nvenc',
      hardware_device: 'GPU 0 (NVIDIA L4)',
      hardware_reason: 'h264_nvenc was tried on GPU 0 (NVIDIA L4) and works',
    });
    expect(first.settings_from).toMatchObject({ hardware: 'default', hardware_reason: 'default' });
    expect(Object.keys(first.settings_from).sort()).toEqual(Object.keys(first.settings).sort());
    expect(first.said).toContain('not measured yet');
    expect(countFrames(out)).toBe(25);
    expect(asked()).toEqual(['trial', 'decode', 'film']);
    expect(films()[0]).toContain('-hwaccel cuda -hwaccel_output_format cuda');
    await delivered(run(['--overwrite']));
    expect(asked()).toEqual(['trial', 'decode', 'film', 'film']);
  });

  const left: readonly (readonly [readonly string[], RegExp])[] = [
    [['--speed', 'slow'], /speed slow/],
    [['--two-pass', '--bitrate', '500'], /two passes/],
    [['--target-size', '1MB'], /size/],
    [['--crf', '20'], /CRF 20 is a number of libx264/],
    [['--set', 'tune=film'], /--set tune=film/],
    [['--codec', 'dnxhr', '-o', 'x.mov'], /no hardware encodes/],
    [['--codec', 'copy'], /nothing is encoded/],
    [['--hw', 'off'], /off/],
  ];
  test.each(oneOf(2, left))('%j is left to software, and says why', async (flags, why) => {
    const { run, asked } = machine();
    const out = join(fresh(), `o.${flags.includes('x.mov') ? 'mov' : 'mp4'}`);
    const plain = flags.filter((flag, at) => flag !== '-o' && flags[at - 1] !== '-o');
    const { settings, hardware } = await delivered(run([...plain, '-o', out]));
    expect(hardware).toBeNull();
    expect(settings.hardware_reason).toMatch(why);
    expect(asked()).toEqual([]);
  });

  test('SG_EXPORT_HW=off, and a skip, which compares requests and not encoders', async () => {
    const { run, asked } = machine();
    expect((await delivered(run())).hardware).toBe('nvenc');
    const again = await delivered(run(['--skip-existing'], { SG_EXPORT_HW: 'off' }));
    expect(again).toMatchObject({ skipped: true });
    expect(asked().filter((what) => what === 'film')).toHaveLength(1);
  });

  test('--gpu that is not there is exit 5 with those that are', async () => {
    const { run, folder } = machine();
    const refused = await run(['--hw', 'nvenc', '--gpu', '3']);
    expect(refused.code, shown(refused)).toBe(5);
    expect(resultOf(refused).error_message).toContain('there is no GPU 3 here (there is GPU 0 (NVIDIA L4))');
    expect(listing(folder)).toEqual([]);
    const left = await delivered(run(['--gpu', '3']));
    expect(left.settings.hardware_reason).toContain('no GPU 3');
    const warning = expect.stringMatching(/^--gpu 3: there is no GPU 3 here .*: encoded in software$/);
    expect(left.warnings).toEqual([warning]);
    const slow = await delivered(run(['--gpu', '0', '--crf', '30', '--overwrite']));
    expect(slow.warnings).toEqual([expect.stringMatching(/^--gpu 0: .*: encoded in software$/)]);
    const set = await delivered(run(['--overwrite', '--hw', 'off'], { SG_EXPORT_GPU: '0' }));
    expect(set.warnings).toEqual([]);
  });

  test('several devices: --gpu chooses, by the number that CUDA is told to count by', async () => {
    const { run, films } = machine({ smi: "printf 'GPU 0: NVIDIA L4 (UUID: a)\\nGPU 1: NVIDIA T4 (UUID: b)\\n'" });
    const done = await delivered(run(['--gpu', '1']));
    expect(done.settings.hardware_device).toBe('GPU 1 (NVIDIA T4)');
    expect(films()[0]).toMatch(/-hwaccel_device 1 .*-gpu 1 /);
  });
});

describe('a device that does not work', () => {
  test.each([
    [
      'refuses',
      trialSays('OpenEncodeSessionEx failed: unsupported device (2): (no details)'),
      'unsupported device (2)',
    ],
    ['has no driver in this container', trialSays('Cannot load libcuda.so.1'), 'Cannot load libcuda.so.1'],
    [
      'loses pictures',
      'encode "$@" ; encode -y -f lavfi -i testsrc2=s=320x180:d=0.12 -c:v h264_nvenc -pix_fmt yuv420p -f h264 "$last"',
      'pictures went in and 3 came out',
    ],
    [
      'makes no keyframes where it is told to',
      `encode -y -f lavfi -i testsrc2=s=${TRIAL_SIZE}:r=25:d=0.4 -c:v h264_nvenc -pix_fmt yuv420p -f h264 "$last"`,
      'keyframe where it is told to',
    ],
  ])('that %s: software, and a refusal where it was asked for', async (_what, trial, reason) => {
    const { run, folder } = machine({ trial });
    const done = await delivered(run());
    expect(done).toMatchObject({ hardware: null, encoder: 'libx264' });
    expect(done.settings.hardware_reason).toContain(reason);
    const refused = await run(['--hw', 'nvenc', '--overwrite']);
    expect(refused.code, shown(refused)).toBe(5);
    expect(resultOf(refused)).toMatchObject({
      error_code: 'TOOLCHAIN',
      error_message: expect.stringContaining(reason),
    });
    const fallen = await delivered(run(['--hw', 'nvenc', '--hw-fallback', '--overwrite']));
    expect(fallen.said).toContain(reason);
    expect(listing(folder)).toEqual(['o.mp4']);
  });

  test('that has no ten bits is not asked for them, and says so', async () => {
    const trial = `case "$*" in *main10*) echo '[hevc_nvenc @ 0x55] [warning] 10 bit encode not supported' >&2
echo '[hevc_nvenc @ 0x55] [fatal] No capable devices found' >&2; exit 1 ;; *) encode "$@" ;; esac`;
    const { run, asked } = machine({ trial });
    const done = await delivered(run(['--codec', 'h265', '--set', 'pixel_format=yuv420p10le']));
    expect(done).toMatchObject({ hardware: null, encoder: 'libx265' });
    expect(done.settings.pixel_format).toBe('yuv420p10le');
    expect(done.settings.hardware_reason).toBe('hevc_nvenc: 10 bit encode not supported');
    expect(asked()).toEqual(['trial']);
  });

  test('that has no variable rate still takes what it has been seen to encode', async () => {
    const trial = `case "$*" in *'-rc vbr -b:v 1000k'*) ${trialSays('Selected ratecontrol mode is unsupported')} ;; *) encode "$@" ;; esac`;
    const { run, asked, films } = machine({ trial });
    const rate = await delivered(run(['--mode', 'vbr', '--bitrate', '400', '--no-two-pass']));
    expect(rate.hardware).toBeNull();
    expect(rate.settings.hardware_reason).toContain('Selected ratecontrol mode is unsupported');
    expect((await delivered(run(['--overwrite']))).hardware).toBe('nvenc');
    expect(films()).toHaveLength(1);
    expect(asked().filter((what) => what === 'trial')).toHaveLength(2);
  });

  test('that is busy with others is asked again by the next export', async () => {
    const { run, asked } = machine({ trial: trialSays(SESSIONS) });
    const done = await delivered(run());
    expect(done.settings.hardware_reason).toContain('out of memory (10)');
    await delivered(run(['--overwrite']));
    expect(asked()).toEqual(['trial', 'trial']);
  });

  test('with another driver is another device', async () => {
    const { run, asked, tools } = machine({ trial: trialSays('Cannot load libcuda.so.1') });
    await delivered(run());
    const smi = join(tools[1] ?? '', '..', 'nvidia-smi');
    writeFileSync(smi, `${readFileSync(smi, 'utf8')}\n# of another driver\n`, { mode: 0o755 });
    await delivered(run(['--overwrite']));
    await delivered(run(['--overwrite']));
    expect(asked()).toEqual(['trial', 'trial']);
  });

  test('that hangs costs one export ten seconds, and the next ones nothing', async () => {
    const { run, asked } = machine({ trial: 'exec sleep 600' });
    const first = await delivered(run());
    expect(first.settings.hardware_reason).toContain('did not finish within 10 s');
    await delivered(run(['--overwrite']));
    expect(asked()).toEqual(['trial']);
  });
});

describe('a device that fails with a film', () => {
  test.each([
    ['has no session left', says(SESSIONS), 'no session is free'],
    ['is lost half way', HALF, 'the device is lost'],
    ['is out of memory', says('cuMemAlloc failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory'), 'out of memory'],
  ])('and %s: software takes over, never silently', async (_what, film, named) => {
    const { run, folder, out } = machine({ film, decode: 'exit 1' });
    const done = await delivered(run());
    expect(done).toMatchObject({ hardware: null, encoder: 'libx264', status: 'completed' });
    expect(done.said).toContain(named);
    expect(done.settings.hardware_reason).toContain('made again in software');
    expect(Object.keys(done.settings_from).sort()).toEqual(Object.keys(done.settings).sort());
    expect(countFrames(out)).toBe(25);
    expect(listing(folder)).toEqual(['o.mp4']);
  });

  test('--hw NAME takes over only with --hw-fallback', async () => {
    const { run, folder } = machine({ film: says(SESSIONS), decode: 'exit 1' });
    const failed = await run(['--hw', 'nvenc']);
    expect(failed.code, shown(failed)).toBe(6);
    expect(resultOf(failed).error_message).toContain('OpenEncodeSessionEx');
    expect(listing(folder)).toEqual([]);
    const done = await delivered(run(['--hw', 'nvenc', '--hw-fallback']));
    expect(done.said).toContain('no session is free');
  });

  test('any other failure is no reason to try again', async () => {
    const { run, asked, folder } = machine({ film: says('Invalid level'), decode: 'exit 1' });
    const failed = await run();
    expect(failed.code, shown(failed)).toBe(6);
    expect(asked()).toEqual(['trial', 'decode', 'film']);
    expect(listing(folder)).toEqual([]);
  });

  test('what the device cannot decode is decoded in software, and still encoded there', async () => {
    const film = `case "$*" in *-hwaccel*) ${says('Impossible to convert between the formats')} ;; *) encode "$@" ;; esac`;
    const { run, films } = machine({ film });
    const done = await delivered(run());
    expect(done).toMatchObject({ hardware: 'nvenc', encoder: 'h264_nvenc' });
    expect(done.said).toContain('decoded and filtered in software');
    expect(films()).toHaveLength(2);
    expect(films()[1]).not.toContain('-hwaccel');
  });
});

test('a device that conceals damage delivers no damaged source: it is decoded in software too', async () => {
  const broken = join(fresh(), 'broken.mp4');
  const bytes = readFileSync(clip());
  const from = bytes.indexOf('mdat') + 9000;
  for (let at = from; at < from + 400; at += 1) bytes[at] = ((bytes[at] ?? 0) * 7 + 13) % 256;
  writeFileSync(broken, bytes);
  // What the device decodes looks whole: the first input is another film.
  const film = `case "$*" in *-hwaccel*) ;; *) encode "$@"; exit $? ;; esac
n=$#; whole='file:${clip()}'
while [ "$n" -gt 0 ]; do a=$1; shift; n=$((n - 1)); case "$a" in file:*) a=\${whole:-$a}; whole= ;; esac; set -- "$@" "$a"; done
encode "$@"`;
  const fake = fakeMachine(fresh(), { film });
  const folder = fresh();
  const run = await sg(['export', broken, '-o', join(folder, 'o.mp4'), ...fake.tools], { env: fake.env });
  expect(run.code, shown(run)).toBe(6);
  expect(run.stderr).toContain('the source has decode errors');
  expect(fake.films()).toHaveLength(2);
  expect(listing(folder)).toEqual([]);
});

/** A device whose films take a while, and how many of them ran at once. */
function slowMachine() {
  const log = join(fresh(), 'running.log');
  writeFileSync(log, '');
  const film = `echo + >> '${log}'; sleep 0.4; encode "$@"; code=$?; echo - >> '${log}'; exit $code`;
  const fake = fakeMachine(fresh(), { film });
  const most = (): number => {
    let [running, seen] = [0, 0];
    for (const sign of readFileSync(log, 'utf8').trim().split('\n')) {
      running += sign === '+' ? 1 : -1;
      seen = Math.max(seen, running);
    }
    return seen;
  };
  const multi = (folder: string, heights: readonly number[]): Promise<CliRun> => {
    const exports = heights.flatMap((height) => [
      '--export',
      `h264:${Math.round((height * 16) / 18) * 2}x${height}:medium`,
    ]);
    const how = ['--output-folder', folder, '--parallel', `${heights.length}`, '--json', ...fake.tools];
    return ok(['multi', clip(), ...exports, ...how], { env: fake.env, timeoutMs: 150_000 });
  };
  /** Samples of a film, of which none was remembered before. */
  const estimate = (crf: number): Promise<CliRun> =>
    ok(['estimate', clip(), '--sample', '--hw', 'nvenc', '--crf', `${crf}`, '--json', ...fake.tools], {
      env: fake.env,
      timeoutMs: 150_000,
    });
  return { ...fake, most, multi, estimate };
}

const hardwareOf = (run: CliRun): readonly unknown[] =>
  jsonLines(run)
    .filter(({ type }) => type === 'export_result')
    .map(({ hardware }) => hardware);

test('multi never runs more encodes on a device than it has sessions for', async () => {
  const { multi, most } = slowMachine();
  expect(hardwareOf(await multi(fresh(), [90, 120, 144, 160, 180]))).toEqual(Array(5).fill('nvenc'));
  expect(most()).toBeLessThanOrEqual(3);
  expect(most()).toBeGreaterThan(1);
}, 180_000);

test('nor do two of them at once, and a place whose owner was killed is free', async () => {
  const { multi, most, env } = slowMachine();
  const slots = join(env.TMPDIR ?? '', `sg-export-sessions-${process.getuid?.()}`);
  mkdirSync(slots, { mode: 0o700 });
  // No process has such a number.
  const dead = { host: thisProcess().host, pid: 2 ** 22 + 1, startTicks: '1', exportId: 'dead' };
  writeFileSync(join(slots, 'nvenc-0-0'), JSON.stringify(dead));
  const [one, two] = await Promise.all([multi(fresh(), [90, 120, 144]), multi(fresh(), [90, 120, 144])]);
  expect([...hardwareOf(one), ...hardwareOf(two)]).toEqual(Array(6).fill('nvenc'));
  expect(most()).toBe(3);
  expect(listing(slots)).toEqual([]);
}, 180_000);

test('nor do samples, which take places of the same device', async () => {
  const { multi, estimate, most, films } = slowMachine();
  const [delivered] = await Promise.all([multi(fresh(), [90, 120, 144]), ...[20, 24, 28].map(estimate)]);
  expect(hardwareOf(delivered)).toEqual(Array(3).fill('nvenc'));
  expect(films().length).toBeGreaterThanOrEqual(6);
  expect(most()).toBe(3);
}, 180_000);

/**
 * Pixels of a device's decoder, scaler and encoder need not be those of the software chain. They must show the same picture: SSIM against
 * the film that software made of it, at half the size.
 */
const LEAST_SSIM = 0.97;

describe('a film whose whole chain is on the device looks like that of the software chain', () => {
  const halves = async (folder: string, hw: string, more: readonly string[], env = {}) => {
    const out = join(folder, `${hw}.mp4`);
    const run = await sg(
      ['export', clip(), '-o', out, '--resolution', '160x90', '--quality', 'high', '--hw', hw, '--json', ...more],
      {
        env,
      },
    );
    return { out, run };
  };
  const ssimOf = async (a: string, b: string): Promise<number> =>
    JSON.parse((await ok(['compare', a, b, '--json'])).stdout).ssim as number;

  test('as it does where libswscale and libx264 play the device', async () => {
    const { tools, env, films } = fakeMachine(fresh());
    const folder = fresh();
    const onDevice = await halves(folder, 'nvenc', tools, env);
    expect(onDevice.run.code, shown(onDevice.run)).toBe(0);
    expect(films()[0]).toContain('scale_cuda=w=160:h=90');
    const inSoftware = await halves(folder, 'off', []);
    expect(await ssimOf(inSoftware.out, onDevice.out)).toBeGreaterThan(LEAST_SSIM);
  });

  test.each(['nvenc', 'qsv', 'vaapi', 'videotoolbox', 'amf'])('as it does on a real device: %s', async (hw) => {
    const folder = fresh();
    const onDevice = await halves(folder, hw, []);
    if (onDevice.run.code === 5) return console.warn(`pixels of ${hw}: skipped, it cannot be used here`);
    expect(onDevice.run.code, shown(onDevice.run)).toBe(0);
    const inSoftware = await halves(folder, 'off', []);
    expect(await ssimOf(inSoftware.out, onDevice.out)).toBeGreaterThan(LEAST_SSIM);
  });
});

describe('this machine, as it is', () => {
  test.each([
    ['nvenc', /cannot be used: \S+/],
    ['qsv', /cannot be used: \S+/],
    ['vaapi', /cannot be used: \S+/],
    ['videotoolbox', /this ffmpeg has no h264_videotoolbox/],
    ['amf', /this ffmpeg has no h264_amf/],
  ])('--hw %s is exit 5 with its own reason, or a film', async (hw, reason) => {
    const folder = fresh();
    const run = await sg(['export', clip(), '-o', join(folder, 'o.mp4'), '--hw', hw]);
    // Where there is such a device, this is no case.
    if (run.code === 0) return expect(countFrames(join(folder, 'o.mp4'))).toBe(25);
    expectRefusal(run, 5);
    expect(run.stderr, shown(run)).toMatch(reason);
    expect(run.stderr).toContain('--hw-fallback');
    expect(listing(folder)).toEqual([]);
  });

  test('an export asks ffmpeg for no more than it does without hardware', async () => {
    const count = async (more: readonly string[]) => {
      const { path, calls } = loggingEncoder(fresh());
      const args = ['export', clip(), '-o', join(fresh(), 'o.mp4'), '--ffmpeg', path, '--db', join(fresh(), 'h.db')];
      const { stdout } = await ok([...args, '--json', ...more]);
      return { calls: calls().length, hardware: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}').hardware };
    };
    const auto = await count([]);
    if (auto.hardware !== null) return;
    expect(auto.calls).toBe((await count(['--hw', 'off'])).calls);
  });
});
