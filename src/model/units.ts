import { nearestStandardRate, parseRational, type Rational, rational } from './rational.ts';

/** A moment in a source: seconds, plus frames where it was written as a timecode `01:00:10:12`. */
export interface TimeSpec {
  readonly sec: number;
  /** Frame count of a timecode; undefined for plain seconds. */
  readonly frames?: number;
  readonly dropFrame?: boolean;
}

const NUMBER = /^(?:\d+\.?\d*|\.\d+)$/;

/** `90`, `90.5`, `1:30`, `1:02:03.5`, `500ms`, `90s`, or a timecode `01:00:10:00` (`;` for drop-frame). */
export function parseTime(text: string): TimeSpec | undefined {
  const ms = /^(\d+(?:\.\d+)?)\s*ms$/.exec(text);
  if (ms) return { sec: Number(ms[1]) / 1000 };
  const plain = /^(\d+(?:\.\d+)?|\.\d+)\s*s?$/.exec(text);
  if (plain) return { sec: Number(plain[1]) };
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(text);
  if (clock) {
    const [h, m, s] = [Number(clock[1] ?? 0), Number(clock[2]), Number(clock[3])];
    return s < 60 && (clock[1] === undefined || m < 60) ? { sec: h * 3600 + m * 60 + s } : undefined;
  }
  const timecode = /^(\d{1,2}):(\d{2}):(\d{2})([:;])(\d{2,3})$/.exec(text);
  if (!timecode) return undefined;
  const [h, m, s, f] = [timecode[1], timecode[2], timecode[3], timecode[5]].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (m >= 60 || s >= 60) return undefined;
  return { sec: h * 3600 + m * 60 + s, frames: f, dropFrame: timecode[4] === ';' };
}

/** Frames from 00:00:00:00 to a timecode. Drop-frame skips two (four at 59.94) numbers a minute, but every tenth (SMPTE 12M). */
export function timecodeFrames(time: TimeSpec, rate: Rational): number {
  const nominal = Math.round(rate.num / rate.den);
  const frames = time.sec * nominal + (time.frames ?? 0);
  if (!time.dropFrame) return frames;
  const minutes = Math.floor(time.sec / 60);
  const dropped = nominal === 60 ? 4 : 2;
  return frames - dropped * (minutes - Math.floor(minutes / 10));
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  k: 1e3,
  kib: 1024,
  '': 1e6,
  mb: 1e6,
  m: 1e6,
  mib: 1024 ** 2,
  gb: 1e9,
  g: 1e9,
  gib: 1024 ** 3,
  tb: 1e12,
};

/** `25` and `25MB` are 25,000,000 bytes; `25MiB` 26,214,400; `1.5GB`. Returns bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^([\d.]+)\s*([a-z]*)$/i.exec(text);
  const unit = SIZE_UNITS[(match?.[2] ?? '?').toLowerCase()];
  if (!match || unit === undefined || !NUMBER.test(match[1] ?? '')) return undefined;
  return Math.floor(Number(match[1]) * unit);
}

/** `4000`, `4000k`, `4M`, `4.5Mbps`. Returns kbps. */
export function parseBitrate(text: string): number | undefined {
  const match = /^([\d.]+)\s*(k|m|kbps|mbps|kbit\/s|mbit\/s)?$/i.exec(text);
  if (!match || !NUMBER.test(match[1] ?? '')) return undefined;
  return Number(match[1]) * (/^m/i.test(match[2] ?? '') ? 1000 : 1);
}

/** `30`, `30000/1001`, and `23.976`, `29.97`, `59.94` as their exact rationals. */
export function parseFrameRate(text: string): Rational | undefined {
  const fraction = parseRational(text);
  if (fraction) return fraction;
  if (!NUMBER.test(text) || Number(text) <= 0) return undefined;
  const value = Number(text);
  if (Number.isInteger(value)) return rational(value);
  return nearestStandardRate(value, 0.0003) ?? rational(Math.round(value * 1000), 1000);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;
  if (bytes < 1e12) return `${(bytes / 1e9).toFixed(2)} GB`;
  return `${(bytes / 1e12).toFixed(2)} TB`;
}

/** MB (1,000,000 bytes) as JSON tells them: hundredths, and of what is smaller than one, ten-thousandths. */
export function megabytes(bytes: number): number {
  const digits = bytes < 1e6 ? 4 : 2;
  return Math.round((bytes / 1e6) * 10 ** digits) / 10 ** digits;
}

/** `1:02:03.5`, `0:07.54`. */
export function formatTime(sec: number): string {
  const hundredths = Math.round(sec * 100);
  const [h, m, rest] = [
    Math.floor(hundredths / 360000),
    Math.floor((hundredths % 360000) / 6000),
    (hundredths % 6000) / 100,
  ];
  const s = Number.isInteger(rest) ? String(rest).padStart(2, '0') : rest.toFixed(2).padStart(5, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}
