import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clip, complaints, countFrames } from '../support/clips.ts';
import { fakeEncoder, REAL_FFMPEG, script } from '../support/fake-tools.ts';
import {
  BIN,
  cleanEnv,
  fresh,
  listing,
  ok,
  resultOf,
  type StartedCli,
  shown,
  signalGroup,
  until,
} from '../support/run-cli.ts';
import {
  expectNobodyAt,
  expectStopped,
  jobsOf,
  longClip,
  noProc,
  type Place,
  placeFor,
  SLOW,
  startExport,
  untilEncoding,
  workersAt,
} from '../support/running-export.ts';

/** An ffmpeg that hangs in the step that makes the film, and does not listen to SIGTERM. It is seen as `sleep`. */
const deafEncoder = (): string => fakeEncoder(fresh(), "trap '' TERM; exec sleep 600");

interface Stop {
  readonly code: number;
  readonly errorCode: string;
  readonly status: 'cancelled' | 'failed';
  readonly destination: 'free' | 'taken';
  readonly flags?: readonly string[];
  readonly stop: (run: StartedCli, place: Place) => Promise<void> | void;
}
const CANCELLED = { status: 'cancelled', destination: 'taken' } as const;
const kill = (name: NodeJS.Signals) => (run: StartedCli) => {
  run.child.kill(name);
};
const cancel = async (_run: StartedCli, place: Place) => {
  const [job] = await jobsOf(place);
  await ok(['cancel', String(job?.export_id), '--db', place.db]);
};

const STOPS: Readonly<Record<string, Stop>> = {
  SIGINT: { ...CANCELLED, code: 130, errorCode: 'SIGINT', stop: kill('SIGINT') },
  'SIGINT, where nothing was yet': {
    ...CANCELLED,
    destination: 'free',
    code: 130,
    errorCode: 'SIGINT',
    stop: kill('SIGINT'),
  },
  SIGTERM: { ...CANCELLED, code: 143, errorCode: 'SIGTERM', stop: kill('SIGTERM') },
  SIGHUP: { ...CANCELLED, code: 129, errorCode: 'SIGHUP', stop: kill('SIGHUP') },
  'Ctrl-C, which its ffmpeg gets too': {
    ...CANCELLED,
    code: 130,
    errorCode: 'SIGINT',
    stop: (run) => signalGroup(run, 'SIGINT'),
  },
  'cancel ID from elsewhere': { ...CANCELLED, code: 130, errorCode: 'SIGINT', stop: cancel },
  '--timeout': {
    status: 'failed',
    destination: 'taken',
    code: 124,
    errorCode: 'TIMEOUT',
    flags: ['--timeout', '4'],
    stop: () => undefined,
  },
};

// Without a sign of life an ffmpeg is ended after a minute: this run waits for it while the other tests go on.
const stalls = placeFor(clip(), 'taken');
let stalled: StartedCli | undefined;
beforeAll(() => {
  if (!noProc) stalled = startExport(stalls, ['--json', '--ffmpeg', deafEncoder()], { timeoutMs: 200_000 });
});
afterAll(() => {
  stalled?.child.kill('SIGKILL');
});

describe.skipIf(noProc)('a run that is stopped leaves everything as it was', () => {
  test.each(Object.entries(STOPS))(
    'by %s',
    async (_name, { code, errorCode, status, destination, flags = [], stop }) => {
      const place = placeFor(longClip(), destination);
      const run = startExport(place, [...SLOW, ...flags, '--json'], { ownGroup: true });
      await untilEncoding(place, run);
      await stop(run, place);
      const ended = await run.ended;
      expect(resultOf(ended)).toMatchObject({ status, error_code: errorCode, output_files: [], checksums: {} });
      await expectStopped(place, ended, code, status);
    },
  );

  test('and says so to a person in one line', async () => {
    const place = placeFor(longClip(), 'free');
    const run = startExport(place, SLOW);
    await untilEncoding(place, run);
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.stdout).toBe('');
    expect(ended.stderr.match(/^error:.*$/gm), shown(ended)).toEqual(['error: cancelled']);
    await expectStopped(place, ended, 130, 'cancelled');
  });

  test('while the finished film is verified', async () => {
    const place = placeFor(clip(), 'taken');
    const real = REAL_FFMPEG.replace(/ffmpeg$/, 'ffprobe');
    const body = `case "$*" in *output.mp4*) exec sleep 600;; esac\nexec '${real}' "$@"`;
    const run = startExport(place, ['--json', '--ffprobe', script(fresh(), 'ffprobe', body)]);
    const verifies = () => listing(place.folder).some((name) => name.endsWith('/output.mp4'));
    await until(() => verifies() && workersAt(place.folder).length === 0, 40_000);
    run.child.kill('SIGTERM');
    await expectStopped(place, await run.ended, 143, 'cancelled');
  });

  test('with an ffmpeg that does not listen', async () => {
    const place = placeFor(clip(), 'taken');
    const run = startExport(place, ['--json', '--ffmpeg', deafEncoder()]);
    await untilEncoding(place, run, 'sleep');
    run.child.kill('SIGTERM');
    await expectStopped(place, await run.ended, 143, 'cancelled');
  });

  test('by a second SIGINT, at once', async () => {
    const place = placeFor(clip(), 'taken');
    const run = startExport(place, ['--json', '--ffmpeg', deafEncoder()]);
    await untilEncoding(place, run, 'sleep');
    run.child.kill('SIGINT');
    // Two signals that nobody has seen yet are one: the first one's handler must have run. The deaf ffmpeg holds the run for 2 s.
    await until(() => false, 400);
    run.child.kill('SIGINT');
    const ended = await run.ended;
    // The ordinary end would have had its id, once its ffmpeg had been killed.
    const said = { export_id: null, status: 'cancelled', error_code: 'SIGINT' };
    expect(resultOf(ended), 'it waited for its ffmpeg').toMatchObject(said);
    await expectStopped(place, ended, 130, 'cancelled');
  });
});

describe.skipIf(noProc)('what is no end', () => {
  test('a pause: the run goes on where it was', async () => {
    const place = placeFor(clip({ sec: 3 }), 'free');
    // At the speed of its film, so that there is something left to do.
    const slow = fakeEncoder(fresh(), 'exec "$real" -re "$@"');
    const run = startExport(place, ['--ffmpeg', slow], { ownGroup: true });
    await untilEncoding(place, run);
    const state = (pid: number) => / ([A-Z]) /.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
    const all = [run.child.pid ?? 0, ...workersAt(place.folder)];
    signalGroup(run, 'SIGSTOP');
    expect(await until(() => all.every((pid) => state(pid) === 'T'))).toBe(true);
    await until(() => false, 1500);
    expect(run.child.exitCode).toBe(null);
    signalGroup(run, 'SIGCONT');
    const ended = await run.ended;
    expect(ended.code, shown(ended)).toBe(0);
    expect(countFrames(place.output)).toBe(75);
    expect(complaints(place.output)).toBe('');
    await expectNobodyAt(place);
  });

  test.each([
    ['whoever reads the path', '', '2>/dev/null'],
    ['whoever reads the events', '--json', '2>/dev/null'],
    ['whoever reads everything', '--json -v', '2>&1'],
  ])('%s went away: the film is delivered all the same', async (_name, flags, redirect) => {
    const place = placeFor(clip(), 'free');
    const command = `{ "$0" "$@" ${flags} ${redirect}; echo $? > '${place.folder}/code'; } | head -n 0`;
    const args = [BIN, 'export', place.source, '-o', place.output, '--db', place.db];
    spawnSync('sh', ['-c', command, process.execPath, ...args], { env: cleanEnv(), cwd: place.folder });
    expect(readFileSync(`${place.folder}/code`, 'utf8').trim()).toBe('0');
    expect(countFrames(place.output)).toBe(25);
    await expectNobodyAt(place);
    expect(await jobsOf(place)).toMatchObject([{ status: 'completed', output_files: [place.output] }]);
    expect(listing(place.folder)).toEqual(['clip.mp4', 'code', 'out', 'out/out.mp4']);
  });
});

test.skipIf(noProc)('a stalled ffmpeg is ended, and everything is as it was', { timeout: 200_000 }, async () => {
  const ended = await stalled?.ended;
  if (!ended) throw new Error('the run did not start');
  const said = { status: 'failed', error_code: 'ENCODE', error_message: 'ffmpeg stalled: no progress for 60 s' };
  expect(resultOf(ended)).toMatchObject(said);
  expect(ended.tookMs).toBeGreaterThan(60_000);
  await expectStopped(stalls, ended, 6, 'failed');
});
