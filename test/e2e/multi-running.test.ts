import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip, complaints, countFrames } from '../support/clips.ts';
import { fakeEncoder, REAL_FFMPEG, script } from '../support/fake-tools.ts';
import {
  type CliOptions,
  type CliRun,
  expectRefusal,
  fresh,
  jsonLines,
  listing,
  ok,
  resultOf,
  type StartedCli,
  sg,
  shown,
  startSg,
  until,
} from '../support/run-cli.ts';
import { noProc, processesAt, workersAt } from '../support/running-export.ts';
import { fill, noMount, smallDisk } from '../support/small-disk.ts';

const FAST = ['--speed', 'ultrafast'];

interface Place {
  readonly folder: string;
  readonly db: readonly string[];
  readonly start: (args: readonly string[], options?: CliOptions) => StartedCli;
  readonly multi: (args: readonly string[]) => Promise<CliRun>;
}

function place(...sources: readonly string[]): Place {
  const folder = fresh();
  for (const name of sources) copyFileSync(clip(), join(folder, name));
  const db = ['--db', join(fresh(), 'h.db')];
  const words = (args: readonly string[]) => ['multi', ...args, ...FAST, '--output-folder', 'o', ...db];
  return {
    folder,
    db,
    start: (args, options = {}) => startSg(words(args), { cwd: folder, ...options }),
    multi: (args) => sg(words(args), { cwd: folder }),
  };
}

/** An ffmpeg that does something else where its command line mentions a word. */
const encoderBut = (word: string, then: string): string =>
  fakeEncoder(fresh(), `case "$*" in *${word}*) ${then};; esac\nexec "$real" "$@"`);

const exportsOf = (run: CliRun) => {
  const { exports } = resultOf(run);
  return (Array.isArray(exports) ? exports : []) as readonly Readonly<Record<string, unknown>>[];
};
const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Where the processes of single exports are watched: each has its own. */
const APART = '--no-share';
const THREE = ['a.mp4', '--export', 'h264', '--export', 'vp9:160x90', '--export', 'h265:160x90'];
const H264 = 'a_180p_h264_medium.mp4';
const VP9 = 'a_160x90_vp9_medium.webm';
const H265 = 'a_160x90_h265_medium.mp4';

describe('one failure', () => {
  test('spoils no other: exit 8, a table of what happened, and the rest is made by the same command', async () => {
    const { folder, multi } = place('a.mp4');
    const failing = encoderBut('libvpx', 'exit 1');
    const run = await multi([...THREE, '--ffmpeg', failing]);
    expect(run.code, shown(run)).toBe(8);
    expect(linesOf(run.stdout)).toEqual([H264, H265].map((name) => join(folder, 'o', name)));
    expect(listing(join(folder, 'o'))).toEqual([H265, H264]);
    expect(run.stderr).toMatch(/^failed {2}a_160x90_vp9_medium\.webm\n {2}ffmpeg failed \(exit 1\)/m);
    expect(run.stderr).toMatch(/^a_160x90_vp9_medium\.webm .* ENCODE$/m);
    expect(run.stderr).toMatch(/^2 outputs, .*; 1 failed; /m);
    expect(run.stderr).toMatch(/^error: 1 of 3 exports failed\n {2}try: the same command with --skip-existing/m);

    const again = await multi([...THREE, '--skip-existing', '--json']);
    expect(again.code, shown(again)).toBe(0);
    expect(exportsOf(again).map(({ skipped }) => skipped)).toEqual([true, undefined, true]);
    expect(listing(join(folder, 'o'))).toEqual([VP9, H265, H264].sort());
  });

  test('of each: their shared code, else 6', async () => {
    const { folder, multi } = place('a.mp4');
    const truncating = fakeEncoder(fresh(), '"$real" "$@" || exit $?\ntruncate -s -3000 "$last"');
    const verify = await multi([
      'a.mp4',
      '--export',
      'h264',
      '--export',
      'h265',
      APART,
      '--json',
      '--ffmpeg',
      truncating,
    ]);
    expect(verify.code, shown(verify)).toBe(7);
    expect(resultOf(verify)).toMatchObject({ status: 'failed', error_code: 'VERIFY' });
    const mixed = fakeEncoder(
      fresh(),
      'case "$*" in *libx265*) exit 1;; esac\n"$real" "$@" || exit $?\ntruncate -s -3000 "$last"',
    );
    const both = await multi(['a.mp4', '--export', 'h264', '--export', 'h265', APART, '--json', '--ffmpeg', mixed]);
    expect(both.code, shown(both)).toBe(6);
    expect(exportsOf(both).map(({ error_code }) => error_code)).toEqual(['VERIFY', 'ENCODE']);
    expect(listing(folder), 'the folder that was made for nothing is gone').toEqual(['a.mp4']);
  });

  test('with --fail-fast stops the others', async () => {
    const { folder, multi } = place('a.mp4');
    const failing = encoderBut('libvpx', 'exit 1');
    const run = await multi([...THREE, '--fail-fast', '--parallel', '1', '--json', '--ffmpeg', failing]);
    expect(run.code, shown(run)).toBe(8);
    expect(exportsOf(run)).toMatchObject([
      { status: 'completed' },
      { status: 'failed', error_code: 'ENCODE' },
      {
        status: 'cancelled',
        error_code: 'PARTIAL',
        error_message: 'cancelled, because another export failed (--fail-fast)',
      },
    ]);
    expect(listing(join(folder, 'o'))).toEqual([H264]);
    const none = await multi([
      'a.mp4',
      '--export',
      'vp9',
      '--export',
      'vp9:160x90',
      '--fail-fast',
      '--json',
      '--ffmpeg',
      failing,
    ]);
    expect(none.code, 'only failures count').toBe(6);
  });

  test('in time of its own, or of a source that goes away before its turn', async () => {
    const { folder, multi } = place('a.mp4', 'b.mp4');
    writeFileSync(
      join(folder, 'job.json'),
      JSON.stringify({ exports: [{ codec: 'h264' }, { codec: 'vp9', timeout: '2' }] }),
    );
    const slow = encoderBut('libvpx', 'exec sleep 600');
    const late = await multi(['a.mp4', '--job', 'job.json', '--json', '--ffmpeg', slow]);
    expect(late.code, shown(late)).toBe(8);
    expect(exportsOf(late)).toMatchObject([{ status: 'completed' }, { status: 'failed', error_code: 'TIMEOUT' }]);

    const removing = fakeEncoder(fresh(), `rm -f '${folder}/b.mp4'\nexec "$real" "$@"`);
    const run = await multi(['a.mp4', 'b.mp4', '--export', 'h265', '--parallel', '1', '--json', '--ffmpeg', removing]);
    expect(run.code, shown(run)).toBe(8);
    expect(exportsOf(run)).toMatchObject([
      { status: 'completed' },
      { status: 'failed', error_code: 'INPUT', error_message: 'b.mp4 went away before its turn came' },
    ]);
  });

  test.skipIf(noMount)('of an output folder that fills up: what is finished stays', async () => {
    const { folder, db } = place('a.mp4');
    const disk = smallDisk(8_000_000);
    try {
      const filling = encoderBut('libx265', `cat /dev/zero > '${disk.path}/filler' 2>/dev/null`);
      const words = ['a.mp4', '--export', 'h264', '--export', 'h265', '--output-folder', disk.path];
      const run = await sg(['multi', ...words, ...FAST, ...db, '--parallel', '1', '--json', '--ffmpeg', filling], {
        cwd: folder,
      });
      expect(run.code, shown(run)).toBe(8);
      expect(exportsOf(run)).toMatchObject([{ status: 'completed' }, { status: 'failed', error_code: 'ENCODE' }]);
      expect(listing(disk.path)).toEqual([H264, 'filler']);
    } finally {
      disk.remove();
    }
  });
});

test.skipIf(noMount)('all outputs together must fit, though each would', async () => {
  const { folder, db } = place('a.mp4');
  const disk = smallDisk(8_000_000);
  try {
    fill(disk.path, 1_500_000);
    const words = (many: number) => [
      'a.mp4',
      ...Array.from({ length: many }, (_, n) => ['--export', `h264:160x${90 + 2 * n}`]).flat(),
      ...['--bitrate', '6M', '--output-folder', disk.path, '--dry-run'],
    ];
    const one = await sg(['multi', ...words(1), ...db], { cwd: folder });
    expect(one.code, shown(one)).toBe(0);
    const three = await sg(['multi', ...words(3), ...db], { cwd: folder });
    expect(three.code, shown(three)).toBe(6);
    expect(three.stderr).toMatch(/not enough disk space in .*--output-folder/s);
  } finally {
    disk.remove();
  }
});

/** How many ran at once at most, by a log of `begin` and `end`. */
function mostAtOnce(log: string): number {
  let now = 0;
  let most = 0;
  for (const line of linesOf(readFileSync(log, 'utf8'))) {
    now += line === 'begin' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

test.each([
  ['two', ['--parallel', '2', APART], 2],
  ['one after the other', ['--parallel', '1'], 1],
  ['one, where the memory does not do for two', ['--parallel', '3', '--memory', '1MB'], 1],
])('%s at once', async (_name, flags, most) => {
  const { multi } = place('a.mp4');
  const log = join(fresh(), 'log');
  const logging = fakeEncoder(
    fresh(),
    `echo begin >> '${log}'\n"$real" "$@"\ncode=$?\nsleep 0.3\necho end >> '${log}'\nexit $code`,
  );
  const exports = [160, 176, 192, 208].flatMap((width) => ['--export', `h264:${width}x90`]);
  const run = await multi(['a.mp4', ...exports, ...flags, '--ffmpeg', logging]);
  expect(run.code, shown(run)).toBe(0);
  expect(mostAtOnce(log)).toBe(most);
});

/** Starts a run of which one export is done and another hangs. */
async function hanging(made: Place, flags: readonly string[] = []): Promise<StartedCli> {
  const deaf = encoderBut('libvpx', 'exec sleep 600');
  const run = made.start([...THREE, APART, '--parallel', '2', '--ffmpeg', deaf, ...flags], { ownGroup: true });
  await until(() => listing(made.folder).includes(`o/${H265}`) || run.child.exitCode !== null, 40_000);
  expect(run.child.exitCode, 'it ended too early').toBe(null);
  return run;
}

describe.skipIf(noProc)('a run that is stopped', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s keeps and prints what is finished', async (signal, code) => {
    const made = place('a.mp4');
    const run = await hanging(made, ['--json']);
    run.child.kill(signal);
    const ended = await run.ended;
    expect(ended.code, shown(ended)).toBe(code);
    expect(resultOf(ended)).toMatchObject({
      status: 'cancelled',
      error_code: signal,
      exports: [{ status: 'completed' }, { status: 'cancelled' }, { status: 'completed' }],
    });
    expect(listing(made.folder)).toEqual(['a.mp4', 'o', `o/${H265}`, `o/${H264}`]);
    expect(await until(() => processesAt(made.folder).length === 0, 2000)).toBe(true);
  });

  test('says how it goes on, and a second signal leaves no empty folder', async () => {
    const made = place('a.mp4');
    const deaf = encoderBut('libvpx', "trap '' TERM; while :; do sleep 1; done");
    const words = ['a.mp4', '--export', 'vp9', '--ffmpeg', deaf];
    const once = made.start(words, { ownGroup: true });
    await until(() => workersAt(made.folder).length > 0, 40_000);
    once.child.kill('SIGINT');
    const ended = await once.ended;
    expect(ended.code, shown(ended)).toBe(130);
    expect(ended.stderr).toMatch(/^error: cancelled\n {2}try: .*`sg-export multi --resume`$/m);
    const twice = made.start(words, { ownGroup: true });
    await until(() => workersAt(made.folder).length > 0, 40_000);
    expect(listing(made.folder)).toContain('o');
    twice.child.kill('SIGINT');
    twice.child.kill('SIGINT');
    expect((await twice.ended).code).toBe(130);
    expect(listing(made.folder)).toEqual(['a.mp4']);
    expect(await until(() => processesAt(made.folder).length === 0, 2500)).toBe(true);
    const { jobs } = JSON.parse((await ok(['history', '--json', ...made.db])).stdout);
    expect(jobs.map(({ status }: { readonly status: string }) => status)).toEqual(['cancelled', 'cancelled']);
  });

  test('by --timeout too, and says so to a person', async () => {
    const made = place('a.mp4');
    const run = await hanging(made, ['--timeout', '20']);
    const ended = await run.ended;
    expect(ended.code, shown(ended)).toBe(124);
    expect(linesOf(ended.stdout)).toEqual([H264, H265].map((name) => join(made.folder, 'o', name)));
    expect(ended.stderr).toMatch(/^error: --timeout 20 ran out$/m);
  });

  test('in one of its exports, by cancel ID: the others go on', async () => {
    const made = place('a.mp4');
    const run = await hanging(made, ['--json']);
    const { jobs } = JSON.parse((await ok(['history', '--json', ...made.db])).stdout);
    const going = jobs.find(
      ({ status }: { readonly status: string }) => status === 'encoding' || status === 'preparing',
    );
    expect(going.export_config.multi_id).toMatch(/^[0-9a-f-]{36}$/);
    await ok(['cancel', going.export_id, ...made.db]);
    const ended = await run.ended;
    expect(ended.code, shown(ended)).toBe(8);
    expect(exportsOf(ended).map(({ status }) => status)).toEqual(['completed', 'cancelled', 'completed']);
  });

  test('in one that waits for its turn, by its id, or in all, by the id of the run', async () => {
    const made = place('a.mp4');
    const deaf = encoderBut('libvpx', 'exec sleep 600');
    const start = async (flags: readonly string[]) => {
      const run = made.start([...THREE, APART, '--parallel', '1', '--json', '--ffmpeg', deaf, ...flags]);
      await until(() => workersAt(made.folder, 'sleep').length > 0 || run.child.exitCode !== null, 40_000);
      const { jobs } = JSON.parse((await ok(['history', '--json', ...made.db])).stdout);
      const idOf = (wanted: string) => jobs.find(({ status }: { readonly status: string }) => status === wanted);
      return { run, waiting: idOf('queued'), working: idOf('encoding') ?? idOf('preparing') };
    };
    const first = await start([]);
    const cancelled = await ok(['cancel', first.waiting.export_id, '--json', ...made.db]);
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ status: 'cancelled', started_at: null, output_files: [] });
    await ok(['cancel', first.working.export_id, ...made.db]);
    const ended = await first.run.ended;
    expect(ended.code, shown(ended)).toBe(8);
    expect(resultOf(ended).error_message).toBe('2 of 3 exports were cancelled');
    const byCancel = { status: 'cancelled', error_code: 'SIGINT', error_message: 'cancelled by `sg-export cancel`' };
    expect(exportsOf(ended)).toMatchObject([{ status: 'completed' }, byCancel, byCancel]);

    const second = await start(['--skip-existing']);
    const id = String(second.waiting.export_config.multi_id);
    const whole = await ok(['cancel', id.slice(0, 13), ...made.db]);
    expect(whole.stdout).toBe(`${id} (2 exports) cancelled\n`);
    const stopped = await second.run.ended;
    expect(stopped.code, shown(stopped)).toBe(130);
    expect(exportsOf(stopped)).toMatchObject([{ skipped: true }, byCancel, byCancel]);
    const again = await sg(['cancel', id, ...made.db]);
    expectRefusal(again, 2);
    expect(again.stderr).toMatch(/is already over: cancelled\n {2}try: .*--resume/);
    expect(listing(join(made.folder, 'o'))).toEqual([H264]);
  });

  test('whose finished source went away is taken up all the same', async () => {
    const made = place('a.mp4', 'b.mp4');
    const failing = encoderBut('b.mp4', 'exit 1');
    const run = await made.multi(['a.mp4', 'b.mp4', '--export', 'h264', '--parallel', '1', '--ffmpeg', failing]);
    expect(run.code, shown(run)).toBe(8);
    rmSync(join(made.folder, 'a.mp4'));
    const resumed = await sg(['multi', '--resume', '--json', ...made.db, '--ffmpeg', REAL_FFMPEG]);
    expect(resumed.code, shown(resumed)).toBe(0);
    const outputs = ['a', 'b'].map((name) => join(made.folder, 'o', `${name}_180p_h264_medium.mp4`));
    expect(exportsOf(resumed)).toMatchObject([
      { skipped: true, output_files: [outputs[0]], source: join(made.folder, 'a.mp4') },
      { output_files: [outputs[1]] },
    ]);
  });

  test('is not taken up where what was made of a source that is gone is gone too', async () => {
    const made = place('a.mp4', 'b.mp4');
    const failing = encoderBut('b.mp4', 'exit 1');
    await made.multi(['a.mp4', 'b.mp4', '--export', 'h264', '--parallel', '1', '--ffmpeg', failing]);
    rmSync(join(made.folder, 'a.mp4'));
    writeFileSync(join(made.folder, 'o', 'a_180p_h264_medium.mp4'), 'something else');
    const resumed = await sg(['multi', '--resume', ...made.db, '--ffmpeg', REAL_FFMPEG]);
    expectRefusal(resumed, 3);
    expect(resumed.stderr).toContain('a.mp4: no such file');
  });

  test('by kill -9 is taken up by --resume, which makes only what is missing', async () => {
    const made = place('a.mp4');
    const run = await hanging(made);
    const busy = await sg(['multi', '--resume', ...made.db], { cwd: made.folder });
    expect([busy.code, busy.stderr]).toEqual([2, expect.stringMatching(/is still at work \(process \d+\)/)]);
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await until(() => processesAt(made.folder).length === 0, 2000)).toBe(true);
    // The ffmpeg that hung is remembered too: another one is named for going on, from another folder.
    const resumed = await sg(['multi', '--resume', '--json', ...made.db, '--ffmpeg', REAL_FFMPEG], { cwd: fresh() });
    expect(resumed.code, shown(resumed)).toBe(0);
    expect(exportsOf(resumed).map(({ skipped }) => skipped)).toEqual([true, undefined, true]);
    expect(listing(made.folder)).toEqual(['a.mp4', 'o', ...[H265, VP9, H264].map((name) => `o/${name}`)].sort());
    for (const name of [H264, H265, VP9]) {
      expect(countFrames(join(made.folder, 'o', name))).toBe(25);
      expect(complaints(join(made.folder, 'o', name))).toBe('');
    }
    const nothing = await sg(['multi', '--resume', ...made.db]);
    expect(nothing.stderr).toMatch(/there is no unfinished run/);
  });

  test('is taken up by one process only, however many find it', async () => {
    const made = place('a.mp4');
    const failing = encoderBut('libvpx', 'exit 1');
    await made.multi(['a.mp4', '--export', 'h264', '--export', 'vp9:160x90', '--parallel', '1', '--ffmpeg', failing]);
    // The first one looks at its source for as long as this ffprobe waits; the second one takes the run up meanwhile.
    const tools = fresh();
    const slow = script(
      tools,
      'ffprobe',
      `touch '${tools}/asked'\nwhile [ ! -e '${tools}/go' ]; do sleep 0.1; done\nexec ffprobe "$@"`,
    );
    const resume = ['multi', '--resume', ...made.db, '--ffmpeg', REAL_FFMPEG];
    const first = startSg([...resume, '--ffprobe', slow], { cwd: made.folder });
    expect(await until(() => existsSync(join(tools, 'asked')))).toBe(true);
    const second = await sg(resume, { cwd: made.folder });
    expect(second.code, shown(second)).toBe(0);
    const delivered = listing(made.folder);
    writeFileSync(join(tools, 'go'), '');
    const late = await first.ended;
    expectRefusal(late, 2);
    expect(late.stderr).toMatch(/was taken up by another process meanwhile/);
    expect(listing(made.folder)).toEqual(delivered);
  });

  test('in the midst of replacing: --resume replaces the rest', async () => {
    const made = place('a.mp4');
    const paths = [H264, VP9].map((name) => join(made.folder, 'o', name));
    const request = ['a.mp4', '--export', 'h264', '--export', 'vp9:160x90', '--overwrite', '--parallel', '1'];
    await made.multi(['a.mp4', '--export', 'h264:160x90']);
    for (const path of paths) writeFileSync(path, 'old');
    const failing = encoderBut('libvpx', 'exit 1');
    const run = await made.multi([...request, '--ffmpeg', failing]);
    expect(run.code, shown(run)).toBe(8);
    const resumed = await sg(['multi', '--resume', '--json', ...made.db, '--ffmpeg', REAL_FFMPEG]);
    expect(resumed.code, shown(resumed)).toBe(0);
    expect(exportsOf(resumed).map(({ skipped }) => skipped)).toEqual([true, undefined]);
    expect(paths.map(countFrames)).toEqual([25, 25]);
  });
});

test('every export is a job of its own in the history', async () => {
  const { db, multi } = place('a.mp4');
  const run = await multi([...THREE, '--json', '--ffmpeg', encoderBut('libvpx', 'exit 1')]);
  const { jobs } = JSON.parse((await ok(['history', '--json', ...db])).stdout);
  expect(new Set(jobs.map(({ export_id }: { readonly export_id: string }) => export_id))).toEqual(
    new Set(exportsOf(run).map(({ export_id }) => export_id)),
  );
  const statuses = jobs.map(({ status }: { readonly status: string }) => status);
  expect([...statuses].sort()).toEqual(['completed', 'completed', 'failed']);
  expect(jsonLines(run).filter(({ type }) => type === 'export_result')).toHaveLength(3);
});
