import { readFileSync } from 'node:fs';
import type { Probed } from '../support/clips.ts';
import { type ClipFacts, fraction, type ManifestClip } from '../support/manifest.ts';
import { combedShare, type Film, missingTags } from './film.ts';
import { louderDb, type Matched, soundEndSec, soundLater } from './matching.ts';
import type { Made } from './programs.ts';

/** A source: what its manifest says, and what was measured of it. */
export interface Source {
  readonly clip: ManifestClip;
  readonly facts: ClipFacts;
  readonly film: Film;
}

/** What a program made of a source. */
export interface Delivery {
  readonly film: Film;
  readonly said: string;
  readonly matched: Matched | undefined;
}

export interface Verdict {
  /** `said`: lost, and the program says so. */
  readonly kind: 'ok' | 'said' | 'wrong';
  readonly note: string;
}

const ok = (note = ''): Verdict => ({ kind: 'ok', note });
const wrong = (note: string): Verdict => ({ kind: 'wrong', note });
const judge = (right: boolean, note: string): Verdict => (right ? ok(note) : wrong(note));

export interface Property {
  readonly name: string;
  readonly applies: (source: Source) => boolean;
  /** Undefined where another fault leaves nothing to judge. */
  readonly judge: (made: Delivery, source: Source) => Verdict | undefined;
}

const always = (): boolean => true;
const streamsOf = ({ film }: { readonly film: Film }, kind: string): Probed['streams'] =>
  film.probed.streams.filter(({ codec_type }) => codec_type === kind);

/** Lost, and whether any of the words is named where the program speaks of what is left out. */
function lost(said: string, words: RegExp, note: string): Verdict {
  const lines = said.split('\n').filter((line) => /left out|dropp|skipp|not supported|ignor|cannot hold/i.test(line));
  return lines.some((line) => words.test(line)) ? { kind: 'said', note: `${note}, and says so` } : wrong(note);
}

const stepsOf = (sec: readonly number[]): readonly number[] => sec.slice(1).map((at, n) => at - (sec[n] ?? 0));
const ms = (sec: number): string => `${Math.round(sec * 1000)} ms`;
/** To the end of the last picture; where they are uneven, only the container knows how long it stays. */
const lengthSec = ({ shownSec, stream }: Film, isEven = true): number => {
  const stated = Number(stream.duration);
  if (!isEven && stated > 0) return stated;
  const [first = 0, last = 0] = [shownSec[0], shownSec.at(-1)];
  return last - first + (last - first) / Math.max(1, shownSec.length - 1);
};

function judgeFrames({ film }: Delivery, source: Source): Verdict {
  const [found, wanted] = [film.shownSec.length, source.film.shownSec.length];
  const isEven = source.facts.fps !== undefined;
  const [sec, wantedSec] = [lengthSec(film, isEven), lengthSec(source.film, isEven)];
  const whole = Math.abs(sec - wantedSec) <= 0.1;
  if (source.facts.fps === undefined)
    return judge(whole, whole ? '' : `${sec.toFixed(2)} s of ${wantedSec.toFixed(2)}`);
  if (found === wanted) return ok();
  return wrong(`${found} pictures of ${wanted}${whole ? '' : `, ${sec.toFixed(2)} s of ${wantedSec.toFixed(2)}`}`);
}

/** Pictures where the source has them in time, and even where it is even. */
function judgeCadence({ film, matched }: Delivery, source: Source): Verdict {
  const steps = stepsOf(film.shownSec);
  const uneven = Math.max(...steps) - Math.min(...steps);
  const isEven = uneven < 0.0021;
  if (source.facts.fps !== undefined) return judge(isEven, isEven ? '' : `steps differ by ${ms(uneven)}`);
  if (!matched) return wrong('no picture is found again');
  const step = lengthSec(film) / film.shownSec.length;
  const kind = isEven ? `even, ${(1 / step).toFixed(2)}/s` : 'uneven as the source';
  const right = matched.strayedSec <= Math.max(1.05 * step, 0.01);
  return judge(right, right ? kind : `${kind}, pictures ${ms(matched.strayedSec)} off`);
}

const isSmaller = ({ film }: Pick<Delivery, 'film'>, { facts }: Pick<Source, 'facts'>): boolean =>
  Number(film.stream.height) < facts.height - 2;

function judgeShape({ film, matched }: Delivery, { facts }: Source): Verdict {
  const { width, height, sample_aspect_ratio } = film.stream;
  const sar = sample_aspect_ratio && sample_aspect_ratio !== 'N/A' ? fraction(String(sample_aspect_ratio)) || 1 : 1;
  const [shownWidth, shownHeight] = [Number(width) * sar, Number(height)];
  const turned = JSON.stringify(film.stream.side_data_list ?? '').includes('rotation');
  const off = Math.abs(shownWidth / shownHeight / (facts.width / facts.height) - 1);
  if (turned) return wrong('a turn is left in the container');
  if (off > 0.01) return wrong(`shown as ${Math.round(shownWidth)}×${shownHeight}`);
  // HDR that is tone-mapped is less alike, and still pictures are not looked for.
  if (matched && matched.likeness < (facts.hdr ? 0.8 : 0.9)) return wrong('another picture is shown');
  return isSmaller({ film }, { facts }) ? wrong(`made smaller: ${width}×${height}`) : ok();
}

function judgeWoven({ film }: Delivery): Verdict {
  const flag = String(film.stream.field_order ?? 'progressive');
  const combs = combedShare(film.path);
  if (flag !== 'progressive') return wrong(`left interlaced (${flag})`);
  return judge(combs < 0.05, combs < 0.05 ? '' : `${Math.round(combs * 100)} % of the pictures are combed`);
}

function judgePlays({ film }: Delivery): Verdict {
  const { codec_name, profile, pix_fmt } = film.stream;
  const right = codec_name === 'h264' && pix_fmt === 'yuv420p' && /Baseline|Main|High$/.test(String(profile));
  return judge(right, right ? '' : `${codec_name} ${profile}, ${pix_fmt}`);
}

const STEPS_SEEN = 3;

function judgeColour(made: Delivery, source: Source): Verdict | undefined {
  const { film, matched } = made;
  // Pictures that are cut differ everywhere.
  if (judgeShape(made, source).kind !== 'ok' && !isSmaller(made, source)) return undefined;
  const missing = missingTags(film.stream).length;
  if (matched && matched.steps > STEPS_SEEN) return wrong(`${matched.steps.toFixed(1)} steps of 255 off`);
  return missing === 0 ? ok() : wrong('right where a player guesses so: not tagged');
}

function judgeHdr({ film, matched }: Delivery): Verdict {
  const { pix_fmt, color_transfer, codec_name } = film.stream;
  const isPq = ['smpte2084', 'arib-std-b67'].includes(String(color_transfer));
  if (isPq && codec_name === 'h264') return wrong(`${color_transfer} left in H.264 (${pix_fmt})`);
  if (missingTags(film.stream).length > 0) return wrong('tags lost: washed out');
  return judge((matched?.likeness ?? 0) > 0.8, isPq ? 'kept' : 'tone-mapped');
}

function judgeSound({ film }: Delivery, source: Source): Verdict {
  const [had, has] = [source.film.sounds, film.sounds];
  if (has.length < had.length) return wrong(`${has.length} of ${had.length} tracks`);
  const less = had.find(({ channels }, n) => Number(has[n]?.channels) < Number(channels));
  if (less) return wrong(`${less.channels} channels became ${has[0]?.channels}`);
  const [db, early] = [louderDb(source.film, film), soundEndSec(source.film) - soundEndSec(film)];
  if (Math.abs(db) > 1) return wrong(`${db.toFixed(1)} dB`);
  const cut = early + ((film.shownSec[0] ?? 0) - (source.film.shownSec[0] ?? 0));
  return judge(cut < 0.1, cut < 0.1 ? '' : `ends ${ms(cut)} early`);
}

/** What a viewer tolerates of sound against picture, seconds: one picture at 25/s. */
const IN_STEP_SEC = 0.04;

function judgeStep({ film, matched }: Delivery, source: Source): Verdict {
  if (film.sounds.length === 0) return wrong('no sound');
  // Where no picture moves enough to be found again, the first stands for all.
  const laterSec = matched?.laterSec ?? (film.shownSec[0] ?? 0) - (source.film.shownSec[0] ?? 0);
  const sound = soundLater(source.film, film, laterSec);
  if (sound.sure < 0.5) return wrong('the sound is not found again');
  const late = sound.sec - laterSec;
  return judge(Math.abs(late) <= IN_STEP_SEC, `sound ${late < 0 ? '−' : '+'}${ms(Math.abs(late))}`);
}

function judgeStart({ film }: Delivery): Verdict {
  const first = Math.min(film.shownSec[0] ?? Number.NaN, Number(film.probed.format.start_time));
  return judge(Math.abs(first) <= 0.05, Math.abs(first) <= 0.05 ? '' : `starts at ${first} s`);
}

function judgeCount(kind: string, wanted: (source: Source) => number, words: RegExp, found: (film: Film) => number) {
  return ({ film, said }: Delivery, source: Source): Verdict => {
    const [has, had] = [found(film), wanted(source)];
    if (has >= had) return ok();
    return lost(said, words, `${has} of ${had} ${kind}`);
  };
}

/** Covers; one that was encoded as a film of its own is none. */
const covers = (film: Film): number => film.probed.streams.filter((one) => one.codec_type === 'video').length - 1;

function judgeIndex({ film }: Delivery): Verdict {
  const bytes = readFileSync(film.path);
  const right = bytes.indexOf('moov') < bytes.indexOf('mdat');
  return judge(right, right ? '' : 'index behind the film');
}

/** What a right delivery to MP4 is; each only where the source has it. */
export const PROPERTIES: readonly Property[] = [
  { name: 'every picture, whole length', applies: always, judge: judgeFrames },
  { name: 'cadence', applies: always, judge: judgeCadence },
  { name: 'size, shape, upright', applies: always, judge: judgeShape },
  {
    name: 'square pixels',
    applies: ({ clip }) => fraction(clip.video[0]?.sample_aspect_ratio ?? '1:1') !== 1,
    judge: ({ film }) => {
      const sar = String(film.stream.sample_aspect_ratio ?? '1:1');
      return judge(sar === '1:1', sar === '1:1' ? '' : `stored as ${film.stream.width}×${film.stream.height}, ${sar}`);
    },
  },
  { name: 'no combs', applies: ({ film }) => film.stream.field_order === 'tt', judge: judgeWoven },
  { name: 'plays everywhere', applies: always, judge: judgePlays },
  { name: 'colours shown and tagged', applies: ({ facts }) => !facts.hdr, judge: judgeColour },
  { name: 'HDR', applies: ({ facts }) => facts.hdr, judge: judgeHdr },
  { name: 'sound tracks, channels, level', applies: ({ clip }) => clip.audio.length > 0, judge: judgeSound },
  { name: 'sound in step', applies: ({ clip }) => clip.audio.length > 0, judge: judgeStep },
  { name: 'starts at zero', applies: ({ clip }) => Number(clip.start_time) > 0.1, judge: judgeStart },
  {
    name: 'subtitle tracks',
    applies: ({ clip }) => clip.counts.subtitle > 0,
    judge: judgeCount(
      'tracks',
      ({ clip }) => clip.counts.subtitle,
      /subtitle/i,
      (film) => streamsOf({ film }, 'subtitle').length,
    ),
  },
  {
    name: 'chapters',
    applies: ({ clip }) => clip.counts.chapters > 0,
    judge: judgeCount(
      'chapters',
      ({ clip }) => clip.counts.chapters,
      /chapter/i,
      ({ probed }) => probed.chapters.length,
    ),
  },
  {
    name: 'cover',
    applies: ({ clip }) => clip.video.length > 1,
    judge: judgeCount('covers', ({ clip }) => clip.video.length - 1, /cover|attached_pic/i, covers),
  },
  {
    name: 'attachments',
    applies: ({ clip }) => clip.counts.attachment > 0,
    judge: judgeCount(
      'attachments',
      ({ clip }) => clip.counts.attachment,
      /attachment/i,
      (film) => streamsOf({ film }, 'attachment').length,
    ),
  },
  {
    name: 'timecode',
    applies: ({ film }) => film.stream.codec_name === 'prores',
    judge: judgeCount(
      'timecodes',
      () => 1,
      /timecode/i,
      ({ probed }) => (JSON.stringify(probed).includes('"timecode"') ? 1 : 0),
    ),
  },
  { name: 'index before the film', applies: always, judge: judgeIndex },
];

/** Exit status and file agree: for a source that is whole, and for one that is cut short. */
export function judgeExit(made: Made, film: Film | undefined, source: Source): Verdict {
  const length = film && film.shownSec.length > 0 ? `${lengthSec(film).toFixed(1)} s` : 'nothing playable';
  const left = made.path === undefined ? 'no file' : `a file, ${length}`;
  if (!source.facts.cutShort)
    return judge(made.exit === 0 && film !== undefined, made.exit === 0 ? '' : `exit ${made.exit}, ${left}`);
  const of = `of ${Number(source.clip.duration).toFixed(1)} s`;
  return judge(made.exit !== 0, `exit ${made.exit}, ${left}${made.path === undefined ? '' : ` ${of}`}`);
}
