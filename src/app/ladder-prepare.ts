import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf } from '../files/file-error.ts';
import { checkFolderPlace, restoreFolder } from '../files/place-folder.ts';
import { workspacePath } from '../files/workspace.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import { formatRational } from '../model/rational.ts';
import { DASH_MANIFEST, MASTER_PLAYLIST } from '../packaging/package.ts';
import { planAttempts } from '../plan/attempts.ts';
import { isHdr } from '../plan/colour.ts';
import { warn, wrong } from '../plan/finding.ts';
import {
  type Cut,
  LADDER_CODECS,
  type LadderCodec,
  type LadderContext,
  type LadderDecision,
  ladderKbps,
  ladderRate,
  planCut,
  planLadder,
  type Rung,
} from '../plan/ladder.ts';
import { pictureRendition } from '../plan/rendition.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { type FilmedRung, planSheets, type SheetsPlan } from '../plan/stream-sheets.ts';
import { type SoundTrack, soundTracks, type TextTrack, textTracks } from '../plan/stream-tracks.ts';
import type { RawSettings } from '../presets/job.ts';
import { LADDER } from '../presets/ladder-table.ts';
import type { Prepared, Session } from './call.ts';
import { captionIssues, codecIssues, lengthIssues, sizeIssues } from './ladder-issues.ts';
import { measureNeed } from './ladder-need.ts';
import { keyOfFile, type LadderRequest } from './ladder-request.ts';
import type { Looks } from './looks.ts';
import { folderOf, type MultiRequest, type RequestedExport } from './multi-request.ts';
import { prepareExport } from './prepare.ts';

/** One folder that is to be made: what is in it, and where it goes. */
export interface PlannedPackage {
  readonly ladder: LadderRequest;
  readonly label: string;
  /** Absolute path of the folder. */
  readonly destination: string;
  /** Absolute path of the hidden folder beside it, in which everything is made, and the id by which it is made. */
  readonly scratch: string;
  readonly scratchId: string;
  readonly overwrite: boolean;
  /** The source and its time line, with all its sound and text. */
  readonly whole: Prepared;
  readonly resolved: ResolvedExport;
  readonly rungs: readonly Rung[];
  readonly cut: Cut;
  readonly sounds: readonly SoundTrack[];
  readonly texts: readonly TextTrack[];
  /** Undefined before the rungs are resolved, and where there are to be none. */
  readonly sheets: SheetsPlan | undefined;
  /** 16 bytes. In memory alone. */
  readonly key: Buffer | undefined;
  /** By which players of common encryption ask for the key: 16 bytes that say nothing of it. */
  readonly keyId: Buffer;
}

/** Packages, and the exports that their renditions are, in their order. */
export interface PlannedLadders {
  readonly packages: readonly PlannedPackage[];
  readonly exports: readonly RequestedExport[];
  readonly issues: readonly Issue[];
}

const isLadderCodec = (codec: string): codec is LadderCodec => LADDER_CODECS.some((one) => one === codec);

interface Source {
  readonly session: Session;
  readonly request: MultiRequest;
  readonly asked: RequestedExport;
  readonly ladder: LadderRequest;
  readonly looks: Looks;
  readonly signal: AbortSignal;
}

/** What the source would be with these settings, at its own size: its shape, its time line, its sound and text. */
function prepareWhole({ session, request, asked, looks, signal }: Source, settings: RawSettings, scratch: string) {
  const flags = { ...asked.flags, container: 'mp4', name: 'whole', ...settings };
  const sources = [resolve(request.cwd, asked.input)];
  const among = { folder: scratch, receipts: undefined, sources, mayExist: true };
  return prepareExport(session, { input: asked.input, flags }, signal, { looks, among });
}

/** Rates of sound as the published ladder has them, where nobody said another. */
function soundFlags({ flags }: RequestedExport, kbps: number): RawSettings {
  return { audio_codec: flags.audio_codec ?? 'aac', audio_bitrate: flags.audio_bitrate ?? `${kbps}k` };
}

/** Of surround: the rate of a stereo track whose share for six channels is the table's. */
const SURROUND_PER_STEREO = LADDER.audio.surround_kbps / 3;

const WHOLE_CODEC = 'h264';

function packagePath({ request, asked, ladder }: Source, whole: Prepared): string {
  const folder = folderOf(request, asked) ?? dirname(whole.sourcePath);
  const name = basename(whole.sourcePath).replace(/(?!^)\.[^.]+$/, '');
  return join(folder, `${name}_${ladder.kind}`);
}

async function readKey(session: Session, { encryption }: LadderRequest): Promise<Buffer | undefined> {
  if (!encryption) return undefined;
  const { keyFile } = encryption;
  const bytes = await readFile(resolve(session.cwd, keyFile)).catch((error: unknown) => {
    throw new SgError('USAGE', `--key-file ${keyFile} cannot be read: ${reasonOf(error)}`);
  });
  return keyOfFile(bytes, keyFile);
}

/** The exports of a package's rungs: everything that the rung decides is said as a flag is. */
function rungExports(source: Source, planned: PlannedPackage, rate: string | undefined): readonly RequestedExport[] {
  const { asked, request } = source;
  const isAverage = String(asked.flags.mode ?? '').toLowerCase() === 'vbr';
  const manySources = request.exports.length > 1;
  return planned.rungs.map(({ id, codec, width, height, kbps }) => ({
    ...asked,
    label: manySources ? `${planned.label} ${id}` : id,
    folder: planned.scratch,
    flags: {
      ...asked.flags,
      ...soundFlags(asked, LADDER.audio.stereo_kbps),
      ...{
        codec,
        container: 'mp4',
        name: `video_${id}`,
        resolution: `${width}x${height}`,
        fit: 'stretch',
        upscale: true,
      },
      ...(isAverage ? { bitrate: `${kbps}k` } : { max_bitrate: `${kbps}k`, mode: 'crf' }),
      ...(rate === undefined ? {} : { fps: rate }),
      // Text is a track of its own; what is burned is in every picture.
      subtitles: asked.flags.subtitles === 'burn' ? 'burn' : 'drop',
    },
  }));
}

/** Samples are taken at this short side or below: a film that is hard there is hard at any size. */
const SAMPLE_SIDE = 540;

/** The rungs, with `--per-title` by what the film needs. */
async function decideRungs(
  source: Source,
  context: LadderContext,
  scratch: string,
  faster: RawSettings,
): Promise<LadderDecision> {
  const { ladder, signal } = source;
  const published = planLadder(context, ladder.rungs);
  const isSmall = ({ width, height }: Rung) => Math.min(width, height) <= SAMPLE_SIDE;
  const sample = published.rungs.find(isSmall) ?? published.rungs.at(-1);
  if (!ladder.perTitle || !sample) return published;
  const { codec, width, height } = sample;
  const size = { resolution: `${width}x${height}`, fit: 'stretch', upscale: true, mode: 'crf' };
  const prepared = await prepareWhole(source, { codec, ...size, audio_codec: 'none', ...faster }, scratch);
  const need = await measureNeed(prepared, ladderKbps(sample, { ...context, codec }), signal);
  const fitted = planLadder({ ...context, need }, ladder.rungs);
  const what = `samples of ${sample.id} need ${need.toFixed(2)} of the published rate: the rungs' rates are that much`;
  const isOwn = ladder.rungs?.every(({ kbps }) => kbps !== undefined);
  const idle = '--per-title changes nothing: --rungs says all rates';
  return { ...fitted, issues: [...fitted.issues, warn('per_title', '--per-title', isOwn ? idle : what)] };
}

/** Where what is complete is skipped, what stands there is judged by all that the package is to be (`package-skip.ts`). */
async function placeIssues(destination: string, { sourcePath, values }: Prepared): Promise<readonly Issue[]> {
  const overwrite = values.overwrite === true;
  if (values.skipExisting && !overwrite) return [];
  return checkFolderPlace(destination, [sourcePath], { overwrite, knownBy: [MASTER_PLAYLIST, DASH_MANIFEST] });
}

/** Everything about one package but its rungs' own findings. */
async function planPackage(
  source: Source,
  scratchId: string,
): Promise<{
  readonly planned: PlannedPackage;
  readonly exports: readonly RequestedExport[];
  issues: readonly Issue[];
}> {
  const { session, request, asked, ladder } = source;
  const folder = folderOf(request, asked) ?? dirname(resolve(request.cwd, asked.input));
  const scratch = workspacePath(folder, scratchId);
  const asCodec = String(asked.flags.codec ?? WHOLE_CODEC);
  const first = await prepareWhole(source, { codec: asCodec, ...soundFlags(asked, SURROUND_PER_STEREO) }, scratch);
  const blocking = errorOfIssues(first.issues);
  if (blocking) throw blocking;
  const natural = first.resolved?.video.frameRate;
  const slower = natural && asked.flags.fps === undefined ? ladderRate(natural) : undefined;
  const rate = slower && formatRational(slower.rate);
  const faster = rate === undefined ? {} : { fps: rate };
  const prepareTwo = (channels: RawSettings, kbps: number) =>
    prepareWhole(source, { codec: asCodec, ...soundFlags(asked, kbps), ...channels, ...faster }, scratch);
  const whole = rate === undefined ? first : await prepareTwo({}, SURROUND_PER_STEREO);
  const isWide = whole.resolved?.audio.some(({ channels }) => channels > 2);
  const two = await prepareTwo(isWide ? { channels: 2 } : {}, LADDER.audio.stereo_kbps);
  const { resolved } = whole;
  const { video } = resolved ?? {};
  if (!resolved || !video?.frameRate || !two.resolved) {
    throw new SgError('RULES', `${asked.input}: a ladder cannot be made of it`);
  }
  const context: LadderContext = {
    source: { ...video.geometry, frameRate: video.frameRate, hdr: isHdr(video.colour.to) },
    codec: isLadderCodec(video.codec) ? video.codec : WHOLE_CODEC,
    upscale: asked.flags.upscale === true,
    need: 1,
  };
  const decided = await decideRungs(source, context, scratch, faster);
  const destination = packagePath(source, whole);
  await restoreFolder(destination);
  const overwrite = whole.values.overwrite === true;
  const planned: PlannedPackage = {
    ladder,
    label: basename(destination),
    destination,
    scratch,
    scratchId,
    overwrite,
    whole,
    resolved,
    rungs: decided.rungs,
    cut: planCut(video.frameRate, ladder.segmentSec),
    sounds: soundTracks(two.resolved, resolved, whole.media),
    texts: textTracks(resolved, whole.media),
    sheets: undefined,
    key: await readKey(session, ladder),
    keyId: randomBytes(16),
  };
  const issues = [
    ...decided.issues,
    ...(slower ? [slower.issue] : []),
    ...sizeIssues(resolved),
    ...whole.issues.filter(({ path }) => path === '--subtitles'),
    ...(await placeIssues(destination, whole)),
    ...codecIssues(decided.rungs, ladder),
    ...lengthIssues(resolved),
    ...captionIssues(resolved, whole.media),
  ];
  return { planned, exports: rungExports(source, planned, rate), issues };
}

/** Plans the packages of a request: one for each source. Throws SgError with what leaves nothing to plan. */
export async function planLadders(
  session: Session,
  request: MultiRequest,
  ladder: LadderRequest,
  multiId: string,
  looks: Looks,
  resumed: boolean,
): Promise<PlannedLadders> {
  const packages: PlannedPackage[] = [];
  const exports: RequestedExport[] = [];
  const issues: Issue[] = [];
  for (const [n, asked] of request.exports.entries()) {
    const source: Source = { session, request, asked, ladder, looks, signal: looks.signal };
    const one = await planPackage(
      source,
      `${multiId.replaceAll('-', '').slice(0, 6)}${n.toString(36).padStart(2, '0')}`,
    );
    // A run that is taken up goes on where it ended: a folder is there whole or not at all.
    if (resumed && one.issues.some(({ code }) => code === 'output_exists')) continue;
    const twin = packages.find(({ destination }) => destination === one.planned.destination);
    if (twin) {
      const what = `two sources would both be ${twin.destination}`;
      issues.push(
        wrong('outputs_collide', '--ladder', what, 'make them in two runs, with two --output-folder', 'USAGE'),
      );
    }
    packages.push(one.planned);
    exports.push(...one.exports);
    issues.push(...one.issues);
  }
  return { packages, exports, issues };
}

/** The same export as a rendition of a package: its picture alone, cut where all are cut. */
export function asRendition(prepared: Prepared, cut: Cut): Prepared {
  const { resolved, plan, media } = prepared;
  if (!resolved || !plan) return prepared;
  const attempts = prepared.attempts.map((one) => ({ ...one, resolved: pictureRendition(one.resolved, cut) }));
  return { ...prepared, resolved: pictureRendition(resolved, cut), attempts, plan: planAttempts(attempts, media) };
}

/** The same with the sheets that will be made of its smallest rung. `exports`: of all packages. */
export function withSheets(
  planned: PlannedPackage,
  exports: readonly { readonly asked: RequestedExport; readonly prepared: Prepared | undefined }[],
): PlannedPackage {
  if (!planned.ladder.hasThumbnails) return planned;
  const own = exports.filter(({ asked }) => asked.folder === planned.scratch);
  const rungs = own.flatMap(({ prepared }): readonly FilmedRung[] => {
    const { resolved, plan } = prepared ?? {};
    return resolved && plan ? [{ film: basename(plan.destination), video: resolved.video }] : [];
  });
  const { timeline, video } = planned.resolved;
  if (!video.frameRate) return planned;
  return { ...planned, sheets: planSheets(rungs, timeline.durationSec, planned.cut, video.frameRate) };
}
