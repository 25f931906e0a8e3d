import { SgError } from '../model/errors.ts';
import type { PacketScan } from '../model/media.ts';
import { type Rational, valueOf } from '../model/rational.ts';
import { runTool } from './spawn.ts';
import { stepMeter, timelineJoiner } from './timeline.ts';

/** What a scan found of one stream, seconds on the joined time line. */
export interface ScannedStream {
  readonly packets: number;
  readonly startSec: number;
  readonly endSec: number;
}

export interface ScanResult {
  readonly scan: PacketScan;
  readonly streams: ReadonlyMap<number, ScannedStream>;
}

/** What must be known of a file to understand its packets. */
export interface PacketContext {
  /** Index of the film stream in the file. */
  readonly videoIndex: number;
  /** Used where packets carry neither times nor durations, such as bare H.264. */
  readonly frameRate: Rational | undefined;
  /** Time base by stream index: the demuxer's complaints count in ticks. */
  readonly timeBases: ReadonlyMap<number, Rational>;
  /** Timestamps may jump, and ffmpeg closes the gaps. */
  readonly jumps: boolean;
}

export interface ScanRequest extends PacketContext {
  readonly ffprobe: string;
  /** Arguments that open the file. */
  readonly input: readonly string[];
  readonly path: string;
  readonly signal?: AbortSignal;
}

export interface Packet {
  readonly stream: number;
  readonly type: string;
  readonly ptsSec: number | undefined;
  readonly dtsSec: number | undefined;
  readonly durationSec: number | undefined;
  /** Undefined where its size was not asked for. */
  readonly bytes: number | undefined;
  readonly key: boolean;
  readonly discard: boolean;
  readonly corrupt: boolean;
}

const FIELDS = 'packet=codec_type,stream_index,pts_time,dts_time,duration_time,flags';

/**
 * Reads every packet's header through ffprobe, line by line: memory stays small for any length of film.
 * Packets that an edit list discards do not count. Throws SgError INPUT when ffprobe fails, and the signal's
 * reason on abort.
 */
export async function scanPackets(request: ScanRequest): Promise<ScanResult> {
  const collector = new PacketCollector(request);
  const result = await runTool({
    program: request.ffprobe,
    args: ['-v', 'warning', ...request.input, '-show_entries', FIELDS, '-of', 'compact=p=0:nk=0'],
    signal: request.signal,
    onLine: (line) => {
      const packet = parsePacket(line);
      if (packet) collector.add(packet);
    },
    onErrorLine: (line) => collector.complaint(line),
  });
  request.signal?.throwIfAborted();
  const scanned = collector.result();
  if (result.outcome === 'exited' && scanned.scan.videoPackets > 0) return scanned;
  throw new SgError('INPUT', `cannot read the packets of ${request.path}`, {
    hint: result.reason ?? result.stderr.split('\n').at(-1) ?? '',
  });
}

/** The same for packets that are at hand, in the order of the file. */
export function scanOf(packets: readonly Packet[], context: PacketContext): ScanResult {
  const collector = new PacketCollector(context);
  for (const packet of packets) collector.add(packet);
  return collector.result();
}

/** One line such as `codec_type=video|stream_index=0|pts_time=1.4|…|flags=K_`; undefined for anything else. */
export function parsePacket(line: string): Packet | undefined {
  const fields = new Map<string, string>();
  for (const part of line.split('|')) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals);
    if (equals > 0 && !fields.has(key)) fields.set(key, part.slice(equals + 1));
  }
  const seconds = (key: string): number | undefined => {
    const value = Number.parseFloat(fields.get(key) ?? '');
    return Number.isFinite(value) ? value : undefined;
  };
  const stream = seconds('stream_index');
  if (stream === undefined) return undefined;
  const flags = fields.get('flags') ?? '';
  return {
    stream,
    type: fields.get('codec_type') ?? '',
    ptsSec: seconds('pts_time'),
    dtsSec: seconds('dts_time'),
    durationSec: seconds('duration_time'),
    bytes: seconds('size'),
    key: flags.includes('K'),
    discard: flags.includes('D'),
    corrupt: flags.includes('C'),
  };
}

/** A complaint this near to a join is about the join. */
const SEAM_SEC = 0.25;

/** Sums of decimal fractions are no longer round: ffprobe's own precision is a microsecond. */
export const toMicro = (sec: number): number => Math.round(sec * 1e6) / 1e6;

class PacketCollector {
  readonly #request: PacketContext;
  readonly #offsetAt: (stream: number, dtsSec: number, durationSec: number) => number;
  readonly #steps = stepMeter();
  readonly #streams = new Map<number, { packets: number; startSec: number; endSec: number }>();
  readonly #corrupt = new Set<number>();
  readonly #lastDts = new Map<number, number>();
  /** Where recordings were joined: the last decoding times before, as stored and as laid on the time line. */
  readonly #seams: number[] = [];
  #offset = 0;
  readonly #frameSec: number;
  #firstKeyframeSec: number | undefined;
  #startsOnKeyframe = false;
  /** Length of the last film packets that state one; bare streams state none. */
  #statedDuration = false;
  #lastVideoSec = 0;
  #endSec = Number.NEGATIVE_INFINITY;

  constructor(request: PacketContext) {
    this.#request = request;
    this.#offsetAt = timelineJoiner(request.jumps);
    this.#frameSec = request.frameRate ? 1 / valueOf(request.frameRate) : 0;
  }

  add(packet: Packet): void {
    if (packet.discard || (packet.type !== 'video' && packet.type !== 'audio')) return;
    const film = packet.stream === this.#request.videoIndex;
    // Cover pictures and second films say nothing about this one.
    if (packet.type === 'video' && !film) return;
    const known = this.#streams.get(packet.stream);
    const durationSec = packet.durationSec ?? (film ? this.#frameSec : 0);
    const dtsSec = packet.dtsSec ?? packet.ptsSec;
    const offset = this.#place(packet.stream, dtsSec, durationSec);
    const statedSec = packet.ptsSec ?? packet.dtsSec;
    // Without any time, pictures follow each other at the stream's rate.
    const sec = statedSec === undefined ? (known?.packets ?? 0) * durationSec : statedSec + offset;
    const stream = known ?? { packets: 0, startSec: sec, endSec: sec };
    stream.packets++;
    stream.startSec = Math.min(stream.startSec, sec);
    stream.endSec = Math.max(stream.endSec, sec + durationSec);
    this.#streams.set(packet.stream, stream);
    this.#endSec = Math.max(this.#endSec, sec + durationSec);
    if (packet.corrupt) this.#corrupt.add(sec);
    if (film) this.#addPicture(packet, sec, stream.packets === 1);
  }

  #place(stream: number, dtsSec: number | undefined, durationSec: number): number {
    if (dtsSec === undefined) return this.#offset;
    const offset = this.#offsetAt(stream, dtsSec, durationSec);
    if (offset !== this.#offset) {
      for (const last of this.#lastDts.values()) this.#seams.push(last, last + this.#offset);
    }
    this.#offset = offset;
    this.#lastDts.set(stream, dtsSec);
    return offset;
  }

  /** The counters of a transport stream break where two are joined: the packet before is whole all the same. */
  #atSeam(sec: number): boolean {
    return this.#seams.some((seam) => Math.abs(seam - sec) < SEAM_SEC);
  }

  /** Before 6.0 ffprobe shows no corrupt flag, but the demuxer says so: `Packet corrupt (stream = 0, dts = 126000).` */
  complaint(line: string): void {
    const [, stream, dts] = /Packet corrupt \(stream = (\d+), dts = (\d+)\)/.exec(line) ?? [];
    const timeBase = this.#request.timeBases.get(Number(stream));
    if (dts !== undefined && timeBase) this.#corrupt.add(Number(dts) * valueOf(timeBase));
  }

  #addPicture(packet: Packet, sec: number, first: boolean): void {
    if (first) this.#startsOnKeyframe = packet.key;
    if (packet.key) this.#firstKeyframeSec ??= sec;
    this.#statedDuration ||= packet.durationSec !== undefined;
    this.#lastVideoSec = Math.max(this.#lastVideoSec, sec);
    this.#steps.add(sec);
  }

  result(): ScanResult {
    const steps = this.#steps.end();
    const video = this.#streams.get(this.#request.videoIndex) ?? { packets: 0, startSec: 0, endSec: 0 };
    // Without stated lengths the last picture is taken to last as long as the one before it.
    const lastVideoEndSec = this.#statedDuration
      ? video.endSec
      : Math.max(video.endSec, this.#lastVideoSec + steps.lastSec);
    const scan: PacketScan = {
      videoPackets: video.packets,
      firstVideoSec: toMicro(video.startSec),
      lastVideoEndSec: toMicro(lastVideoEndSec),
      endSec: toMicro(Math.max(lastVideoEndSec, Number.isFinite(this.#endSec) ? this.#endSec : 0)),
      firstKeyframeSec: this.#firstKeyframeSec === undefined ? undefined : toMicro(this.#firstKeyframeSec),
      startsOnKeyframe: this.#startsOnKeyframe,
      minStepSec: toMicro(steps.minSec),
      maxStepSec: toMicro(steps.maxSec),
      corruptSec: [...this.#corrupt]
        .filter((sec) => !this.#atSeam(sec))
        .sort((a, b) => a - b)
        .map(toMicro),
    };
    return { scan, streams: this.#streams };
  }
}
