import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Guard } from '../../../src/ffmpeg/guard.ts';
import { runFfmpeg, runTool } from '../../../src/ffmpeg/spawn.ts';
import type { FfmpegProgress, ProcessRequest, ProcessResult } from '../../../src/model/process.ts';
import { block, fakeFfmpeg, lives, until } from './fake-ffmpeg.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-spawn-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(body: string, more: Partial<ProcessRequest> = {}, guard?: Guard): Promise<ProcessResult> {
  const program = fakeFfmpeg(folder, body);
  return runFfmpeg(
    { program, args: ['in.mov', 'out.mp4'], cwd: folder, signal: new AbortController().signal, stallSec: 0, ...more },
    { guard },
  );
}

const pidFile = () => join(folder, 'pid');
const WRITE_PID = "fs.writeFileSync('pid', String(process.pid));";
const writtenPid = () => Number(readFileSync(pidFile(), 'utf8'));
const isWritten = () => existsSync(pidFile()) && readFileSync(pidFile(), 'utf8') !== '';

const GUARDS: readonly Guard[] = process.platform === 'linux' ? ['setpriv', 'guardian'] : ['guardian'];

describe.each(GUARDS)('guarded by %s', (guard) => {
  test('the engine comes first in the arguments, stdin is empty, the folder and environment are as asked', async () => {
    await run(
      "fs.writeFileSync('seen', JSON.stringify({ args, cwd: process.cwd(), env: process.env.SVT_LOG, stdin: fs.readFileSync(0, 'utf8') }));",
      { env: { SVT_LOG: '1' } },
      guard,
    );
    const seen = JSON.parse(readFileSync(join(folder, 'seen'), 'utf8'));
    expect(seen.args.slice(0, 3)).toEqual(['-hide_banner', '-nostdin', '-y']);
    expect(seen.args.slice(-4)).toEqual(['-stats_period', '0.5', 'in.mov', 'out.mp4']);
    expect(seen).toMatchObject({ cwd: folder, env: '1', stdin: '' });
  });

  test('progress, lines and the exit code come through', async () => {
    const seen: FfmpegProgress[] = [];
    const lines: string[] = [];
    const result = await run(
      `process.stdout.write(${block(0, 'N/A')} + ${block(25, 1_000_000, true)}); console.error('[error] no'); process.exit(3);`,
      { onProgress: (progress) => seen.push(progress), onLine: (line) => lines.push(line) },
      guard,
    );
    expect(result).toEqual({
      exitCode: 3,
      signal: null,
      outcome: 'exited',
      lines: ['[error] no'],
      decoded: [],
      encoded: [],
    });
    expect(lines).toEqual(['[error] no']);
    expect(seen).toEqual([
      { outTimeSec: null, frame: 0, fps: 25, speed: 1.5, totalBytes: null },
      { outTimeSec: 1, frame: 25, fps: 25, speed: 1.5, totalBytes: null },
    ]);
  });

  test('what it says of its processor time comes through, and no line of it', async () => {
    const result = await run(
      "console.error('[info] bench: utime=1.250s stime=0.500s rtime=0.052s\\n[info] bench: maxrss=80224kB')",
      {},
      guard,
    );
    expect(result).toMatchObject({ processorSec: 1.75, lines: [] });
  });

  test('a signal that ended it is told', async () => {
    const result = await run("process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);", {}, guard);
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGSEGV', outcome: 'exited' });
  });

  test('a program that is missing or may not run is not started, and says why', async () => {
    const request = { args: [], cwd: folder, signal: new AbortController().signal, stallSec: 0 };
    const missing = await runFfmpeg({ ...request, program: join(folder, 'none') }, { guard });
    expect(missing.outcome).toBe('not-started');
    expect(missing.reason).toMatch(/none/);
    writeFileSync(join(folder, 'plain'), 'no program');
    const plain = await runFfmpeg({ ...request, program: join(folder, 'plain') }, { guard });
    expect(plain.outcome).toBe('not-started');
    expect(plain.reason).toMatch(/denied|EACCES/i);
  });

  test('abort ends one that listens to SIGTERM at once', async () => {
    const controller = new AbortController();
    const running = run(`${WRITE_PID} setInterval(() => {}, 1000);`, { signal: controller.signal }, guard);
    expect(await until(isWritten, 5000)).toBe(true);
    const begin = performance.now();
    controller.abort();
    expect((await running).outcome).toBe('aborted');
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(lives(writtenPid())).toBe(false);
  });

  test('abort kills one that ignores SIGTERM, after 2 s', async () => {
    const controller = new AbortController();
    const body = `process.on('SIGTERM', () => {}); ${WRITE_PID} setInterval(() => {}, 1000);`;
    const running = run(body, { signal: controller.signal }, guard);
    expect(await until(isWritten, 5000)).toBe(true);
    const begin = performance.now();
    controller.abort();
    expect((await running).outcome).toBe('aborted');
    expect(performance.now() - begin).toBeGreaterThan(1500);
    expect(performance.now() - begin).toBeLessThan(4000);
    expect(lives(writtenPid())).toBe(false);
  }, 15_000);

  test('one that hangs and ignores SIGTERM is stalled, and killed', async () => {
    const body = `process.on('SIGTERM', () => {}); ${WRITE_PID} setInterval(() => process.stdout.write(${block(0, 'N/A')}), 100);`;
    const result = await run(body, { stallSec: 1 }, guard);
    expect(result).toMatchObject({ outcome: 'stalled', signal: 'SIGKILL' });
    expect(lives(writtenPid())).toBe(false);
  }, 15_000);
});

test('one that moves slowly is not stalled', async () => {
  const body = `let frame = 0; const timer = setInterval(() => {
    process.stdout.write(['frame=' + frame, 'out_time_us=' + frame * 40000, 'progress=continue', ''].join('\\n'));
    if (++frame === 5) clearInterval(timer);
  }, 500);`;
  expect(await run(body, { stallSec: 1.2 })).toMatchObject({ outcome: 'exited', exitCode: 0 });
}, 15_000);

test.skipIf(process.platform !== 'linux')(
  'one that only moves bytes is not stalled: putting the index in front takes long',
  async () => {
    const body = `const copy = () => fs.writeFileSync('big', fs.readFileSync(process.execPath, { length: 1e6 }));
      let rounds = 0; const timer = setInterval(() => { copy(); if (++rounds === 8) clearInterval(timer); }, 300);`;
    expect(await run(body, { stallSec: 1 })).toMatchObject({ outcome: 'exited', exitCode: 0 });
  },
  15_000,
);

test.skipIf(process.platform !== 'linux')(
  'time in which it is stopped is no stall',
  async () => {
    const running = run(`${WRITE_PID} setTimeout(() => process.exit(0), 600);`, { stallSec: 1 });
    expect(await until(isWritten, 5000)).toBe(true);
    const pid = writtenPid();
    process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    process.kill(pid, 'SIGCONT');
    expect(await running).toMatchObject({ outcome: 'exited', exitCode: 0 });
  },
  15_000,
);

test.skipIf(process.platform !== 'linux')(
  'one that keeps a processor busy gets ten times as long, and not for ever',
  async () => {
    const begin = performance.now();
    const result = await run('for (;;) {}', { stallSec: 0.3 });
    expect(result).toMatchObject({ outcome: 'stalled', signal: 'SIGKILL' });
    expect(performance.now() - begin).toBeGreaterThan(2000);
  },
  30_000,
);

test('a flood on stderr does not fill the memory, and the last lines are kept', async () => {
  const body = `const line = 'x'.repeat(199) + '\\n'; const chunk = line.repeat(5000); let n = 0;
    const more = () => { while (n < 300) { n++; if (!process.stderr.write(chunk)) return void process.stderr.once('drain', more); }
      process.stderr.write('the end\\n'); }; more();`;
  const before = process.memoryUsage().rss;
  let lines = 0;
  const result = await run(body, { onLine: () => lines++ });
  expect(lines).toBe(1_500_001);
  expect(result.lines).toEqual(['x'.repeat(199), '(the line above came 1499999 more times)', 'the end']);
  expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
}, 60_000);

test('a line that never ends and many different lines stay bounded', async () => {
  const body = `for (let i = 0; i < 5000; i++) fs.writeSync(2, 'line ' + i + '\\n');
    for (let i = 0; i < 1000; i++) fs.writeSync(2, 'y'.repeat(10000));`;
  const { lines } = await run(body);
  expect(lines).toHaveLength(400);
  expect(lines[0]).toBe('line 4601');
  expect(lines.at(-1)?.length).toBeLessThanOrEqual(8192);
});

test('exit 0 with nothing said is just that', async () => {
  expect(await run('')).toEqual({ exitCode: 0, signal: null, outcome: 'exited', lines: [], decoded: [], encoded: [] });
});

test('a signal that is already aborted starts nothing', async () => {
  expect((await run(WRITE_PID, { signal: AbortSignal.abort() })).outcome).toBe('aborted');
  expect(existsSync(pidFile())).toBe(false);
});

test('an abort that comes just after ffmpeg took the same Ctrl-C wins', async () => {
  const controller = new AbortController();
  const running = run(`${WRITE_PID} process.exit(255);`, { signal: controller.signal });
  await until(isWritten, 5000);
  controller.abort();
  expect((await running).outcome).toBe('aborted');
});

test.skipIf(process.platform !== 'linux')(
  'a wrapper that does not exec its ffmpeg takes it along when aborted',
  async () => {
    const controller = new AbortController();
    const body = `const child = require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' });
      fs.writeFileSync('pid', String(child.pid)); setInterval(() => {}, 1000);`;
    const running = run(body, { signal: controller.signal });
    expect(await until(isWritten, 5000)).toBe(true);
    controller.abort();
    expect((await running).outcome).toBe('aborted');
    expect(await until(() => !lives(writtenPid()), 1000)).toBe(true);
  },
  15_000,
);

describe('runTool', () => {
  const tool = (body: string) => fakeFfmpeg(folder, body, 'tool');

  test('keeps stdout whole and tells the exit code', async () => {
    const program = tool("process.stdout.write('ünï'.repeat(50000)); console.error('hm'); process.exitCode = 2;");
    const result = await runTool({ program, args: [] });
    expect(result).toEqual({ exitCode: 2, stdout: 'ünï'.repeat(50000), stderr: 'hm', outcome: 'exited' });
  });

  test('a timeout and an answer without end are told apart', async () => {
    const slow = await runTool({ program: tool('setInterval(() => {}, 1000);'), args: [], timeoutSec: 0.5 });
    expect(slow.outcome).toBe('timeout');
    const endless = tool("const more = () => process.stdout.write('z'.repeat(1e6), more); more();");
    expect((await runTool({ program: endless, args: [], maxBytes: 3e6 })).outcome).toBe('too-long');
  }, 15_000);

  test('hears lines without keeping them', async () => {
    const lines: string[] = [];
    const program = tool("process.stdout.write('a\\nb\\r\\n\\nlast');");
    const result = await runTool({ program, args: [], onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['a', 'b', 'last']);
    expect(result.stdout).toBe('');
  });

  test('an abort ends it', async () => {
    const controller = new AbortController();
    const running = runTool({ program: tool('setInterval(() => {}, 1000);'), args: [], signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    expect((await running).outcome).toBe('aborted');
  });
});
