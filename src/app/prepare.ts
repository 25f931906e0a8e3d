import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { analysePicture } from '../analysis/analyse.ts';
import type { LookAt } from '../analysis/look.ts';
import { findLoudness } from '../analysis/loudness.ts';
import { checkDestination } from '../files/destination.ts';
import { freeBytes } from '../files/disk.ts';
import { openSource } from '../files/source-file.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { OptionValues } from '../model/option-values.ts';
import { type Destination, extensionOf } from '../plan/destination.ts';
import { estimateBytes } from '../plan/estimate.ts';
import { mainVideo } from '../plan/resolve.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { sizeFlag } from '../plan/size-budget.ts';
import { chooseTarget } from '../plan/target.ts';
import { verdictsToIssues } from '../presets/judge.ts';
import { decideWhole, isAutomatic, planOf } from './attempts.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { type Decision, type DecisionInput, decide } from './decide.ts';
import { foldRequest, type RequestLayers, readLayers } from './layers.ts';
import { type Looks, looksOnce } from './looks.ts';
import { sideFileIssues } from './side-files.ts';
import { withSizeFloor } from './size-floor.ts';
import { askedLimits, expectedSizeIssues, sizeLimitsOf } from './size-rules.ts';
import { sourceCache } from './source-cache.ts';
import { thumbnailPlaceIssues } from './thumbnails.ts';
import { toolchainIssues } from './toolchain-issues.ts';
import { findingsWithoutSource, leavesTheRest, orFinding } from './unsourced.ts';

/** How one of several exports is prepared: what concerns all of them is judged for all of them, by the caller. */
export interface Among {
  /** Absolute path of the folder of the output; it need not exist yet. Undefined: beside the source. */
  readonly folder: string | undefined;
  /** Absolute path of the folder of receipts, which are called after their outputs. */
  readonly receipts: string | undefined;
  /** Absolute paths of all sources: no output may be one of them. */
  readonly sources: readonly string[];
  /** What stands at the destination is judged later. */
  readonly mayExist: boolean;
}

export interface PrepareOptions {
  readonly threads?: number;
  /** Shared by the exports of one command. */
  readonly looks?: Looks;
  readonly among?: Among;
}

async function destinationOf(
  session: Session,
  values: OptionValues,
  sourcePath: string,
  among: Among | undefined,
): Promise<Destination> {
  if (among?.folder !== undefined) return { kind: 'folder', path: among.folder };
  if (values.output === undefined) return { kind: 'folder', path: dirname(sourcePath) };
  const path = resolve(session.cwd, values.output);
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return { kind: isFolder ? 'folder' : 'file', path };
}

/** Bytes that outputs in one folder will need: `certain` where a bitrate says it, `guessed` where a quality may need far less. */
export interface NeededBytes {
  readonly certain: number;
  readonly guessed: number;
}

export function neededBytes(resolved: ResolvedExport, estimatedBytes: number): NeededBytes {
  const isCertain = resolved.video.rate.mode !== 'crf';
  return { certain: isCertain ? estimatedBytes : 0, guessed: isCertain ? 0 : estimatedBytes };
}

/** What is to be said of the space in a folder. `hint` is what would work. */
export async function diskIssues(folder: string, needed: NeededBytes, hint: string): Promise<readonly Issue[]> {
  const free = await freeBytes(folder);
  const most = needed.certain + needed.guessed;
  if (free === undefined || free >= most) return [];
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  // Only a disk that is clearly too small refuses a guess.
  if (free > needed.certain + needed.guessed / 4) {
    return [
      {
        severity: 'warning',
        code: 'disk_may_be_small',
        message: `the disk has ${mb(free)} left; up to ${mb(most)} may be needed`,
        path: 'output',
        hint: '',
        exit: 'ENCODE',
      },
    ];
  }
  return [
    {
      severity: 'error',
      code: 'disk_too_small',
      message: `not enough disk space in ${folder}: ${mb(free)} free, about ${mb(most)} needed`,
      path: 'output',
      hint,
      exit: 'ENCODE',
    },
  ];
}

/** Findings that concern the file system: the destination is not an input, can be written, and does not exist unless it may. */
async function destinationIssues(
  resolved: ResolvedExport,
  values: OptionValues,
  among: Among | undefined,
): Promise<readonly Issue[]> {
  const mayExist = values.overwrite === true || values.skipExisting === true || among?.mayExist === true;
  const inputs = among?.sources ?? resolved.source;
  return [
    ...(await checkDestination(resolved.destination, inputs, { overwrite: mayExist })),
    ...(await thumbnailPlaceIssues(resolved.destination, resolved.thumbnails, inputs, mayExist)),
  ];
}

function preferredEncoder(layers: RequestLayers, destination: Destination): string | undefined {
  const { values, from } = foldRequest(layers, undefined);
  const extension = destination.kind === 'file' ? extensionOf(destination.path) : undefined;
  return chooseTarget(values, from, extension).target.row?.encoders[0]?.encoder;
}

/** Loudness is measured of the sound as it will be delivered, so once that is decided; then all is decided again. */
async function decideSound(depends: DecisionInput, first: Decision, look: LookAt): Promise<Decision> {
  const { resolved, layered, issues } = first;
  const { loudness } = layered.values;
  if (loudness === undefined || !resolved || issues.some(({ severity }) => severity === 'error')) return first;
  const analyses = { ...depends.analyses, loudness: await findLoudness(resolved, loudness, look) };
  return decide({ ...depends, analyses });
}

const DISK_HINT = 'free some space, or write elsewhere with -o';
const isAboutFolder = ({ code }: Issue): boolean => code.startsWith('output_folder_');

/** Findings about all places that are written to. A folder of several exports is made when they start: the caller tells once for all whether it can be. */
async function placeIssues(
  resolved: ResolvedExport,
  values: OptionValues,
  where: Pick<Parameters<typeof sideFileIssues>[0], 'session' | 'call' | 'sourcePath'> & {
    readonly among: Among | undefined;
  },
): Promise<readonly Issue[]> {
  const { among, ...own } = where;
  const output = await destinationIssues(resolved, values, among);
  const beside = await sideFileIssues({ ...own, values, ...outputOf(resolved) });
  return [
    ...output.filter((issue) => among?.folder === undefined || !isAboutFolder(issue)),
    ...beside.filter((issue) => among === undefined || !isAboutFolder(issue)),
  ];
}

function withReceipt(
  values: OptionValues,
  resolved: ResolvedExport | undefined,
  among: Among | undefined,
): OptionValues {
  if (among?.receipts === undefined || !resolved) return values;
  return { ...values, receipt: join(among.receipts, `${basename(resolved.destination)}.json`) };
}

const outputOf = ({ destination, thumbnails }: ResolvedExport) => ({ destination, thumbnails });

const refusal = (issues: readonly Issue[]): SgError =>
  errorOfIssues(issues) ?? new SgError('INTERNAL', 'a request without findings was refused');

/**
 * Everything that can be known before encoding: layers, source, analyses, decisions, rules, destination, disk.
 * Findings are returned, all at once; only what leaves nothing to examine is thrown (USAGE, INPUT, TOOLCHAIN).
 */
export async function prepareExport(
  session: Session,
  call: ExportCall,
  signal: AbortSignal,
  options: PrepareOptions = {},
): Promise<Prepared> {
  const { among, looks = looksOnce(session, signal) } = options;
  const layers = readLayers(session, call.flags);
  const early: Issue[] = [...layers.issues];
  const sourcePath = await orFinding(openSource(call.input, session.cwd), early, call.input);
  if (!leavesTheRest(early)) throw refusal(early);
  const destination = await destinationOf(session, layers.flags, sourcePath ?? resolve(session.cwd, call.input), among);
  const toolchain = await orFinding(looks.toolchain(preferredEncoder(layers, destination)), early, '');
  const examined =
    sourcePath && toolchain
      ? await orFinding(looks.examine(call.input, sourcePath, toolchain), early, call.input)
      : undefined;
  if (!sourcePath || !toolchain || !examined) {
    throw refusal([...early, ...(await findingsWithoutSource(layers, destination))]);
  }
  const { media } = examined;
  const stream = mainVideo(media);
  const asked = foldRequest(layers, undefined).values;
  const cache = sourceCache(session.history, examined, toolchain, asked.cache === false);
  const look = looks.lookAt(toolchain, sourcePath, cache);
  const sampling = { media, toolchain, cache, signal };
  const analyses = stream ? await analysePicture(media, stream, asked, look) : {};
  const subtitles = await looks.subtitleFile(asked, toolchain);
  // A copied picture is what it was: the platform's rules judge the source's.
  const source =
    layers.platform && asked.codec === 'copy' ? await looks.measured(media, layers.platform, toolchain) : undefined;
  signal.throwIfAborted();
  const depends: DecisionInput = {
    media,
    layers,
    destination,
    encoders: toolchain.encoders,
    analyses,
    subtitleFile: subtitles.file,
    threads: options.threads,
    now: looks.now,
    source,
  };
  const decideAll = (input: DecisionInput) => decideSound(input, decide(input), look);
  const { decision, software } = await decideWhole(session, depends, decideAll, sampling);
  const { resolved, layered, verdicts, facts, issues: decided } = decision;
  const values = withReceipt(layered.values, resolved, among);
  const found: readonly Issue[] = [
    ...early,
    ...subtitles.issues,
    ...(await looks.sourceIssues(media, values.tolerateErrors === true)),
    ...decided,
    ...verdictsToIssues(verdicts),
    ...(resolved ? await placeIssues(resolved, values, { session, call, sourcePath, among }) : []),
  ];
  const floored = resolved ? await withSizeFloor(found, resolved, sampling, sizeFlag(values)) : found;
  const issues = [...floored];
  const blocked = found.some((issue) => issue.severity === 'error');
  const sizeLimits = sizeLimitsOf(layers.platform, values.allow ?? []);
  if (resolved && !blocked) {
    const estimatedBytes = estimateBytes(resolved, media);
    issues.push(...expectedSizeIssues(sizeLimits, estimatedBytes));
    if (!among) {
      const needed = neededBytes(resolved, estimatedBytes);
      issues.push(...(await diskIssues(dirname(resolved.destination), needed, DISK_HINT)));
    }
  }
  const { attempts, plan } = planOf(resolved, issues, software, media, toolchain, [
    ...sizeLimits,
    ...askedLimits(values),
  ]);
  const lacking = plan ? toolchainIssues(plan, toolchain) : [];
  return {
    ...examined,
    input: call.input,
    toolchain,
    layered,
    values,
    resolved,
    attempts,
    asked: isAutomatic(values) ? software?.resolved : undefined,
    plan: lacking.length > 0 ? undefined : plan,
    issues: [...issues, ...lacking],
    verdicts,
    platform: layers.platform,
    facts,
  };
}
