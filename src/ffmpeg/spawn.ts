import { spawnSync } from 'node:child_process';
import { execa } from 'execa';
import type { FfmpegProgress, ProcessRequest, ProcessResult } from '../model/process.ts';
import { ENGINE_ARGS } from './engine-args.ts';
import { type Guard, guardCommand, isExecutable, onPath } from './guard.ts';
import { lineSplitter, lineTail } from './lines.ts';
import { logReader } from './log-lines.ts';
import { descendantsOf } from './process-tree.ts';
import { progressReader } from './progress.ts';
import { watchForStall } from './stall-watch.ts';

/** The one file that starts processes: so the one place where an orphan, a full pipe or a hang could be made. */

/** Slow encoders need longer than this to finish on SIGTERM, but what they write then is thrown away anyway. */
const KILL_AFTER_MS = 2000;
/** A grandchild that still holds a pipe must not keep us waiting once the child is gone. */
const DRAIN_MS = 1000;
/** A Ctrl-C reaches ffmpeg at the same moment as us: our own abort may be seen only after its end. */
const ABORT_GRACE_MS = 200;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

export interface SpawnOptions {
  /** Forces one way of guarding against orphans; by default the best that this system has. */
  readonly guard?: Guard;
}

export interface ToolRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutSec?: number;
  /** Most bytes of stdout that are kept; a longer answer ends the tool. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Hears stdout line by line; nothing of it is kept then, and there is no limit. */
  readonly onLine?: (line: string) => void;
  /** Hears stderr line by line, all of it. */
  readonly onErrorLine?: (line: string) => void;
}

export interface ToolResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** The last lines. */
  readonly stderr: string;
  readonly outcome: 'exited' | 'aborted' | 'timeout' | 'too-long' | 'not-started';
  /** Why it could not be started. */
  readonly reason?: string;
}

interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly guard?: Guard;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
}

interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason?: string;
}

interface Running {
  readonly pid: number | undefined;
  readonly ended: Promise<Ended>;
  /** SIGTERM, or SIGKILL, to the program and what it started. */
  stop(force: boolean): void;
}

let setprivPath: string | null | undefined;

/** setpriv where it knows death signals: busybox has one that does not. Asked once. */
function findSetpriv(): string | null {
  if (setprivPath !== undefined) return setprivPath;
  setprivPath = null;
  if (process.platform === 'linux' && isExecutable('/bin/sh')) {
    const works = (path: string): boolean =>
      spawnSync(path, ['--pdeathsig', 'KILL', '/bin/sh', '-c', ':'], { stdio: 'ignore', timeout: 5000 }).status === 0;
    setprivPath = [...new Set(['/usr/bin/setpriv', '/bin/setpriv', ...onPath('setpriv')])].find(works) ?? null;
  }
  return setprivPath;
}

function commandOf(launch: Launch) {
  const setpriv = launch.guard === 'guardian' ? null : findSetpriv();
  return guardCommand(setpriv ? { kind: 'setpriv', setpriv } : { kind: 'guardian' }, launch.program, launch.args);
}

function start(launch: Launch): Running {
  const command = commandOf(launch);
  const child = execa(command.program, command.args, {
    cwd: launch.cwd,
    env: { ...launch.env, AV_LOG_FORCE_NOCOLOR: '1' },
    stdin: command.stdin,
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // Its handlers would fight with the program's own about signals; the guard does this better.
    cleanup: false,
    windowsHide: true,
  });
  let firstError = '';
  child.stdout.on('data', launch.onStdout);
  child.stderr.on('data', (chunk: Buffer) => {
    if (firstError.length < 500) firstError += chunk.toString('latin1', 0, 500);
    launch.onStderr(chunk);
  });
  child.stdin?.on('error', () => undefined);
  child.once('exit', () => {
    const timer = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, DRAIN_MS);
    timer.unref();
  });
  return {
    pid: child.pid,
    ended: child.then((result) => {
      const reason =
        notStarted(result.exitCode, firstError) ?? (child.pid === undefined ? result.originalMessage : undefined);
      return { exitCode: result.exitCode ?? null, signal: result.signal ?? null, reason };
    }),
    stop: (force) => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const descendants = descendantsOf(child.pid);
      if (command.stdin === 'pipe') child.stdin?.write(force ? 'k' : 't');
      else child.kill(force ? 'SIGKILL' : 'SIGTERM');
      // A wrapper script that does not `exec` its ffmpeg would leave it behind.
      for (const pid of descendants) killQuietly(pid, force ? 'SIGKILL' : 'SIGTERM');
    },
  };
}

function killQuietly(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** The guards say so, with our pid in front, when the system refuses to run the program. */
function notStarted(exitCode: number | undefined, stderr: string): string | undefined {
  const said = exitCode === 126 || exitCode === 127 ? new RegExp(`^${process.pid}: (.*)`).exec(stderr) : null;
  return said?.[1]?.replace(/^(line )?\d+: (exec: )?/, '');
}

/** SIGTERM now, SIGKILL when that does not help. Returns what ends the wait. */
function stopInTwoSteps(running: Running): () => void {
  running.stop(false);
  const timer = setTimeout(() => running.stop(true), KILL_AFTER_MS);
  return () => clearTimeout(timer);
}

/**
 * Runs one ffmpeg with the engine's own arguments in front. Never throws for what the process does: failure and
 * success have the same shape. Abort: SIGTERM, then SIGKILL after 2 s, outcome `aborted`. Stall: SIGKILL,
 * outcome `stalled`. The process never outlives this one.
 */
export async function runFfmpeg(request: ProcessRequest, options: SpawnOptions = {}): Promise<ProcessResult> {
  const nothing = { exitCode: null, signal: null, lines: [] };
  if (request.signal.aborted) return { ...nothing, outcome: 'aborted' };
  const tail = lineTail();
  let stalled = false;
  let cancelStop: (() => void) | undefined;
  let moved = '';

  const onProgress = (progress: FfmpegProgress): void => {
    const now = `${progress.outTimeSec} ${progress.frame} ${progress.totalBytes}`;
    if (now !== moved) watch.alive();
    moved = now;
    request.onProgress?.(progress);
  };
  const stdout = lineSplitter(progressReader(onProgress));
  const log = logReader((line) => {
    tail.add(line);
    request.onLine?.(line);
  });
  const stderr = lineSplitter(log.push);
  const running = start({
    program: request.program,
    args: [...ENGINE_ARGS, ...request.args],
    cwd: request.cwd,
    env: request.env,
    guard: options.guard,
    onStdout: (chunk) => {
      watch.heard(chunk.length);
      stdout.push(chunk);
    },
    onStderr: (chunk) => {
      watch.heard(chunk.length);
      watch.alive();
      stderr.push(chunk);
    },
  });
  const watch = watchForStall(request.stallSec, running.pid, () => {
    stalled = true;
    // SVT-AV1 that hangs does not listen to SIGTERM.
    running.stop(true);
  });
  const onAbort = (): void => {
    cancelStop ??= stopInTwoSteps(running);
  };
  request.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const ended = await running.ended;
    stdout.end();
    stderr.end();
    if (ended.reason !== undefined) {
      return { ...nothing, outcome: 'not-started', lines: tail.lines(), reason: ended.reason };
    }
    if (!stalled && !request.signal.aborted && (ended.signal !== null || ended.exitCode === 255)) {
      await new Promise((resolve) => setTimeout(resolve, ABORT_GRACE_MS));
    }
    const spentSec = log.processorSec();
    const outcome = request.signal.aborted ? 'aborted' : stalled ? 'stalled' : 'exited';
    return {
      exitCode: ended.exitCode,
      signal: ended.signal,
      outcome,
      lines: tail.lines(),
      decoded: log.decoded(),
      encoded: log.encoded(),
      ...(spentSec === undefined ? {} : { processorSec: spentSec }),
    };
  } finally {
    watch.stop();
    cancelStop?.();
    request.signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Runs ffprobe or another short tool and returns what it said. Never throws for what the process does;
 * `outcome` tells an abort, a timeout or an answer beyond `maxBytes` from an ordinary end.
 */
export async function runTool(request: ToolRequest, options: SpawnOptions = {}): Promise<ToolResult> {
  const nothing = { exitCode: null, stdout: '', stderr: '' };
  if (request.signal?.aborted) return { ...nothing, outcome: 'aborted' };
  const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let stopped: 'aborted' | 'timeout' | 'too-long' | undefined;
  let cancelStop: (() => void) | undefined;
  const stop = (why: typeof stopped): void => {
    stopped ??= why;
    cancelStop ??= stopInTwoSteps(running);
  };
  const lines = request.onLine ? lineSplitter(request.onLine) : undefined;
  const tail = lineTail();
  const stderr = lineSplitter((line) => {
    tail.add(line);
    request.onErrorLine?.(line);
  });
  const running = start({
    program: request.program,
    args: request.args,
    cwd: request.cwd,
    env: request.env,
    guard: options.guard,
    onStdout: (chunk) => {
      if (lines) return lines.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) stop('too-long');
      else chunks.push(chunk);
    },
    onStderr: stderr.push,
  });
  const onAbort = (): void => stop('aborted');
  request.signal?.addEventListener('abort', onAbort, { once: true });
  const timer = request.timeoutSec ? setTimeout(() => stop('timeout'), request.timeoutSec * 1000) : undefined;
  try {
    const ended = await running.ended;
    lines?.end();
    stderr.end();
    const stdout = Buffer.concat(chunks).toString('utf8');
    const said = { exitCode: ended.exitCode, stdout, stderr: tail.lines().join('\n') };
    if (ended.reason !== undefined) return { ...said, outcome: 'not-started', reason: ended.reason };
    return { ...said, outcome: stopped ?? 'exited' };
  } finally {
    clearTimeout(timer);
    cancelStop?.();
    request.signal?.removeEventListener('abort', onAbort);
  }
}
