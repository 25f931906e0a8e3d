import { execFile } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probeMedia } from '../../src/ffmpeg/probe.ts';
import { planCase } from '../golden/golden-case.ts';
import { ssimOf } from './measured-pictures.ts';
import { ROOT } from './run-cli.ts';

const run = promisify(execFile);

export interface MeasuredEncode {
  readonly file: string;
  readonly bytes: number;
  /** Of the ffmpeg processes alone, user and system. */
  readonly cpuSec: number;
  /** Against the clip, all planes; 0–1. */
  readonly ssim: number;
}

/** Runs what sg-export would run for a clip and these flags, and measures it. The clip has the output's size; threads: undefined = the encoder's choice. */
export async function encode(
  clip: string,
  flags: Readonly<Record<string, unknown>>,
  extension: 'mkv' | 'mov' = 'mkv',
  threads?: number,
): Promise<MeasuredEncode> {
  const folder = mkdtempSync(join(ROOT, 'encode-'));
  const media = await probeMedia('ffprobe', clip);
  const about = JSON.stringify(flags);
  const golden = {
    about,
    source: 'hd-720p2997-stereo',
    output: `out.${extension}`,
    flags,
    ...(threads ? { threads } : {}),
  };
  const { plan, issues } = planCase(golden, folder, media);
  if (!plan) throw new Error(`${about}: ${issues.map(({ message }) => message).join('; ')}`);
  let cpuSec = 0;
  for (const { args, env } of plan.steps) {
    const options = { cwd: folder, env: { ...process.env, ...env }, timeout: 300_000 };
    const { stderr } = await run('ffmpeg', ['-nostdin', '-hide_banner', '-benchmark', '-y', ...args], options);
    const spent = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr);
    cpuSec += Number(spent?.[1]) + Number(spent?.[2]);
  }
  const file = join(folder, plan.product);
  return { file, bytes: statSync(file).size, cpuSec, ssim: await ssimOf(file, clip) };
}

export interface MeasuredRate {
  readonly averageKbps: number;
  /** The most that any second of pictures holds. */
  readonly peakKbps: number;
  /** What a buffer that drains at the maximum would have needed beyond its size, as a share of the size; 0: it held. */
  readonly overflow: number;
}

/** Follows the packets through a leaky bucket: full at `bufferKbit`, drained at `maxKbps`. */
export async function measureRate(
  file: string,
  fps: number,
  { maxKbps, bufferKbit }: { readonly maxKbps: number; readonly bufferKbit: number },
): Promise<MeasuredRate> {
  const show = ['-select_streams', 'v:0', '-show_entries', 'packet=size', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...show, `file:${file}`]);
  const kbits = stdout.match(/\d+/g)?.map((bytes) => (Number(bytes) * 8) / 1000) ?? [];
  const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
  const perSec = Math.round(fps);
  const seconds = kbits.slice(0, 1 - perSec).map((_, at) => sum(kbits.slice(at, at + perSec)));
  let held = 0;
  let most = 0;
  for (const kbit of kbits) {
    held += kbit;
    most = Math.max(most, held);
    held = Math.max(0, held - maxKbps / fps);
  }
  return {
    averageKbps: (sum(kbits) / kbits.length) * fps,
    peakKbps: Math.max(...seconds),
    overflow: Math.max(0, most / bufferKbit - 1),
  };
}
