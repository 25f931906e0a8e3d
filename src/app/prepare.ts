import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { analysePicture } from '../analysis/analyse.ts';
import type { LookAt } from '../analysis/look.ts';
import { findLoudness } from '../analysis/loudness.ts';
import { probeMedia } from '../ffmpeg/probe.ts';
import { checkDestination } from '../files/destination.ts';
import { freeBytes } from '../files/disk.ts';
import { openSource } from '../files/source-file.ts';
import { stampFile } from '../files/stamp.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { OptionValues } from '../model/options.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { buildPlan } from '../plan/build.ts';
import { estimateBytes } from '../plan/estimate.ts';
import { type Destination, extensionOf, mainVideo } from '../plan/resolve.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { chooseTarget } from '../plan/target.ts';
import { verdictsToIssues } from '../presets/judge.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { type Decision, type DecisionInput, decide } from './decide.ts';
import { checkHardware } from './hardware.ts';
import { foldRequest, type RequestLayers, readLayers } from './layers.ts';
import { belowMaximum } from './max-size.ts';
import { measureDelivery } from './measure-delivery.ts';
import { momentNow } from './moment.ts';
import { lookWith } from './ports.ts';
import { sideFileIssues } from './side-files.ts';
import { sizeFloorIssues } from './size-floor.ts';
import { expectedSizeIssues, sizeLimitsOf } from './size-rules.ts';
import { sourceIssues } from './source-issues.ts';
import { readSubtitleFile } from './subtitle-file.ts';
import { findToolchain } from './toolchain.ts';
import { toolchainIssues } from './toolchain-issues.ts';
import { findingsWithoutSource, leavesTheRest, orFinding } from './unsourced.ts';

async function destinationOf(session: Session, values: OptionValues, sourcePath: string): Promise<Destination> {
  if (values.output === undefined) return { kind: 'folder', path: dirname(sourcePath) };
  const path = resolve(session.cwd, values.output);
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return { kind: isFolder ? 'folder' : 'file', path };
}

async function diskIssues(resolved: ResolvedExport, estimatedBytes: number): Promise<readonly Issue[]> {
  const free = await freeBytes(dirname(resolved.destination));
  if (free === undefined || free >= estimatedBytes) return [];
  const certain = resolved.video.rate.mode !== 'crf';
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  // A constant quality may need far less than the guess: only a disk that is clearly too small refuses it.
  if (!certain && free > estimatedBytes / 4) {
    return [
      {
        severity: 'warning',
        code: 'disk_may_be_small',
        message: `the disk has ${mb(free)} left; up to ${mb(estimatedBytes)} may be needed`,
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
      message: `not enough disk space in ${dirname(resolved.destination)}: ${mb(free)} free, about ${mb(estimatedBytes)} needed`,
      path: 'output',
      hint: 'free some space, or write elsewhere with -o',
      exit: 'ENCODE',
    },
  ];
}

/** Findings that concern the file system: the destination is not the input, can be written, and does not exist unless it may. */
async function destinationIssues(resolved: ResolvedExport, values: OptionValues): Promise<readonly Issue[]> {
  const mayExist = values.overwrite === true || values.skipExisting === true;
  return checkDestination(resolved.destination, resolved.source, { overwrite: mayExist });
}

function preferredEncoder(layers: RequestLayers, destination: Destination): string | undefined {
  const { values, from } = foldRequest(layers, undefined);
  const extension = destination.kind === 'file' ? extensionOf(destination.path) : undefined;
  return chooseTarget(values, from, extension).target.row?.encoders[0]?.encoder;
}

/** The source's identity, taken before its first byte is read, and what is in it. */
async function examine(input: string, path: string, toolchain: Toolchain, signal: AbortSignal) {
  const sourceStamp = await stampFile(path).catch((cause: unknown) => {
    throw new SgError('INPUT', `${input} went away`, { cause });
  });
  return { sourceStamp, media: await probeMedia(toolchain.ffprobe.path, path, { signal }) };
}

/** Loudness is measured of the sound as it will be delivered, so once that is decided; then all is decided again. */
async function decideSound(depends: DecisionInput, first: Decision, look: LookAt): Promise<Decision> {
  const { resolved, layered, issues } = first;
  const { loudness } = layered.values;
  if (loudness === undefined || !resolved || issues.some(({ severity }) => severity === 'error')) return first;
  const analyses = { ...depends.analyses, loudness: await findLoudness(resolved, loudness, look) };
  return decide({ ...depends, analyses });
}

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
  options: { readonly threads?: number } = {},
): Promise<Prepared> {
  const layers = readLayers(session, call.flags);
  const early: Issue[] = [...layers.issues];
  const sourcePath = await orFinding(openSource(call.input, session.cwd), early, call.input);
  if (!leavesTheRest(early)) throw refusal(early);
  const destination = await destinationOf(session, layers.flags, sourcePath ?? resolve(session.cwd, call.input));
  const toolchain = await orFinding(findToolchain(session, preferredEncoder(layers, destination)), early, '');
  const examined =
    sourcePath && toolchain
      ? await orFinding(examine(call.input, sourcePath, toolchain, signal), early, call.input)
      : undefined;
  if (!sourcePath || !toolchain || !examined) {
    throw refusal([...early, ...(await findingsWithoutSource(layers, destination))]);
  }
  const { media, sourceStamp } = examined;
  const stream = mainVideo(media);
  const look = lookWith(toolchain, signal);
  const asked = foldRequest(layers, undefined).values;
  const analyses = stream ? await analysePicture(media, stream, asked, look) : {};
  const subtitles = await readSubtitleFile(session, asked, toolchain.ffprobe.path, signal);
  // A copied picture is what it was: the platform's rules judge the source's.
  const source =
    layers.platform && asked.codec === 'copy'
      ? await measureDelivery(media, layers.platform, toolchain, signal)
      : undefined;
  signal.throwIfAborted();
  const depends: DecisionInput = {
    media,
    layers,
    destination,
    encoders: toolchain.encoders,
    analyses,
    subtitleFile: subtitles.file,
    threads: options.threads,
    now: momentNow(),
    source,
  };
  const decideAll = (input: DecisionInput) => decideSound(input, decide(input), look);
  const decision = await belowMaximum(depends, await decideAll(depends), decideAll, toolchain, signal);
  const { resolved, layered, verdicts, facts, issues: decided } = decision;
  const { values } = layered;
  const issues: Issue[] = [
    ...early,
    ...subtitles.issues,
    ...(await sourceIssues(media, values.tolerateErrors === true)),
    ...decided,
    ...verdictsToIssues(verdicts),
    ...(await checkHardware(values.hw, toolchain, layered, signal)),
    ...(resolved ? await destinationIssues(resolved, values) : []),
    ...(resolved ? await sideFileIssues({ session, call, values, sourcePath, destination: resolved.destination }) : []),
  ];
  const blocked = issues.some((issue) => issue.severity === 'error');
  const sizeLimits = sizeLimitsOf(layers.platform, values.allow ?? []);
  if (resolved && !blocked) {
    const estimatedBytes = estimateBytes(resolved, media);
    issues.push(...expectedSizeIssues(sizeLimits, estimatedBytes), ...(await diskIssues(resolved, estimatedBytes)));
    issues.push(...(await sizeFloorIssues(resolved, media, toolchain, signal)));
  }
  const plannable = !issues.some((issue) => issue.severity === 'error');
  const plan = resolved && plannable ? { ...buildPlan(resolved, media, issues), sizeLimits } : undefined;
  const lacking = plan ? toolchainIssues(plan, toolchain) : [];
  return {
    input: call.input,
    sourcePath,
    sourceStamp,
    media,
    toolchain,
    layered,
    values,
    resolved,
    plan: lacking.length > 0 ? undefined : plan,
    issues: [...issues, ...lacking],
    verdicts,
    platform: layers.platform,
    facts,
  };
}
