import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf } from '../files/file-error.ts';
import { checkFolderPlace, restoreFolder } from '../files/place-folder.ts';
import { workspacePath } from '../files/workspace.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import { formatRational, type Rational } from '../model/rational.ts';
import { DASH_MANIFEST, MASTER_PLAYLIST } from '../packaging/package.ts';
import { isHdr } from '../plan/colour.ts';
import { wrong } from '../plan/finding.ts';
import { LADDER_CODECS, type LadderCodec, type LadderContext, ladderRate, planCut } from '../plan/ladder.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { soundTracks, textTracks } from '../plan/stream-tracks.ts';
import type { RawSettings } from '../presets/job.ts';
import { LADDER } from '../presets/ladder-table.ts';
import type { Prepared, Session } from './call.ts';
import { captionIssues, codecIssues, lengthIssues, sizeIssues } from './ladder-issues.ts';
import { keyOfFile, type LadderRequest } from './ladder-request.ts';
import { decideRungs, rungExports } from './ladder-rungs.ts';
import { type LadderSource, prepareWhole, SURROUND_PER_STEREO, soundFlags } from './ladder-source.ts';
import type { Looks } from './looks.ts';
import { folderOf, type MultiRequest, type RequestedExport } from './multi-request.ts';
import type { PlannedLadders, PlannedPackage } from './planned-package.ts';

const isLadderCodec = (codec: string): codec is LadderCodec => LADDER_CODECS.some((one) => one === codec);

const WHOLE_CODEC = 'h264';

function packagePath({ request, asked, ladder }: LadderSource, whole: Prepared): string {
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

/** Where what is complete is skipped, what stands there is judged by all that the package is to be (`package-skip.ts`). */
async function placeIssues(destination: string, { sourcePath, values }: Prepared): Promise<readonly Issue[]> {
  const overwrite = values.overwrite === true;
  if (values.skipExisting && !overwrite) return [];
  return checkFolderPlace(destination, [sourcePath], { overwrite, knownBy: [MASTER_PLAYLIST, DASH_MANIFEST] });
}

/** A package, the exports of its rungs, and what is wrong with it as a whole. */
interface PlannedSource {
  readonly planned: PlannedPackage;
  readonly exports: readonly RequestedExport[];
  readonly issues: readonly Issue[];
}

/** How a source is read as a whole, for all its rungs: its picture's time line with its sound, once as it is and once in stereo. */
interface WholeSource {
  readonly whole: Prepared;
  readonly resolved: ResolvedExport;
  readonly frameRate: Rational;
  readonly stereo: ResolvedExport;
  /** The rate that is asked of every rung, where the film's own is none that players take. */
  readonly rate: string | undefined;
  readonly issues: readonly Issue[];
}

/** Throws SgError for what leaves nothing to plan. */
async function readWhole(source: LadderSource, scratch: string): Promise<WholeSource> {
  const { asked } = source;
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
  const frameRate = resolved?.video.frameRate;
  if (!resolved || !frameRate || !two.resolved) {
    throw new SgError('RULES', `${asked.input}: a ladder cannot be made of it`);
  }
  return { whole, resolved, frameRate, stereo: two.resolved, rate, issues: slower ? [slower.issue] : [] };
}

/** Everything about one package but its rungs' own findings. */
async function planPackage(source: LadderSource, scratchId: string): Promise<PlannedSource> {
  const { session, request, asked, ladder } = source;
  const folder = folderOf(request, asked) ?? dirname(resolve(request.cwd, asked.input));
  const scratch = workspacePath(folder, scratchId);
  const { whole, resolved, frameRate, stereo, rate, issues: found } = await readWhole(source, scratch);
  const { video } = resolved;
  const context: LadderContext = {
    source: { ...video.geometry, frameRate, hdr: isHdr(video.colour.to) },
    codec: isLadderCodec(video.codec) ? video.codec : WHOLE_CODEC,
    upscale: asked.flags.upscale === true,
    need: 1,
  };
  const decided = await decideRungs(source, context, scratch, rate === undefined ? {} : { fps: rate });
  const destination = packagePath(source, whole);
  await restoreFolder(destination);
  const planned: PlannedPackage = {
    ...{ ladder, label: basename(destination), destination, scratch, scratchId, whole, resolved },
    overwrite: whole.values.overwrite === true,
    rungs: decided.rungs,
    cut: planCut(frameRate, ladder.segmentSec),
    sounds: soundTracks(stereo, resolved, whole.media),
    texts: textTracks(resolved, whole.media),
    sheets: undefined,
    key: await readKey(session, ladder),
    keyId: randomBytes(16),
  };
  const issues = [
    ...decided.issues,
    ...found,
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
    const source: LadderSource = { session, request, asked, ladder, looks, signal: looks.signal };
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
