import { runTool } from '../ffmpeg/spawn.ts';
import type { Toolchain } from '../model/toolchain.ts';

const TRIAL_TIMEOUT_SEC = 20;
/** Encoders that read system memory need nothing; VA-API wants its frames uploaded. */
const UPLOAD: Readonly<Record<string, readonly string[]>> = {
  vaapi: ['-vf', 'format=nv12,hwupload'],
};
const DEVICE: Readonly<Record<string, readonly string[]>> = {
  vaapi: ['-vaapi_device', '/dev/dri/renderD128'],
};
const NOISE =
  /^(Error initializing|Error while opening|Conversion failed|Nothing was written|Failed to set value|Error parsing global|Device creation failed)/;

/** What is tried: an encoder by its name alone, or with the arguments that an export would give it. */
export interface Trial {
  readonly encoder: string;
  readonly kind: 'video' | 'audio';
  readonly pixelFormat?: string;
  /** Beginning with `-c:v`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How it went: `reason` says why not, in ffmpeg's own words. What is `passing` may be otherwise tomorrow: it is not to be remembered. */
export type TrialResult =
  | { readonly usable: true }
  | { readonly usable: false; readonly reason: string; readonly passing: boolean };

const PICTURES = 'testsrc2=s=320x256:r=25:d=0.4';
const TONE = 'sine=f=440:r=48000:d=0.2';

function trialArgs({ encoder, kind, args, pixelFormat = 'yuv420p' }: Trial): readonly string[] {
  const family = encoder.split('_').at(-1) ?? '';
  const picture = UPLOAD[family] ?? ['-pix_fmt', pixelFormat];
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error', ...(DEVICE[family] ?? [])],
    ...['-f', 'lavfi', '-i', kind === 'video' ? PICTURES : TONE],
    ...(kind === 'video' ? [...picture, ...(args ?? ['-c:v', encoder])] : ['-ac', '2', '-c:a', encoder]),
    ...['-f', 'null', '-'],
  ];
}

/** Encodes a few frames for real: an encoder that ffmpeg lists may still not open on this machine (trap 10). */
export async function runTrial(toolchain: Toolchain, trial: Trial, signal: AbortSignal): Promise<TrialResult> {
  const result = await runTool({
    program: toolchain.ffmpeg.path,
    args: trialArgs(trial),
    ...(trial.env ? { env: trial.env } : {}),
    timeoutSec: TRIAL_TIMEOUT_SEC,
    signal,
  });
  const failed = (reason: string, passing: boolean): TrialResult => ({ usable: false, reason, passing });
  if (result.outcome === 'exited' && result.exitCode === 0) return { usable: true };
  if (result.outcome === 'aborted') return failed('the trial was stopped', true);
  if (result.outcome === 'timeout') return failed(`a trial did not finish within ${TRIAL_TIMEOUT_SEC} s`, true);
  const lines = result.stderr
    .split('\n')
    .map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim())
    .filter((line) => line !== '');
  const said = lines.find((line) => !NOISE.test(line)) ?? lines[0] ?? result.reason;
  return failed(said ?? `a trial failed (exit ${result.exitCode})`, false);
}

/** Why an encoder does not work on this machine, in ffmpeg's own words, or undefined where it works. */
export async function tryEncoder(
  toolchain: Toolchain,
  encoder: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const result = await runTrial(toolchain, { encoder, kind: 'video' }, signal);
  return result.usable ? undefined : result.reason;
}
