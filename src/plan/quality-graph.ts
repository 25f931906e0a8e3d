import type { ComparedPictures, Comparison } from '../model/plan.ts';
import { formatRational } from '../model/rational.ts';
import { previewFilters } from './filters.ts';

/** Where the filters write what they found of each picture, in the scratch folder. */
export const SSIM_LOG = 'ssim.log';
export const PSNR_LOG = 'psnr.log';
export const VMAF_LOG = 'vmaf.csv';

/** libvmaf's model, by the name that it has built in, and the threads that it may take. */
export interface VmafWish {
  readonly model: string;
  readonly threads: number;
}

/** libvmaf 3 crashes on pictures of 16 pixels, and measures those of 18 (tried with ffmpeg 7.0.2). */
const LEAST_VMAF_PIXELS = 18;

/**
 * Netflix' model for HD, or the one for pictures that are watched from nearer; undefined where this ffmpeg has none, or
 * the pictures are too small.
 */
export function vmafFor(
  { width, height }: { readonly width: number; readonly height: number },
  filters: readonly string[],
  threads: number,
): VmafWish | undefined {
  if (!filters.includes('libvmaf') || Math.min(width, height) < LEAST_VMAF_PIXELS) return undefined;
  return { model: width > 2560 || height > 1440 ? 'vmaf_4k_v0.6.1' : 'vmaf_v0.6.1', threads };
}

/** A delivery has the shape in which it is compared already. */
export const productPictures = (path: string): ComparedPictures => ({
  inputArgs: ['-i', `file:${path}`],
  stream: 'v:0',
  chain: '',
});

/**
 * Pictures from their first one on, at the common rate: pictures of the same number belong together, whatever the
 * containers' clocks say.
 */
export function alignedChain(input: number, { stream, chain }: ComparedPictures, comparison: Comparison): string {
  const shape = chain === '' ? '' : `${chain},`;
  const clock = `settb=AVTB,setpts=PTS-STARTPTS,fps=${formatRational(comparison.rate)}`;
  return `[${input}:${stream}]${shape}${clock},format=${comparison.pixelFormat}`;
}

/**
 * Of a transport stream ffmpeg counts from the first packet of the streams that are in use: without its sound, a picture
 * that comes after it would be at another time than when it was encoded (measured with 5.1.9).
 */
const besideArgs = ({ reference: { beside = [] } }: Comparison): readonly string[] =>
  beside.length === 0 ? [] : [...beside.flatMap((index) => ['-map', `1:${index}`]), '-c', 'copy', '-f', 'null', '-'];

/**
 * Measures the pictures of `distorted` against those of the reference, into the logs above. The filters would repeat the
 * last picture of the shorter one: they stop with it. The last two outputs count the pictures of each to their end, the
 * distorted ones first.
 */
export function qualityArgs(
  comparison: Comparison,
  distorted: ComparedPictures,
  vmaf: VmafWish | undefined,
): readonly string[] {
  const { graph, outputs } = meterGraph(
    alignedChain(0, distorted, comparison),
    alignedChain(1, comparison.reference, comparison),
    vmaf,
  );
  return [
    ...distorted.inputArgs,
    ...comparison.reference.inputArgs,
    ...['-filter_complex', graph.join(';')],
    ...besideArgs(comparison),
    ...outputs,
  ];
}

/** The meters between two chains of pictures, and the outputs that run them and count the pictures of each side. */
export function meterGraph(
  distorted: string,
  reference: string,
  vmaf: VmafWish | undefined,
): { readonly graph: readonly string[]; readonly outputs: readonly string[] } {
  const meters = [
    `ssim=stats_file=${SSIM_LOG}`,
    `psnr=stats_file=${PSNR_LOG}`,
    ...(vmaf ? [`libvmaf=log_fmt=csv:log_path=${VMAF_LOG}:model=version=${vmaf.model}:n_threads=${vmaf.threads}`] : []),
  ];
  const pads = (side: string) => [...meters.keys(), 'n'].map((n) => `[${side}${n}]`).join('');
  return {
    graph: [
      `${distorted},split=${meters.length + 1}${pads('d')}`,
      `${reference},split=${meters.length + 1}${pads('r')}`,
      ...meters.map((meter, n) => `[d${n}][r${n}]${meter}:shortest=1[m${n}]`),
    ],
    outputs: [...meters.map((_, n) => `[m${n}]`), '[dn]', '[rn]'].flatMap((pad) => [
      ...['-map', pad, '-fps_mode', 'passthrough', '-f', 'null', '-'],
    ]),
  };
}

/** Names of the pictures that `pairArgs` writes, counted from 1. */
export const pairNames = (n: number) => ({ reference: `reference-${n}.jpg`, distorted: `distorted-${n}.jpg` });

/** Writes the same pictures of both films as JPEG, as a browser shows them. `frames` count from 0 and ascend. */
export function pairArgs(
  comparison: Comparison,
  distorted: ComparedPictures,
  frames: readonly number[],
): readonly string[] {
  const chosen = `select='${frames.map((frame) => `eq(n,${frame})`).join('+')}'`;
  const preview = [chosen, ...previewFilters(comparison.colour)].join(',');
  const output = (pad: string, name: string): readonly string[] => [
    ...['-map', pad, '-fps_mode', 'passthrough', '-frames:v', `${frames.length}`],
    ...['-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', name],
  ];
  return [
    ...distorted.inputArgs,
    ...comparison.reference.inputArgs,
    '-filter_complex',
    `${alignedChain(0, distorted, comparison)},${preview}[d];${alignedChain(1, comparison.reference, comparison)},${preview}[r]`,
    ...besideArgs(comparison),
    ...output('[d]', 'distorted-%d.jpg'),
    ...output('[r]', 'reference-%d.jpg'),
  ];
}
