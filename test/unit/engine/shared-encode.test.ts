import { expect, test } from 'vitest';
import { shareEncode, shareSteps } from '../../../src/engine/shared-encode.ts';
import type { ProcessRequest, ProcessResult } from '../../../src/model/process.ts';

type Request = Omit<ProcessRequest, 'program'>;

const GOOD: ProcessResult = { exitCode: 0, signal: null, outcome: 'exited', lines: [] };
const BAD: ProcessResult = { exitCode: 1, signal: null, outcome: 'exited', lines: ['[error] no'] };

/** A stage with so many members; `answer` is what an ffmpeg with these arguments comes to. */
function scene(count: number, answer: (request: Request) => ProcessResult | Promise<ProcessResult> = () => GOOD) {
  const calls: Request[] = [];
  const shared = shareEncode(count, async (request) => {
    calls.push(request);
    return answer(request);
  });
  const controllers = Array.from({ length: count }, () => new AbortController());
  const come = (member: number, more: Partial<Request> = {}) =>
    shared.run(member, {
      args: ['-i', 'file:/a.mov', '-c:v', `encoder${member}`, 'output.mp4'],
      cwd: `/scratch${member}`,
      signal: (controllers[member] as AbortController).signal,
      stallSec: 60,
      ...more,
    });
  return { shared, calls, come, controllers };
}

const isShared = ({ args }: Request) => args.filter((arg) => arg.endsWith('output.mp4')).length > 1;

test('one process for all, begun when the last has come', async () => {
  const { shared, calls, come } = scene(2);
  const first = come(0, { env: { SVT_LOG: '1' } });
  await new Promise(setImmediate);
  expect(calls).toHaveLength(0);
  expect(await Promise.all([first, come(1)])).toEqual([GOOD, GOOD]);
  expect(calls.map(({ args }) => args)).toEqual([
    ['-i', 'file:/a.mov', '-c:v', 'encoder0', '/scratch0/output.mp4', '-c:v', 'encoder1', '/scratch1/output.mp4'],
  ]);
  expect(calls[0]?.env).toEqual({ SVT_LOG: '1' });
  expect(shared.args()).toEqual(calls[0]?.args);
});

test('who leaves before is not waited for, and one alone runs as it would', async () => {
  const { shared, calls, come } = scene(3);
  const two = come(2);
  shared.leave(0);
  shared.leave(1);
  expect(await two).toEqual(GOOD);
  expect(calls.map(({ args }) => args.at(-1))).toEqual(['output.mp4']);
  expect(shared.args()).toBeUndefined();
});

test.each([
  ['fails', BAD],
  ['complains', { ...GOOD, lines: ['[h264 @ 0x5] [error] error while decoding MB 3 4'] }],
  ['fills the disk', { ...GOOD, lines: ['av_interleaved_write_frame(): No space left on device'] }],
  ['stalls', { ...GOOD, outcome: 'stalled' as const, exitCode: null }],
])('where it %s, each runs alone and has its own end', async (_name, result) => {
  const { shared, calls, come } = scene(2, (request) =>
    isShared(request) ? result : request.args.includes('encoder1') ? BAD : GOOD,
  );
  expect(await Promise.all([come(0), come(1)])).toEqual([GOOD, BAD]);
  expect(calls).toHaveLength(3);
  expect(shared.args()).toBeUndefined();
});

test('one that is cancelled ends the process, and the others begin again', async () => {
  const { calls, come, controllers } = scene(2, (request) =>
    isShared(request)
      ? new Promise((resolve) => {
          request.signal.addEventListener('abort', () => resolve({ ...BAD, outcome: 'aborted' }));
        })
      : request.signal.aborted
        ? { ...BAD, outcome: 'aborted' }
        : GOOD,
  );
  const both = Promise.all([come(0), come(1)]);
  await new Promise(setImmediate);
  controllers[0]?.abort();
  expect((await both).map(({ outcome }) => outcome)).toEqual(['aborted', 'exited']);
  expect(calls).toHaveLength(3);
});

test('one that is cancelled while it waits is gone', async () => {
  const { calls, come, controllers } = scene(2);
  const first = come(0);
  controllers[0]?.abort();
  expect((await first).outcome).toBe('aborted');
  expect(await come(1)).toEqual(GOOD);
  expect(calls).toHaveLength(1);
});

test('progress reaches all of them, without the figures that are only the first one’s', async () => {
  const seen: unknown[] = [];
  const { come } = scene(2, (request) => {
    request.onProgress?.({ outTimeSec: 1, frame: 25, fps: 50, speed: 2, totalBytes: 1000 });
    return GOOD;
  });
  await Promise.all([0, 1].map((member) => come(member, { onProgress: (figures) => seen.push(figures) })));
  const figures = { outTimeSec: 1, frame: null, fps: 50, speed: 2, totalBytes: null };
  expect(seen).toEqual([figures, figures]);
});

test('each step is shared on its own, and logs have the shared process’ names for as long as it runs', async () => {
  const moves: string[] = [];
  const calls: Request[] = [];
  const shared = shareSteps(
    { members: 2, steps: 2 },
    async (request) => {
      calls.push(request);
      moves.push('ffmpeg');
      return GOOD;
    },
    async (from, to) => {
      if (from.endsWith('.log')) moves.push(`${from} ${to}`);
    },
  );
  const output = (pass: number) => ['-map', '0:0', '-pass', `${pass}`, '-passlogfile', 'pass', 'output.mp4'];
  const come = (member: number, step: number) =>
    shared.run(member, step, {
      args: ['-i', 'file:/a.mov', ...output(step + 1)],
      cwd: `/scratch${member}`,
      signal: new AbortController().signal,
      stallSec: 60,
    });
  await Promise.all([come(0, 0), come(1, 0)]);
  const there = '/scratch1/pass-0.log /scratch1/pass-1.log';
  const back = '/scratch1/pass-1.log /scratch1/pass-0.log';
  expect(moves).toEqual([there, 'ffmpeg', back]);
  expect(shared.args(0)).toEqual(calls[0]?.args);
  expect(shared.args(1)).toBeUndefined();
  const last = come(0, 1);
  shared.leave(1);
  expect(await last).toEqual(GOOD);
  expect(calls.map(isShared), 'the other one went between the passes').toEqual([true, false]);
});
