import { SgError } from '../model/errors.ts';
import type { Comparison } from '../model/plan.ts';
import type { Ports, WorkspacePort } from './ports.ts';

export interface MeasuredQuality {
  /** Mean over all frames and planes, 0–1. */
  readonly ssim: number;
  /** dB, from the mean squared error over all frames; Infinity for identical pictures. */
  readonly psnr: number;
  readonly frames: number;
}

const values = (text: string, key: RegExp): readonly number[] =>
  [...text.matchAll(key)].map((match) => Number(match[1]));
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;

/**
 * Compares a finished file, frame by frame, with its source brought to the same shape by the same filters.
 * SSIM and PSNR as ffmpeg's filters define them; read from their per-frame logs, because summaries hide what was not compared.
 */
export async function measureQuality(
  product: string,
  comparison: Comparison,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
): Promise<MeasuredQuality> {
  const align = `settb=AVTB,setpts=PTS-STARTPTS${comparison.fps ? `,fps=${comparison.fps}` : ''},format=${comparison.pixelFormat}`;
  const graph = [
    `[0:v:0]${align},split[d1][d2]`,
    `[1:${comparison.videoIndex}]${comparison.chain},${align},split[r1][r2]`,
    '[d1][r1]ssim=stats_file=ssim.log:shortest=1[s]',
    '[d2][r2]psnr=stats_file=psnr.log:shortest=1[p]',
  ].join(';');
  const result = await ports.runFfmpeg({
    args: [
      '-i',
      `file:${product}`,
      ...comparison.inputArgs,
      '-filter_complex',
      graph,
      '-map',
      '[s]',
      '-f',
      'null',
      '-',
      '-map',
      '[p]',
      '-f',
      'null',
      '-',
    ],
    cwd: workspace.path,
    signal,
    stallSec: 120,
  });
  if (result.outcome === 'aborted') throw new SgError('SIGINT', 'cancelled');
  const ssim = values(await workspace.readText('ssim.log').catch(() => ''), /All:([\d.]+)/g);
  const mse = values(await workspace.readText('psnr.log').catch(() => ''), /mse_avg:([\d.]+)/g);
  if (ssim.length === 0 || mse.length === 0)
    throw new SgError('VERIFY', `the quality could not be measured: ${result.lines.at(-1) ?? 'no frame was compared'}`);
  const peak = 2 ** comparison.bitDepth - 1;
  const error = mean(mse);
  return {
    ssim: mean(ssim),
    psnr: error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(peak ** 2 / error),
    frames: ssim.length,
  };
}
