import { SgError } from '../model/errors.ts';
import type { Check, Verification } from '../model/events.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { Expectation, Plan } from '../model/plan.ts';
import { productPictures } from '../plan/quality-graph.ts';
import { measureQuality } from './measure-quality.ts';
import type { Mp4Structure, Ports, Stretch, WorkspacePort } from './ports.ts';
import {
  check,
  containerCheck,
  keyframeCheck,
  loudnessChecks,
  pictureChecks,
  same,
  soundChecks,
  timeChecks,
} from './stream-checks.ts';

export type VerifyDepth = 'fast' | 'full' | 'off';

export interface VerifyOptions {
  readonly verify: VerifyDepth;
  /** SSIM below which the output fails; measured with `full` only. */
  readonly minSsim: number | undefined;
  readonly tolerateErrors: boolean;
}

function structureChecks(want: Expectation, found: Mp4Structure | undefined): readonly Check[] {
  if (!hasBoxes(want)) return [];
  if (!found) return [check('structure', 'MP4 boxes', 'none', false)];
  const index = found.moovBeforeMdat ? 'moov before mdat' : 'mdat before moov';
  return [
    ...(want.fastStart ? [same('index at the front', 'moov before mdat', index)] : []),
    same('fragments', want.fragmented ? 'fragmented' : 'whole', found.fragmented ? 'fragmented' : 'whole'),
    ...(want.noEditList ? [same('edit lists', 0, found.editLists)] : []),
  ];
}

const hasBoxes = ({ container }: Expectation): boolean => container === 'mp4' || container === 'mov';

const HEAD_SEC = 1;

/** What is decoded of the product: all of it, or its first and last second, where an encode that went wrong shows. */
function stretchesOf(depth: VerifyDepth, durationSec: number): readonly Stretch[] {
  if (depth === 'full' || durationSec <= 3 * HEAD_SEC) return [{}];
  return [{ durationSec: HEAD_SEC }, { fromSec: durationSec - HEAD_SEC }];
}

function decodeCheck(stretches: readonly Stretch[], complaints: readonly string[]): Check {
  const name = stretches.length > 1 ? 'decode of the head and tail' : 'decode';
  return check(name, 'no complaint', complaints[0] ?? 'no complaint', complaints.length === 0);
}

async function probeOrNothing(product: string, ports: Ports, signal: AbortSignal): Promise<MediaInfo | undefined> {
  try {
    return await ports.probe(product, signal);
  } catch (error) {
    if (error instanceof SgError && error.code === 'INPUT') return undefined;
    throw error;
  }
}

async function frameCount(
  video: VideoStream,
  media: MediaInfo,
  depth: VerifyDepth,
  ports: Ports,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (depth === 'full') return ports.countFrames(media.path, 'decode', signal);
  return media.scan?.videoPackets ?? video.frames ?? ports.countFrames(media.path, 'packets', signal);
}

/** What was seen of a product. */
interface Seen {
  readonly media: MediaInfo | undefined;
  /** Where they matter. */
  readonly keyframeSec: readonly number[];
  /** Of those who decoded it. */
  readonly complaints: readonly string[];
}

/** The look that tells what is in a film decodes its stretches too: one process in place of three. */
async function lookOnce(
  product: string,
  stretches: readonly Stretch[],
  ports: Ports,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  const look = await ports.lookAtWhole(product, stretches, signal);
  return look && { ...look, complaints: [] };
}

/** The looks need nothing of each other and are taken at once. */
async function lookApart(
  product: string,
  stretches: readonly Stretch[],
  keyframesMatter: boolean,
  ports: Ports,
  signal: AbortSignal,
): Promise<Seen> {
  const [media, keyframeSec, complaints] = await Promise.all([
    probeOrNothing(product, ports, signal),
    keyframesMatter ? ports.keyframeTimes(product, signal) : [],
    ports.decode(product, stretches, signal),
  ]);
  return { media, keyframeSec, complaints };
}

/** A film in which anything is not as it should be is looked at again, by those who can tell what. */
async function lookAtProduct(
  product: string,
  want: Expectation,
  depth: VerifyDepth,
  stretches: readonly Stretch[],
  ports: Ports,
  signal: AbortSignal,
): Promise<Seen> {
  const isListed = depth === 'fast' && want.durationSec > 0;
  const seen = isListed ? await lookOnce(product, stretches, ports, signal) : undefined;
  return seen ?? lookApart(product, stretches, want.video.keyframeSec !== undefined, ports, signal);
}

/** Compares a finished file with what was planned. Never trusts ffmpeg's exit code, nor its headers alone. */
export async function verifyOutput(
  plan: Plan,
  workspace: WorkspacePort,
  options: VerifyOptions,
  ports: Ports,
  signal: AbortSignal,
): Promise<Verification> {
  if (options.verify === 'off') return { ok: true, checks: [] };
  const want = plan.expectation;
  const product = workspace.file(plan.product);
  const stretches = stretchesOf(options.verify, want.durationSec);
  const [{ media, keyframeSec, complaints }, structure, loudness] = await Promise.all([
    lookAtProduct(product, want, options.verify, stretches, ports, signal),
    hasBoxes(want) ? ports.mp4Structure(product) : undefined,
    Promise.all(
      want.audio.map(({ loudnessLufs }, n) =>
        loudnessLufs === undefined ? undefined : ports.loudness(product, n, signal),
      ),
    ),
  ]);
  const video = media?.video.find((stream) => !stream.attachedPicture);
  if (!media || !video) return { ok: false, checks: [check('opens', 'a film', 'no film', false)] };
  const frames = await frameCount(video, media, options.verify, ports, signal);
  const endSec = video.startSec + (video.durationSec ?? media.durationSec ?? want.durationSec);
  const checks: readonly Check[] = [
    containerCheck(want.container, media.format),
    ...pictureChecks(want.video, video),
    ...timeChecks(want, options.tolerateErrors, media, video, frames),
    ...soundChecks(want.audio, media.audio),
    ...loudnessChecks(want.audio, loudness),
    same('subtitle tracks', want.subtitles.length, media.subtitles.length),
    ...structureChecks(want, structure),
    ...(want.chapters === undefined ? [] : [same('chapters', want.chapters, media.chapters.length)]),
    ...(want.video.keyframeSec === undefined ? [] : [keyframeCheck(want.video.keyframeSec, keyframeSec, endSec)]),
    decodeCheck(stretches, complaints),
  ];
  return judged(checks, plan, options, workspace, ports, signal);
}

/** The verdict, with SSIM and PSNR against the source where every frame is looked at. */
async function judged(
  checks: readonly Check[],
  plan: Plan,
  { verify, minSsim }: VerifyOptions,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
): Promise<Verification> {
  const ok = checks.every((one) => one.ok);
  if (verify !== 'full' || !plan.comparison) return { ok, checks };
  const product = productPictures(workspace.file(plan.product));
  const { ssim, psnr } = await measureQuality(plan.comparison, product, workspace, ports, signal);
  const bound = minSsim === undefined ? [] : [check('ssim', `at least ${minSsim}`, ssim.toFixed(5), ssim >= minSsim)];
  return { ok: ok && bound.every((one) => one.ok), checks: [...checks, ...bound], ssim, psnr };
}
