import { availableParallelism } from 'node:os';
import { measureQuality } from '../engine/measure-quality.ts';
import type { Ports, WorkspacePort } from '../engine/ports.ts';
import type { Delivered } from '../engine/run.ts';
import { takePictures } from '../engine/take-pictures.ts';
import { worstMoments } from '../engine/worst-moments.ts';
import { readPacketSizes } from '../ffmpeg/packet-sizes.ts';
import type { Verification } from '../model/events.ts';
import type { Plan } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { VERSION } from '../model/version.ts';
import { productPictures, vmafFor } from '../plan/quality-graph.ts';
import { type ExportParts, exportReport } from '../report/export-report.ts';
import type { Prepared } from './call.ts';

/** By what, when, and what its figures mean: the last line of a page. */
export function madeBy({ ffmpeg }: Toolchain, vmafModel: string | undefined): string {
  const when = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const vmaf = vmafModel === undefined ? '' : ` VMAF by libvmaf's model ${vmafModel}.`;
  return `Made by sg-export ${VERSION} with ffmpeg ${ffmpeg.version}, ${when} UTC. SSIM and PSNR over all planes, as ffmpeg's filters define them.${vmaf}`;
}

/** A film that is finished, wherever it lies. */
export interface FinishedFilm extends Pick<Delivered, 'path' | 'bytes' | 'warnings'> {
  readonly verification: Verification | undefined;
}

const MOST_PAIRS = 5;

/** What a page tells of one delivery, measured picture by picture. Throws SgError ENCODE, SIGINT. */
export async function exportParts(
  { media, toolchain }: Prepared,
  plan: Plan,
  finished: FinishedFilm,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
  mostPairs = MOST_PAIRS,
): Promise<ExportParts> {
  const product = productPictures(finished.path);
  const vmaf = vmafFor(plan.settings, toolchain.filters, availableParallelism());
  const { comparison } = plan;
  const quality = comparison && (await measureQuality(comparison, product, workspace, ports, signal, { vmaf }));
  const moments = quality ? worstMoments(quality.pictures).slice(0, mostPairs) : [];
  const frames = moments.map(({ frame }) => frame);
  const pairs = comparison ? await takePictures(frames, comparison, product, workspace, ports, signal) : [];
  return {
    plan,
    media,
    bytes: finished.bytes,
    verification: finished.verification,
    warnings: [...plan.warnings, ...finished.warnings],
    quality,
    vmafModel: quality && vmaf?.model,
    worst: moments.flatMap((moment, n) => {
      const pair = pairs[n];
      return pair ? [{ ...moment, ...pair }] : [];
    }),
    packets: await readPacketSizes(toolchain.ffprobe.path, finished.path, 'V:0', signal),
    made: madeBy(toolchain, quality && vmaf?.model),
  };
}

/**
 * The page of `export --report`: the finished film, under its scratch name, against the source as it should look. What is
 * measured for it is measured again, picture by picture. Throws SgError ENCODE, SIGINT.
 */
export async function exportPage(...film: Parameters<typeof exportParts>): Promise<string> {
  return exportReport(await exportParts(...film));
}
