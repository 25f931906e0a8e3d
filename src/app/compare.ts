import { randomUUID } from 'node:crypto';
import { availableParallelism, tmpdir } from 'node:os';
import { measureQuality } from '../engine/measure-quality.ts';
import type { Ports, SourceStamp, WorkspacePort } from '../engine/ports.ts';
import { sameStamp, sourceChanged } from '../engine/run-export.ts';
import { sourceTroubles } from '../engine/source-troubles.ts';
import { worstMoments } from '../engine/worst-moments.ts';
import { probeMedia } from '../ffmpeg/probe.ts';
import { openSource } from '../files/source-file.ts';
import { stampFile } from '../files/stamp.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { FfmpegProgress } from '../model/process.ts';
import type { ComparedFilm, ComparisonResult, MeasuredQuality } from '../model/quality.ts';
import { formatRational } from '../model/rational.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { formatTime } from '../model/units.ts';
import { type Film, type PlannedComparison, planComparison } from '../plan/compare.ts';
import { turnedSize } from '../plan/geometry.ts';
import { qualityArgs, type VmafWish, vmafFor } from '../plan/quality-graph.ts';
import { mainVideo } from '../plan/resolve.ts';
import { naturalRate } from '../plan/timeline.ts';
import type { Session } from './call.ts';
import { errorFrom } from './outcome.ts';
import { realPorts } from './ports.ts';
import { sourceIssues } from './source-issues.ts';
import { findToolchain } from './toolchain.ts';
import { toolchainIssues } from './toolchain-issues.ts';
import { orFinding } from './unsourced.ts';

export interface CompareCall {
  /** As typed. */
  readonly reference: string;
  readonly distorted: string;
}

/** Hears how far the comparison is: the share that is done, 0–1, where it is known. */
export type CompareWatcher = (share: number | undefined, figures: FfmpegProgress) => void;

/** A film as it was before its first byte was read. */
interface Opened extends Film {
  readonly stamp: SourceStamp;
}

async function open(
  typed: string,
  session: Session,
  toolchain: Toolchain,
  signal: AbortSignal,
  issues: Issue[],
): Promise<Opened | undefined> {
  const path = await orFinding(openSource(typed, session.cwd), issues, typed);
  if (path === undefined) return undefined;
  const stamp = await stampFile(path);
  const media = await orFinding(probeMedia(toolchain.ffprobe.path, path, { signal }), issues, typed);
  const stream = media && mainVideo(media);
  if (!media) return undefined;
  if (!stream) {
    const what = { message: `${typed} has no picture`, hint: 'give two files with a film in them' };
    issues.push({ severity: 'error', code: 'no_video', path: typed, exit: 'INPUT', ...what });
    return undefined;
  }
  const hint = 'get a whole copy: what is missing cannot be compared';
  issues.push(...(await sourceIssues(media, false)).map((issue) => ({ ...issue, path: typed, hint })));
  return { media, stream, stamp };
}

/** Decode errors make figures of something else than the two films: which one has them is found out where there are some. */
async function damaged(films: readonly Film[], atSec: readonly number[], ports: Ports, signal: AbortSignal) {
  for (const { media } of films) {
    const [complaint] = await ports.decode(media.path, [{}], signal);
    if (complaint === undefined) continue;
    const times = atSec.length > 0 ? ` near ${atSec.map(formatTime).join(', ')}` : '';
    return new SgError('ENCODE', `${media.path} has decode errors${times}: ${complaint}`, {
      hint: 'get a whole copy: damaged pictures cannot be compared',
    });
  }
  return undefined;
}

async function measure(
  films: readonly [Opened, Opened],
  planned: PlannedComparison,
  vmaf: VmafWish | undefined,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
  watcher: CompareWatcher,
): Promise<MeasuredQuality> {
  const troubles = sourceTroubles(films.some(({ media }) => media.scan?.startsOnKeyframe === false));
  const lengths = films.map(({ media, stream }) => stream.durationSec ?? media.durationSec ?? Number.NaN);
  const lengthSec = Math.max(...lengths);
  let outTimeSec = 0;
  const measured = await measureQuality(planned.comparison, planned.distorted, workspace, ports, signal, {
    vmaf,
    onProgress: (figures) => {
      outTimeSec = figures.outTimeSec ?? outTimeSec;
      watcher(lengthSec > 0 ? Math.min(1, outTimeSec / lengthSec) : undefined, figures);
    },
    onLine: (line) => troubles.hear(line, outTimeSec),
  });
  const damage = troubles.count() > 0 ? await damaged(films, troubles.atSec(), ports, signal) : undefined;
  if (damage) throw damage;
  for (const { media, stamp } of films) {
    const now = await stampFile(media.path).catch(() => undefined);
    if (!sameStamp(stamp, now)) throw sourceChanged(media.path);
  }
  return measured;
}

const rounded = (value: number, places: number): number => Math.round(value * 10 ** places) / 10 ** places;

function filmJson({ media, stream }: Film, frames: number): ComparedFilm {
  const { width, height } = turnedSize(stream, 0);
  return {
    path: media.path,
    bytes: media.bytes,
    codec: stream.codec,
    width,
    height,
    frame_rate: formatRational(naturalRate(stream, media)),
    pixel_format: stream.pixelFormat,
    frames,
  };
}

function notesOf(planned: PlannedComparison, measured: MeasuredQuality, vmaf: VmafWish | undefined, ffmpeg: string) {
  const { referenceFrames: own, distortedFrames: other, pictures } = measured;
  const common = `at ${formatRational(planned.comparison.rate)} pictures a second`;
  return [
    ...planned.notes,
    ...(own === other
      ? []
      : [
          `the frame counts differ: ${own} in the reference, ${other} distorted (${common}); the first ${pictures.length} are compared`,
        ]),
    ...(vmaf ? [] : [`VMAF was not measured: this ffmpeg (${ffmpeg}) has no libvmaf`]),
  ];
}

function resultOf(
  films: readonly [Opened, Opened],
  planned: PlannedComparison,
  measured: MeasuredQuality,
  vmaf: VmafWish | undefined,
  toolchain: Toolchain,
): ComparisonResult {
  const { psnr, pictures, referenceFrames, distortedFrames } = measured;
  return {
    ssim: rounded(measured.ssim, 6),
    psnr: Number.isFinite(psnr) ? rounded(psnr, 3) : null,
    vmaf: measured.vmaf === undefined ? null : rounded(measured.vmaf, 3),
    vmaf_model: vmaf?.model ?? null,
    frames: pictures.length,
    identical: !Number.isFinite(psnr) && referenceFrames === distortedFrames,
    worst: worstMoments(pictures).map(({ sec, ssim, frame }) => ({ time: rounded(sec, 3), ssim, frame })),
    reference: filmJson(films[0], referenceFrames),
    distorted: filmJson(films[1], distortedFrames),
    compared_as: {
      ...planned.size,
      frame_rate: formatRational(planned.comparison.rate),
      pixel_format: planned.comparison.pixelFormat,
    },
    notes: notesOf(planned, measured, vmaf, toolchain.ffmpeg.path),
  };
}

/**
 * Compares two films as they are shown, picture by picture. Neither is touched. Throws SgError: INPUT, TOOLCHAIN,
 * ENCODE (a damaged film), or what the signal was aborted with.
 */
export async function compareFilms(
  session: Session,
  call: CompareCall,
  signal: AbortSignal,
  watcher: CompareWatcher,
): Promise<ComparisonResult> {
  try {
    const toolchain = await findToolchain(session);
    const issues: Issue[] = [];
    const reference = await open(call.reference, session, toolchain, signal, issues);
    const distorted = await open(call.distorted, session, toolchain, signal, issues);
    const found = errorOfIssues(issues);
    if (found || !reference || !distorted)
      throw found ?? new SgError('INTERNAL', 'a film without findings was not opened');
    const films = [reference, distorted] as const;
    const planned = planComparison(reference, distorted);
    const vmaf = vmafFor(planned.size, toolchain.filters, availableParallelism());
    const args = qualityArgs(planned.comparison, planned.distorted, vmaf);
    const lacking = errorOfIssues(toolchainIssues({ steps: [{ args }] }, toolchain));
    if (lacking) throw lacking;
    const ports = realPorts(toolchain);
    const workspace = await ports.openWorkspace(tmpdir(), randomUUID());
    try {
      const measured = await measure(films, planned, vmaf, workspace, ports, signal, watcher);
      return resultOf(films, planned, measured, vmaf, toolchain);
    } finally {
      await workspace.remove();
    }
  } catch (thrown) {
    throw errorFrom(thrown, signal);
  }
}
