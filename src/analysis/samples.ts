import type { SampleFinding } from '../model/analyses.ts';
import { SgError } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { areWhole, type Part } from '../plan/sample-parts.ts';
import { SAMPLE_PACKETS, SOUND_PACKETS, sampleCommands, soundSampleCommand, withSound } from '../plan/samples.ts';

/** A scratch folder in which samples are encoded. */
export interface SampleBench {
  /** Runs ffmpeg there. Throws SgError where it fails. */
  readonly run: (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<SampleRun>;
  readonly readText: (name: string) => Promise<string>;
}

export interface SampleRun {
  readonly elapsedSec: number;
  /** Of all threads. */
  readonly processorSec: number | undefined;
  /** When the first pictures had come out, and how many they were: before that, files are opened and look-aheads filled. */
  readonly first: { readonly atSec: number; readonly frames: number } | undefined;
}

/** One packet: seconds on the output's time line, bytes. */
interface SamplePacket {
  readonly atSec: number;
  readonly bytes: number;
}

const LINE = /^0,\s*(-?\d+),\s*(-?\d+),\s*-?\d+,\s*(\d+),/;

/** Reads the lines of ffmpeg's framecrc: `stream, dts, pts, duration, size, checksum`. */
export function parsePackets(text: string): readonly SamplePacket[] {
  const [, num = '1', den = '1'] = /^#tb 0: (\d+)\/(\d+)/m.exec(text) ?? [];
  const tick = Number(num) / Number(den);
  return text.split('\n').flatMap((line) => {
    const [, , pts, bytes] = LINE.exec(line) ?? [];
    return pts === undefined || bytes === undefined ? [] : [{ atSec: Number(pts) * tick, bytes: Number(bytes) }];
  });
}

/** Bytes of the parameters that stand in the container beside the packets. */
export function parseHeaderBytes(text: string): number {
  return Number(/^#extradata 0:\s*(\d+)/m.exec(text)?.[1] ?? 0);
}

const LINE_OF_ANY = /^\d+,\s*-?\d+,\s*-?\d+,\s*-?\d+,\s*(\d+),/;

/** Parts of a track that do not fit together are no reason to say nothing of the film. */
function leaveToArithmetic(error: unknown): undefined {
  if (error instanceof SgError && error.code === 'ENCODE') return undefined;
  throw error;
}

/** The sound of a whole film, which was encoded with the picture, or of parts of a longer one, encoded by itself. */
async function soundOf(
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
  bench: SampleBench,
): Promise<SampleFinding['sound']> {
  const command = soundSampleCommand(resolved, media, parts);
  if (!command && !withSound(resolved, parts)) return undefined;
  const run = command && (await bench.run(command.args, {}).catch(leaveToArithmetic));
  if (command && !run) return undefined;
  const sizes = (await bench.readText(SOUND_PACKETS))
    .split('\n')
    .flatMap((line) => LINE_OF_ANY.exec(line)?.[1] ?? [])
    .map(Number);
  const sec = command?.sec ?? resolved.timeline.durationSec;
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { bytes, packets: sizes.length, sec, spentSec: run?.elapsedSec ?? 0 };
}

/** The packets by the part that they belong to. */
function byPart(
  packets: readonly SamplePacket[],
  parts: readonly Part[],
): readonly { bytes: number; frames: number }[] {
  const found = parts.map(() => ({ bytes: 0, frames: 0 }));
  let endSec = 0;
  const ends = parts.map(({ durationSec }) => {
    endSec += durationSec;
    return endSec;
  });
  for (const { atSec, bytes } of packets) {
    const at = ends.findIndex((end) => atSec < end - 0.001);
    const part = found[at < 0 ? found.length - 1 : at];
    if (!part) continue;
    part.bytes += bytes;
    part.frames += 1;
  }
  return found;
}

/** Seconds that a frame takes in all passes, without what a process takes to begin. */
function secPerFrame(runs: readonly SampleRun[], frames: number): number {
  return runs.reduce((sum, { elapsedSec, first }) => {
    const steady = first && frames - first.frames >= frames / 2;
    return sum + (steady ? (elapsedSec - first.atSec) / (frames - first.frames) : elapsedSec / Math.max(1, frames));
  }, 0);
}

function processorSecOf(runs: readonly SampleRun[]): Pick<SampleFinding, 'processorSec'> {
  const known = runs.flatMap(({ processorSec }) => processorSec ?? []);
  return known.length === runs.length ? { processorSec: known.reduce((sum, sec) => sum + sec, 0) } : {};
}

/** Encodes parts of the film with the export's own settings and filters. Throws SgError ENCODE where that fails. */
export async function encodeSamples(
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
  env: Readonly<Record<string, string>>,
  bench: SampleBench,
): Promise<SampleFinding> {
  const runs: SampleRun[] = [];
  for (const args of sampleCommands(resolved, media, parts)) runs.push(await bench.run(args, env));
  const packets = await bench.readText(SAMPLE_PACKETS);
  const found = byPart(parsePackets(packets), parts);
  const frames = found.reduce((sum, part) => sum + part.frames, 0);
  const sound = await soundOf(resolved, media, parts, bench);
  return {
    whole: areWhole(parts, resolved),
    parts: parts.map(({ fromSec, durationSec }, n) => ({
      fromSec,
      durationSec,
      ...(found[n] ?? { bytes: 0, frames: 0 }),
    })),
    headerBytes: parseHeaderBytes(packets),
    ...(sound ? { sound } : {}),
    ...processorSecOf(runs),
    secPerFrame: secPerFrame(runs, frames),
    startSec: runs.reduce((sum, { first }) => sum + (first?.atSec ?? 0), 0),
    spentSec: runs.reduce((sum, { elapsedSec }) => sum + elapsedSec, 0) + (sound?.spentSec ?? 0),
  };
}
