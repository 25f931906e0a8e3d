import { SgError } from '../model/errors.ts';
import type { ComparedPictures, Comparison } from '../model/plan.ts';
import type { FfmpegProgress } from '../model/process.ts';
import type { MeasuredQuality, PictureQuality } from '../model/quality.ts';
import { valueOf } from '../model/rational.ts';
import { PSNR_LOG, qualityArgs, SSIM_LOG, VMAF_LOG, type VmafWish } from '../plan/quality-graph.ts';
import { readComplaints } from './complaints.ts';
import type { Ports, WorkspacePort } from './ports.ts';

export interface QualityOptions {
  /** Undefined: VMAF is not measured. The ffmpeg must have libvmaf. */
  readonly vmaf?: VmafWish | undefined;
  readonly onProgress?: (progress: FfmpegProgress) => void;
  /** Each warning and error of ffmpeg. */
  readonly onLine?: (line: string) => void;
}

const STALL_SEC = 120;

const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const figures = (text: string, key: RegExp): readonly number[] =>
  [...text.matchAll(key)].map(([, word]) => (word === 'inf' ? Number.POSITIVE_INFINITY : Number(word)));

/** libvmaf's CSV: a heading, then a row for each picture, each line with a comma at its end. */
function vmafScores(csv: string): readonly number[] {
  const [heading = '', ...rows] = csv.split('\n');
  const column = heading.split(',').indexOf('vmaf');
  return column < 0 ? [] : rows.filter(Boolean).map((row) => Number(row.split(',')[column]));
}

/** The filters' logs as one list: summaries hide which pictures are bad, and what was not compared. */
export function readQualityLogs(
  logs: { readonly ssim: string; readonly psnr: string; readonly vmaf: string },
  framesPerSec: number,
): readonly PictureQuality[] {
  const ssim = figures(logs.ssim, /\bAll:(-?[\d.]+)/g);
  // The mean squared error has two decimals, too few for good pictures; the PSNR made of it is exact to 0.01 dB.
  const psnr = figures(logs.psnr, /\bpsnr_avg:(inf|-?[\d.]+)/g);
  const vmaf = vmafScores(logs.vmaf);
  return ssim
    .slice(0, psnr.length)
    .map((value, n) => ({ sec: n / framesPerSec, ssim: value, psnr: psnr[n] ?? 0, vmaf: vmaf[n] }));
}

/** The PSNR of all pictures together: of their mean squared error, not the mean of their figures. */
export function meanPsnr(list: readonly number[]): number {
  const error = mean(list.map((psnr) => 10 ** (-psnr / 10)));
  return error === 0 ? Number.POSITIVE_INFINITY : -10 * Math.log10(error);
}

/**
 * Compares a film, picture by picture, with its reference brought to the same shape. SSIM and PSNR as ffmpeg's filters
 * define them, VMAF as libvmaf does. Throws SgError ENCODE where nothing could be measured, SIGINT on abort.
 */
export async function measureQuality(
  comparison: Comparison,
  distorted: ComparedPictures,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
  { vmaf, onProgress, onLine }: QualityOptions = {},
): Promise<MeasuredQuality> {
  const args = qualityArgs(comparison, distorted, vmaf);
  const result = await ports.runFfmpeg({
    args,
    cwd: workspace.path,
    signal,
    stallSec: STALL_SEC,
    ...(onProgress ? { onProgress } : {}),
    ...(onLine ? { onLine } : {}),
  });
  if (result.outcome === 'aborted') throw new SgError('SIGINT', 'cancelled');
  const read = (name: string): Promise<string> => workspace.readText(name).catch(() => '');
  const logs = { ssim: await read(SSIM_LOG), psnr: await read(PSNR_LOG), vmaf: vmaf ? await read(VMAF_LOG) : '' };
  const pictures = readQualityLogs(logs, valueOf(comparison.rate));
  const scores = pictures.flatMap((picture) => picture.vmaf ?? []);
  if (result.exitCode !== 0 || pictures.length === 0 || (vmaf && scores.length === 0)) {
    const [reason] = readComplaints(result.lines, false).reasons;
    const why = result.reason ?? reason ?? result.lines.at(-1) ?? 'no picture was compared';
    throw new SgError('ENCODE', `the quality could not be measured: ${why}`);
  }
  const [distortedFrames = pictures.length, referenceFrames = pictures.length] = (result.encoded ?? []).slice(-2);
  return {
    ssim: mean(pictures.map((picture) => picture.ssim)),
    psnr: meanPsnr(pictures.map((picture) => picture.psnr)),
    vmaf: scores.length > 0 ? mean(scores) : undefined,
    pictures,
    referenceFrames,
    distortedFrames,
  };
}
