import { runTool } from '../ffmpeg/spawn.ts';
import type { Toolchain } from '../model/toolchain.ts';

const TRIAL_TIMEOUT_SEC = 15;
/** Encoders that read system memory need nothing; VA-API wants its frames uploaded. */
const UPLOAD: Readonly<Record<string, readonly string[]>> = {
  vaapi: ['-vf', 'format=nv12,hwupload'],
};
const DEVICE: Readonly<Record<string, readonly string[]>> = {
  vaapi: ['-vaapi_device', '/dev/dri/renderD128'],
};
const NOISE =
  /^(Error initializing|Error while opening|Conversion failed|Nothing was written|Failed to set value|Error parsing global|Device creation failed)/;

/**
 * Encodes a few frames for real: an encoder that ffmpeg lists may still not open on this machine (trap 10).
 * Returns why it does not, in ffmpeg's own words, or undefined where it works.
 */
export async function tryEncoder(
  toolchain: Toolchain,
  encoder: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const family = encoder.split('_').at(-1) ?? '';
  const result = await runTool({
    program: toolchain.ffmpeg.path,
    args: [
      '-hide_banner',
      '-nostdin',
      '-v',
      'error',
      ...(DEVICE[family] ?? []),
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=320x256:r=25:d=0.4',
      ...(UPLOAD[family] ?? ['-pix_fmt', 'yuv420p']),
      '-c:v',
      encoder,
      '-f',
      'null',
      '-',
    ],
    timeoutSec: TRIAL_TIMEOUT_SEC,
    signal,
  });
  if (result.outcome === 'exited' && result.exitCode === 0) return undefined;
  if (result.outcome === 'timeout') return `a trial did not finish within ${TRIAL_TIMEOUT_SEC} s`;
  const lines = result.stderr
    .split('\n')
    .map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim())
    .filter((line) => line !== '');
  return lines.find((line) => !NOISE.test(line)) ?? lines[0] ?? `a trial failed (exit ${result.exitCode})`;
}
