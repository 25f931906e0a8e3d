import { worstMoments } from '../engine/worst-moments.ts';
import type { Film } from '../model/media.ts';
import type { ComparedFilm, ComparisonResult, MeasuredQuality } from '../model/quality.ts';
import { formatRational } from '../model/rational.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { PlannedComparison } from '../plan/compare.ts';
import { turnedSize } from '../plan/geometry.ts';
import type { VmafWish } from '../plan/quality-graph.ts';
import { naturalRate } from '../plan/timeline.ts';

/** What was measured of two films, and how. */
export interface Measured {
  readonly reference: Film;
  readonly distorted: Film;
  readonly planned: PlannedComparison;
  readonly quality: MeasuredQuality;
  /** Pictures in each file; undefined where nothing tells. */
  readonly ownFrames: readonly [number | undefined, number | undefined];
  readonly vmaf: VmafWish | undefined;
  readonly toolchain: Toolchain;
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

const whyNoVmaf = ({ ffmpeg, filters }: Toolchain): string =>
  filters.includes('libvmaf') ? 'the pictures are too small' : `this ffmpeg (${ffmpeg.path}) has no libvmaf`;

function notesOf({ planned, quality, vmaf, toolchain }: Measured): readonly string[] {
  const { referenceFrames: own, distortedFrames: other, pictures } = quality;
  const common = `at ${formatRational(planned.comparison.rate)} pictures a second`;
  return [
    ...planned.notes,
    ...(own === other
      ? []
      : [
          `the frame counts differ: ${own} in the reference, ${other} distorted (${common}); the first ${pictures.length} are compared`,
        ]),
    ...(vmaf ? [] : [`VMAF was not measured: ${whyNoVmaf(toolchain)}`]),
  ];
}

/** A comparison under the contract's names. `report` is the page's absolute path, null without one. */
export function comparisonResult(measured: Measured, report: string | null): ComparisonResult {
  const { planned, quality, vmaf } = measured;
  const { psnr, pictures, referenceFrames, distortedFrames } = quality;
  return {
    ssim: rounded(quality.ssim, 6),
    psnr: Number.isFinite(psnr) ? rounded(psnr, 3) : null,
    vmaf: quality.vmaf === undefined ? null : rounded(quality.vmaf, 3),
    vmaf_model: vmaf?.model ?? null,
    frames: pictures.length,
    identical: !Number.isFinite(psnr) && referenceFrames === distortedFrames,
    worst: worstMoments(pictures).map(({ sec, ssim, frame }) => ({ time: rounded(sec, 3), ssim, frame })),
    reference: filmJson(measured.reference, measured.ownFrames[0] ?? referenceFrames),
    distorted: filmJson(measured.distorted, measured.ownFrames[1] ?? distortedFrames),
    compared_as: {
      ...planned.size,
      frame_rate: formatRational(planned.comparison.rate),
      pixel_format: planned.comparison.pixelFormat,
    },
    notes: notesOf(measured),
    report,
  };
}
