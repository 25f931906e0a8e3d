/** One line of subtitles. Times in milliseconds from the film's first picture. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** What stands behind its times: `line:0 align:start`. */
  readonly settings: string;
  readonly text: string;
}

const TIMES = /^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t]*(.*)$/;

function msOf([hours, minutes, seconds, ms]: readonly (string | undefined)[]): number {
  return ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms);
}

/** The lines of a WebVTT file; styles, regions and notes are left out. */
export function readCues(text: string): readonly Cue[] {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .flatMap((block) => {
      const lines = block.split('\n');
      const at = lines.findIndex((line) => TIMES.test(line));
      const match = TIMES.exec(lines[at] ?? '');
      if (!match) return [];
      const words = lines
        .slice(at + 1)
        .join('\n')
        .trim();
      const [startMs, endMs] = [msOf(match.slice(1, 5)), msOf(match.slice(5, 9))];
      return words === '' || endMs <= startMs ? [] : [{ startMs, endMs, settings: match[9] ?? '', text: words }];
    });
}

/** The cues of a part of the source, on the part's own time line. Milliseconds. */
export function cuesOfPart(cues: readonly Cue[], fromMs: number, lengthMs: number): readonly Cue[] {
  return cues.flatMap((cue) => {
    const startMs = Math.max(0, Math.round(cue.startMs - fromMs));
    const endMs = Math.min(Math.round(lengthMs), Math.round(cue.endMs - fromMs));
    return endMs > startMs ? [{ ...cue, startMs, endMs }] : [];
  });
}

function timeText(ms: number): string {
  const pad = (n: number, digits = 2) => String(n).padStart(digits, '0');
  const sec = Math.floor(ms / 1000);
  return `${pad(Math.floor(sec / 3600))}:${pad(Math.floor(sec / 60) % 60)}:${pad(sec % 60)}.${pad(ms % 1000, 3)}`;
}

function cueText({ startMs, endMs, settings, text }: Cue): string {
  return `${timeText(startMs)} --> ${timeText(endMs)}${settings === '' ? '' : ` ${settings}`}\n${text}\n`;
}

/** A WebVTT file. `mpegTicks`: in a segment, where its zero lies on the clock of 90 kHz that picture and sound have. */
export function webvttText(cues: readonly Cue[], mpegTicks?: number): string {
  const map = mpegTicks === undefined ? '' : `X-TIMESTAMP-MAP=MPEGTS:${mpegTicks},LOCAL:00:00:00.000\n`;
  return `${[`WEBVTT\n${map}`, ...cues.map(cueText)].join('\n')}`;
}

/** What is shown between two moments: a line that goes on beyond them stands in each segment in full. */
export const cuesBetween = (cues: readonly Cue[], fromMs: number, toMs: number): readonly Cue[] =>
  cues.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs);
