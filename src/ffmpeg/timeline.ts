/** ffmpeg's `-dts_delta_threshold`, seconds. */
const JUMP_SEC = 10;
/** A step back by more than this is a new recording. */
const BACK_SEC = 0.1;

/**
 * Lays a recording whose timestamps jump (a transport stream joined byte by byte) on one time line, by the rule
 * of ffmpeg's own reader (`ts_discontinuity_process` in ffmpeg.c): a packet that comes 10 s too late or too
 * early, or that steps back, moves everything from there on so that it follows what came before.
 */
export function timelineJoiner(jumps: boolean): (stream: number, dtsSec: number, durationSec: number) => number {
  const nextDts = new Map<number, number>();
  const lastDts = new Map<number, number>();
  let latest: number | undefined;
  let offset = 0;
  return (stream, dtsSec, durationSec) => {
    const expected = nextDts.get(stream) ?? latest;
    if (jumps && expected !== undefined) {
      const delta = dtsSec + offset - expected;
      const last = lastDts.get(stream);
      if (Math.abs(delta) > JUMP_SEC || (last !== undefined && dtsSec + offset + BACK_SEC < last)) offset -= delta;
    }
    const dts = dtsSec + offset;
    lastDts.set(stream, dts);
    nextDts.set(stream, dts + durationSec);
    latest = dts;
    return offset;
  };
}

/** Pictures arrive in decoding order; no codec moves one further than this. */
const REORDER_WINDOW = 64;

/** Measures the distances between pictures in presentation order without keeping a film's worth of times. */
export function stepMeter(): { add(sec: number): void; end(): { minSec: number; maxSec: number; lastSec: number } } {
  const window: number[] = [];
  let previous: number | undefined;
  let minSec = Number.POSITIVE_INFINITY;
  let maxSec = 0;
  let lastSec = 0;
  const release = (): void => {
    const next = window.shift();
    if (next === undefined) return;
    if (previous !== undefined) {
      lastSec = next - previous;
      minSec = Math.min(minSec, lastSec);
      maxSec = Math.max(maxSec, lastSec);
    }
    previous = next;
  };
  return {
    add: (sec) => {
      let at = window.length;
      while (at > 0 && (window[at - 1] ?? 0) > sec) at--;
      window.splice(at, 0, sec);
      if (window.length > REORDER_WINDOW) release();
    },
    end: () => {
      while (window.length > 0) release();
      return { minSec: Number.isFinite(minSec) ? minSec : 0, maxSec, lastSec };
    },
  };
}
