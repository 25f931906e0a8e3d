import { randomUUID } from 'node:crypto';
import { availableParallelism, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { measureQuality } from '../engine/measure-quality.ts';
import type { Ports, SourceStamp, WorkspacePort } from '../engine/ports.ts';
import { sameStamp, sourceChanged } from '../engine/same-source.ts';
import { sourceTroubles } from '../engine/source-troubles.ts';
import { takePictures } from '../engine/take-pictures.ts';
import { readPacketSizes } from '../ffmpeg/packet-sizes.ts';
import { probeMedia } from '../ffmpeg/probe.ts';
import { checkSideFiles } from '../files/side-files.ts';
import { openSource } from '../files/source-file.ts';
import { stampFile } from '../files/stamp.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { Film } from '../model/media.ts';
import type { FfmpegProgress } from '../model/process.ts';
import type { ComparisonResult } from '../model/quality.ts';
import { valueOf } from '../model/rational.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { formatTime } from '../model/units.ts';
import { planComparison } from '../plan/compare.ts';
import { qualityArgs, vmafFor } from '../plan/quality-graph.ts';
import { mainVideo } from '../plan/resolve.ts';
import { comparisonReport } from '../report/comparison-report.ts';
import type { Session } from './call.ts';
import { comparisonResult, type Measured } from './comparison-result.ts';
import { madeBy } from './export-page.ts';
import { errorFrom } from './outcome.ts';
import { realPorts } from './ports.ts';
import { reportFile, stageFiles } from './side-files.ts';
import { sourceIssues } from './source-issues.ts';
import { findToolchain } from './toolchain.ts';
import { toolchainIssues } from './toolchain-issues.ts';
import { orFinding } from './unsourced.ts';

/** Paths as typed. */
export interface CompareCall {
  readonly reference: string;
  readonly distorted: string;
  /** Where a page goes, if one is wanted, and whether it may replace one. */
  readonly report?: string | undefined;
  readonly overwrite?: boolean;
}

/** Hears how far the comparison is: the share that is done, 0–1, where it is known. */
export type CompareWatcher = (share: number | undefined, figures: FfmpegProgress) => void;

/** A film as it was before its first byte was read. */
interface Opened extends Film {
  readonly stamp: SourceStamp;
}

interface Comparing {
  readonly films: readonly [Opened, Opened];
  readonly toolchain: Toolchain;
  readonly ports: Ports;
  readonly workspace: WorkspacePort;
  readonly signal: AbortSignal;
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

/** The page must not cost anybody a film, or another page. */
async function pageIssues({ cwd, configPath }: Session, call: CompareCall): Promise<readonly Issue[]> {
  if (call.report === undefined) return [];
  return checkSideFiles(
    [reportFile(resolve(cwd, call.report), call.overwrite === true)],
    [
      { name: 'the reference', path: resolve(cwd, call.reference) },
      { name: 'the distorted film', path: resolve(cwd, call.distorted) },
      ...(configPath === undefined ? [] : [{ name: 'the configuration', path: configPath }]),
    ],
  );
}

/** Decode errors make figures of something else than the two films: which one has them is found out where there are some. */
async function damaged({ films, ports, signal }: Comparing): Promise<SgError | undefined> {
  for (const { media } of films) {
    const [complaint] = await ports.decode(media.path, [{}], signal);
    if (complaint === undefined) continue;
    const atSec = await ports.damageTimes(media.path, media.scan?.startsOnKeyframe === false, signal);
    const times = atSec.length > 0 ? ` near ${atSec.map(formatTime).join(', ')}` : '';
    return new SgError('ENCODE', `${media.path} has decode errors${times}: ${complaint}`, {
      hint: 'get a whole copy: damaged pictures cannot be compared',
    });
  }
  return undefined;
}

/** Pictures in the file itself, which may be more or fewer than are compared: by its header, a scan, or a count of its packets. */
const picturesIn = async ({ media, stream }: Film, { ports, signal }: Comparing): Promise<number | undefined> =>
  stream.frames ?? media.scan?.videoPackets ?? (await ports.countFrames(media.path, 'packets', signal));

async function measure(comparing: Comparing, watcher: CompareWatcher): Promise<Measured> {
  const { films, toolchain, ports, workspace, signal } = comparing;
  const [reference, distorted] = films;
  const planned = planComparison(reference, distorted);
  const vmaf = vmafFor(planned.size, toolchain.filters, availableParallelism());
  const args = qualityArgs(planned.comparison, planned.distorted, vmaf);
  const lacking = errorOfIssues(toolchainIssues({ steps: [{ args }] }, toolchain));
  if (lacking) throw lacking;
  const troubles = sourceTroubles(films.some(({ media }) => media.scan?.startsOnKeyframe === false));
  const lengthSec = Math.max(...films.map(({ media, stream }) => stream.durationSec ?? media.durationSec ?? 0));
  let outTimeSec = 0;
  const quality = await measureQuality(planned.comparison, planned.distorted, workspace, ports, signal, {
    vmaf,
    onProgress: (figures) => {
      outTimeSec = figures.outTimeSec ?? outTimeSec;
      watcher(lengthSec > 0 ? Math.min(1, outTimeSec / lengthSec) : undefined, figures);
    },
    onLine: (line) => troubles.hear(line),
  });
  const damage = troubles.count() > 0 ? await damaged(comparing) : undefined;
  if (damage) throw damage;
  const ownFrames = [await picturesIn(reference, comparing), await picturesIn(distorted, comparing)] as const;
  return { reference, distorted, planned, quality, ownFrames, vmaf, toolchain };
}

async function pageOf(comparing: Comparing, measured: Measured, result: ComparisonResult): Promise<string> {
  const { toolchain, ports, workspace, signal } = comparing;
  const { planned, quality, distorted, vmaf } = measured;
  const frames = result.worst.map(({ frame }) => frame);
  return comparisonReport({
    result,
    quality,
    pairs: await takePictures(frames, planned.comparison, planned.distorted, workspace, ports, signal),
    packets: await readPacketSizes(toolchain.ffprobe.path, distorted.media.path, `${distorted.stream.index}`, signal),
    lengthSec: quality.pictures.length / valueOf(planned.comparison.rate),
    made: madeBy(toolchain, vmaf?.model),
  });
}

async function expectSameFilms({ films }: Comparing): Promise<void> {
  for (const { media, stamp } of films) {
    const now = await stampFile(media.path).catch(() => undefined);
    if (!sameStamp(stamp, now)) throw sourceChanged(media.path);
  }
}

async function compare(comparing: Comparing, page: string | undefined, watcher: CompareWatcher) {
  const measured = await measure(comparing, watcher);
  const result = comparisonResult(measured, page ?? null);
  const text = page === undefined ? undefined : await pageOf(comparing, measured, result);
  await expectSameFilms(comparing);
  if (page !== undefined) await (await stageFiles([{ path: page, text }], comparing.ports, randomUUID())).commit();
  return result;
}

/**
 * Compares two films as they are shown, picture by picture. Neither is touched; a page is written where one is wanted.
 * Throws SgError: USAGE (the page's place), INPUT, TOOLCHAIN, ENCODE (a damaged film), or what the signal was aborted with.
 */
export async function compareFilms(
  session: Session,
  call: CompareCall,
  signal: AbortSignal,
  watcher: CompareWatcher,
): Promise<ComparisonResult> {
  try {
    const toolchain = await findToolchain(session, signal);
    const issues: Issue[] = [...(await pageIssues(session, call))];
    const reference = await open(call.reference, session, toolchain, signal, issues);
    const distorted = await open(call.distorted, session, toolchain, signal, issues);
    const found = errorOfIssues(issues);
    if (found) throw found;
    if (!reference || !distorted) throw new SgError('INTERNAL', 'a film without findings was not opened');
    const ports = realPorts(toolchain);
    const workspace = await ports.openWorkspace(tmpdir(), randomUUID());
    try {
      const comparing = { films: [reference, distorted], toolchain, ports, workspace, signal } as const;
      return await compare(comparing, call.report && resolve(session.cwd, call.report), watcher);
    } finally {
      await workspace.remove();
    }
  } catch (thrown) {
    throw errorFrom(thrown, signal);
  }
}
