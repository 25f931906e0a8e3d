import { SgError } from '../model/errors.ts';
import { sourceInput } from './probe.ts';
import { type Packet, parsePacket, toMicro } from './scan.ts';
import { runTool } from './spawn.ts';
import { stepMeter } from './timeline.ts';

/** What the packets of one stream add up to; times in seconds. */
interface StreamPackets {
  readonly packets: number;
  readonly bytes: number;
  /** From the first packet's start to the last one's end. */
  readonly spanSec: number;
}

/** What every packet of a finished file says, beyond what headers do. */
export interface PacketFacts {
  readonly video: VideoPackets | undefined;
  /** The first audio stream. */
  readonly audio: StreamPackets | undefined;
}

export interface VideoPackets extends StreamPackets {
  readonly keyframes: number;
  /** Longest distance from one keyframe to the next, or to the end. */
  readonly longestGopSec: number | undefined;
  /** Undefined, as all that follows, where packets do not say when they are shown. */
  readonly minStepSec: number | undefined;
  readonly maxStepSec: number | undefined;
  /** Pictures a second, from the first picture to the last. */
  readonly frameRate: number | undefined;
  /** Pictures that come after a keyframe in the file and before it on the screen: they may need the GOP before. */
  readonly leadingPictures: number | undefined;
  /** Most pictures in a row that are shown before one that precedes them in the file. */
  readonly maxBFrames: number | undefined;
}

const FIELDS = 'packet=codec_type,stream_index,pts_time,dts_time,duration_time,size,flags';

/**
 * Reads every packet's header of a finished file, line by line. Packets that an edit list discards do not count.
 * Throws SgError INPUT when ffprobe fails, and the signal's reason on abort.
 */
export async function readPacketFacts(
  ffprobe: string,
  file: string,
  streams: { readonly video: number; readonly audio: number | undefined },
  signal?: AbortSignal,
): Promise<PacketFacts> {
  const video = videoMeter();
  const audio = streamMeter();
  const result = await runTool({
    program: ffprobe,
    args: ['-v', 'error', ...sourceInput(file), '-show_entries', FIELDS, '-of', 'compact=p=0:nk=0'],
    signal,
    onLine: (line) => {
      const packet = parsePacket(line);
      if (!packet || packet.discard) return;
      if (packet.stream === streams.video) video.add(packet);
      else if (packet.stream === streams.audio) audio.add(packet);
    },
  });
  signal?.throwIfAborted();
  if (result.outcome !== 'exited') throw new SgError('INPUT', `cannot read the packets of ${file}`);
  return { video: video.end(), audio: audio.end() };
}

function streamMeter() {
  let [packets, bytes, firstSec, endSec] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add: (packet: Packet): void => {
      packets++;
      bytes += packet.bytes ?? 0;
      const sec = packet.ptsSec ?? packet.dtsSec;
      if (sec === undefined) return;
      firstSec = Math.min(firstSec, sec);
      endSec = Math.max(endSec, sec + (packet.durationSec ?? 0));
    },
    end: (): StreamPackets | undefined =>
      packets === 0 ? undefined : { packets, bytes, spanSec: toMicro(Math.max(0, endSec - firstSec) || 0) },
  };
}

/** The film's packets, in the order of the file: that is the order of decoding. */
export function videoMeter() {
  const all = streamMeter();
  const steps = stepMeter();
  const shown = { firstSec: Number.POSITIVE_INFINITY, lastSec: Number.NEGATIVE_INFINITY, endSec: 0 };
  let [timed, keyframes, leading, run, longestRun, longestGop] = [true, 0, 0, 0, 0, 0];
  let keySec: number | undefined;

  const addTimed = (packet: Packet, sec: number): void => {
    steps.add(sec);
    // What is shown after everything before it is an anchor; what is shown earlier was sent late on purpose: a B-frame.
    run = sec < shown.lastSec ? run + 1 : 0;
    longestRun = Math.max(longestRun, run);
    if (packet.key) {
      longestGop = keySec === undefined ? 0 : Math.max(longestGop, sec - keySec);
      keySec = sec;
    } else if (keySec !== undefined && sec < keySec) leading++;
    shown.firstSec = Math.min(shown.firstSec, sec);
    shown.lastSec = Math.max(shown.lastSec, sec);
    shown.endSec = Math.max(shown.endSec, sec + (packet.durationSec ?? 0));
  };

  return {
    add: (packet: Packet): void => {
      all.add(packet);
      if (packet.key) keyframes++;
      if (packet.ptsSec === undefined) timed = false;
      else addTimed(packet, packet.ptsSec);
    },
    end: (): VideoPackets | undefined => {
      const whole = all.end();
      if (!whole) return undefined;
      const { minSec, maxSec, lastSec } = steps.end();
      // Not every container states how long the last picture lasts.
      const endSec = Math.max(shown.endSec, shown.lastSec + lastSec);
      const known = <T>(value: T): T | undefined => (timed ? value : undefined);
      const steady = timed && whole.packets > 1 && shown.lastSec > shown.firstSec;
      return {
        ...whole,
        keyframes,
        longestGopSec: known(keySec === undefined ? whole.spanSec : toMicro(Math.max(longestGop, endSec - keySec))),
        minStepSec: known(toMicro(minSec)),
        maxStepSec: known(toMicro(maxSec)),
        frameRate: steady ? (whole.packets - 1) / (shown.lastSec - shown.firstSec) : undefined,
        leadingPictures: known(leading),
        maxBFrames: known(longestRun),
      };
    },
  };
}
