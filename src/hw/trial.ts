import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, type ToolResult } from '../ffmpeg/spawn.ts';
import type { Toolchain } from '../model/toolchain.ts';

const TRIAL_TIMEOUT_SEC = 20;
/** A driver that hangs must not keep an export waiting for long. */
const DEVICE_TIMEOUT_SEC = 10;
/** What follows from an error that was told before. NVENC tells it as a warning: `10 bit encode not supported`. */
const NOISE =
  /^(Error initializing|Error while opening|Error reinitializing|Conversion failed|Nothing was written|Failed to set value|Error parsing global|Device creation failed|Impossible to convert|No capable devices found|Provided device doesn't support)/;

/** What is tried: an encoder by its name alone, or with the arguments that an export would give it. */
export interface Trial {
  readonly encoder: string;
  readonly kind: 'video' | 'audio';
  readonly pixelFormat?: string;
  /** Beginning with `-c:v`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of a hardware encoder, whose output is looked at too. */
  readonly device?: DeviceTrial;
}

export interface DeviceTrial {
  /** Global arguments. */
  readonly open: readonly string[];
  /** From pictures in main memory to the encoder. */
  readonly filters: string;
  /** What must come out, by ffprobe's names. */
  readonly codec: string;
  readonly pixelFormat: string;
  readonly profiles: readonly string[] | undefined;
  /** Name of a muxer that adds nothing of its own. */
  readonly muxer: string;
  /** A keyframe is forced halfway, and must be there. */
  readonly forcesKeyframes: boolean;
  /** Of the pictures that go in. */
  readonly width: number;
  readonly height: number;
}

/** How it went: `reason` says why not, in ffmpeg's own words. What is `passing` may be otherwise tomorrow: it is not to be remembered for long. */
export type TrialResult =
  | { readonly usable: true; readonly ms: number }
  | { readonly usable: false; readonly reason: string; readonly passing: boolean; readonly ms: number };

const FRAMES = 10;
/** All encoders take pictures of this size. */
export const TRIAL_SIZE = { width: 320, height: 256 } as const;
const pictures = ({ width, height }: { readonly width: number; readonly height: number } = TRIAL_SIZE): string =>
  `testsrc2=s=${width}x${height}:r=25:d=${FRAMES / 25}`;
const FORCED_SEC = FRAMES / 2 / 25;
const TONE = 'sine=f=440:r=48000:d=0.2';
const QUIET = ['-hide_banner', '-nostdin', '-v', 'error'] as const;
const WITH_WARNINGS = ['-hide_banner', '-nostdin', '-v', 'level+warning'] as const;

function softwareArgs({ encoder, kind, args, pixelFormat = 'yuv420p' }: Trial): readonly string[] {
  return [
    ...[...QUIET, '-f', 'lavfi', '-i', kind === 'video' ? pictures() : TONE],
    ...(kind === 'video' ? ['-pix_fmt', pixelFormat, ...(args ?? ['-c:v', encoder])] : ['-ac', '2', '-c:a', encoder]),
    ...['-f', 'null', '-'],
  ];
}

function deviceArgs(trial: Trial, device: DeviceTrial, product: string): readonly string[] {
  return [
    ...[...WITH_WARNINGS, '-y', ...device.open, '-f', 'lavfi', '-i', pictures(device), '-vf', device.filters],
    ...(trial.args ?? ['-c:v', trial.encoder]),
    ...(device.forcesKeyframes ? ['-force_key_frames:v', `${FORCED_SEC}`] : []),
    ...['-f', device.muxer, product],
  ];
}

/** The line that tells why, without ffmpeg's addresses: an error, else what the encoder itself warned of last. */
export function reasonOf({ stderr, exitCode, reason }: ToolResult, encoder: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => ({
      isWarning: line.includes('[warning]'),
      isOwn: line.startsWith(`[${encoder} @`),
      text: line.replace(/^(\[[^\]]*\]\s*)+/, '').trim(),
    }))
    .filter(({ text }) => text !== '');
  const errors = lines.filter(({ isWarning }) => !isWarning);
  const warned = lines.filter(({ isWarning, isOwn }) => isWarning && isOwn).at(-1);
  const told = errors.find(({ text }) => !NOISE.test(text)) ?? warned ?? errors[0];
  return told?.text ?? reason ?? `a trial failed (exit ${exitCode})`;
}

type Verdict = { readonly reason: string; readonly passing: boolean } | undefined;

/** Why a run did not succeed; undefined where it did. */
function failureOf(result: ToolResult, limitSec: number, encoder: string): Verdict {
  if (result.outcome === 'exited' && result.exitCode === 0) return undefined;
  if (result.outcome === 'aborted') return { reason: 'the trial was stopped', passing: true };
  if (result.outcome === 'timeout') return { reason: `a trial did not finish within ${limitSec} s`, passing: true };
  return { reason: reasonOf(result, encoder), passing: false };
}

interface Seen {
  readonly streams?: readonly {
    readonly codec_name?: string;
    readonly profile?: string;
    readonly pix_fmt?: string;
    readonly width?: number;
    readonly height?: number;
  }[];
  readonly packets?: readonly { readonly flags?: string }[];
}

/** What is wrong with what came out, or undefined: a driver may take every frame and return none, or other ones. */
function faultOf({ streams, packets = [] }: Seen, wanted: DeviceTrial): string | undefined {
  const stream = streams?.[0];
  const { codec, pixelFormat, profiles, forcesKeyframes, width, height } = wanted;
  if (!stream || stream.codec_name !== codec) return `what came out is not ${codec}`;
  if (packets.length !== FRAMES) return `${FRAMES} pictures went in and ${packets.length} came out`;
  if (stream.width !== width || stream.height !== height)
    return `${width}x${height} went in and ${stream.width}x${stream.height} came out`;
  if (stream.pix_fmt !== pixelFormat) return `${pixelFormat} went in and ${stream.pix_fmt} came out`;
  if (profiles && !profiles.includes(stream.profile ?? ''))
    return `it made the profile ${stream.profile} where ${profiles.join(' or ')} was asked for`;
  const keys = packets.filter(({ flags }) => flags?.includes('K')).length;
  return forcesKeyframes && keys < 2 ? 'it does not make a keyframe where it is told to' : undefined;
}

async function probe(toolchain: Toolchain, product: string, signal: AbortSignal): Promise<Seen> {
  const entries = 'stream=codec_name,profile,pix_fmt,width,height:packet=flags';
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', `file:${product}`];
  const told = await runTool({ program: toolchain.ffprobe.path, args, timeoutSec: DEVICE_TIMEOUT_SEC, signal });
  try {
    return JSON.parse(told.stdout) as Seen;
  } catch {
    return {};
  }
}

async function tryOnDevice(
  toolchain: Toolchain,
  trial: Trial,
  device: DeviceTrial,
  signal: AbortSignal,
): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'sg-export-trial-'));
  const product = join(folder, 'trial');
  try {
    const result = await runTool({
      program: toolchain.ffmpeg.path,
      args: deviceArgs(trial, device, product),
      ...(trial.env ? { env: trial.env } : {}),
      timeoutSec: DEVICE_TIMEOUT_SEC,
      signal,
    });
    const failed = failureOf(result, DEVICE_TIMEOUT_SEC, trial.encoder);
    if (failed) return failed;
    const fault = faultOf(await probe(toolchain, product, signal), device);
    return fault === undefined ? undefined : { reason: fault, passing: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryInSoftware(toolchain: Toolchain, trial: Trial, signal: AbortSignal): Promise<Verdict> {
  const result = await runTool({
    program: toolchain.ffmpeg.path,
    args: softwareArgs(trial),
    ...(trial.env ? { env: trial.env } : {}),
    timeoutSec: TRIAL_TIMEOUT_SEC,
    signal,
  });
  return failureOf(result, TRIAL_TIMEOUT_SEC, trial.encoder);
}

async function timed(run: () => Promise<Verdict>): Promise<TrialResult> {
  const startMs = performance.now();
  const failed = await run();
  const ms = Math.round(performance.now() - startMs);
  return failed ? { usable: false, ...failed, ms } : { usable: true, ms };
}

/** Encodes a few frames for real: an encoder that ffmpeg lists may still not open on this machine (trap 10). */
export function runTrial(toolchain: Toolchain, trial: Trial, signal: AbortSignal): Promise<TrialResult> {
  const { device } = trial;
  return timed(() =>
    device ? tryOnDevice(toolchain, trial, device, signal) : tryInSoftware(toolchain, trial, signal),
  );
}

/** Decodes the first frames of a film on a device, and filters them there: with all arguments from the global ones on. */
export function runDecodeTrial(
  toolchain: Toolchain,
  args: readonly string[],
  env: Readonly<Record<string, string>> | undefined,
  signal: AbortSignal,
): Promise<TrialResult> {
  return timed(async () => {
    const result = await runTool({
      program: toolchain.ffmpeg.path,
      args: [...QUIET, ...args],
      ...(env ? { env } : {}),
      timeoutSec: DEVICE_TIMEOUT_SEC,
      signal,
    });
    return failureOf(result, DEVICE_TIMEOUT_SEC, '');
  });
}
