/** A WebVTT file as a segment of HLS (RFC 8216, 3.5). */
export interface WebvttSegment {
  /** What X-TIMESTAMP-MAP says; undefined where it is missing, which HLS reads as 0 for both. */
  readonly map: { readonly mpegtsTicks: number; readonly localSec: number } | undefined;
  /** In the file's own times, seconds. */
  readonly cues: readonly { readonly startSec: number; readonly endSec: number }[];
  readonly faults: readonly string[];
}

const TIMING = /^(\S+)[ \t]+-->[ \t]+(\S+)/;

/** `01:02:03.456` or `02:03.456`; undefined for anything else. */
function seconds(text: string): number | undefined {
  const match = /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d\.\d{3})$/.exec(text);
  return match ? Number(match[1] ?? 0) * 3600 + Number(match[2]) * 60 + Number(match[3]) : undefined;
}

export function readWebvtt(text: string): WebvttSegment {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const faults: string[] = [];
  if (!/^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '')) faults.push('it does not begin with WEBVTT');
  const cues: { startSec: number; endSec: number }[] = [];
  for (const line of lines.filter((one) => one.includes('-->'))) {
    const match = TIMING.exec(line);
    const [startSec, endSec] = [seconds(match?.[1] ?? ''), seconds(match?.[2] ?? '')];
    if (startSec === undefined || endSec === undefined)
      faults.push(`its line ${JSON.stringify(line)} is no cue's time`);
    else if (endSec <= startSec) faults.push(`a cue at ${startSec} s ends before it starts`);
    else cues.push({ startSec, endSec });
  }
  return { map: mapOf(lines, faults), cues, faults };
}

function mapOf(lines: readonly string[], faults: string[]): WebvttSegment['map'] {
  const line = lines.find((one) => one.startsWith('X-TIMESTAMP-MAP='));
  if (line === undefined) return undefined;
  const mpegts = /MPEGTS:(\d+)/.exec(line)?.[1];
  const localSec = seconds(/LOCAL:([\d:.]+)/.exec(line)?.[1] ?? '');
  if (mpegts !== undefined && localSec !== undefined) return { mpegtsTicks: Number(mpegts), localSec };
  faults.push(`its ${line} has no MPEGTS or no LOCAL`);
  return undefined;
}
