/**
 * Films of one process that have the same sound need it encoded once: ffmpeg's tee muxer hands what one encoder made to several files.
 * The files are, byte for byte, those of encoders of their own (5.1.9 and 7.0.2; tests compare them), and three 4 s films with 5.1 sound took
 * 2.36 processor seconds in place of 3.23. https://ffmpeg.org/ffmpeg-formats.html#tee
 */

type Option = readonly [name: string, value: string];

/** An output of picture and sound, in the parts that stay apart when it is one of several. */
interface Film {
  readonly picture: readonly Option[];
  readonly sound: readonly Option[];
  /** What is said of the whole file. */
  readonly whole: readonly Option[];
  readonly muxer: readonly Option[];
  readonly file: string;
}

/** Options of muxers, which tee takes for each file by itself. */
const MUXER = ['-f', '-movflags', '-use_editlist', '-cues_to_front', '-video_track_timescale', '-write_tmcd'];
/** What tee hands on to each of its files. Chapters are lost in it: only their absence is. */
const WHOLE = /^-(map_metadata|map_chapters|t|max_muxing_queue_size|metadata|(metadata:s|disposition):a:\d+)$/;
const PICTURE_TAG = '-metadata:s:v:0';
const OF_PICTURE = /^-(?!flags)[a-z]\w*(-\w+)*(:v(:0)?)?$/;
const OF_SOUND = /^-(map|(?!flags)\w+:a:\d+)$/;

function pairs(args: readonly string[]): readonly Option[] {
  return args.flatMap((name, at) => (at % 2 === 0 ? [[name, args[at + 1] ?? ''] as const] : []));
}

type Part = Exclude<keyof Film, 'file'>;

function partOf(name: string, maps: number): Part | undefined {
  if (MUXER.includes(name)) return 'muxer';
  if (WHOLE.test(name)) return 'whole';
  if (name === PICTURE_TAG || (maps === 1 && OF_PICTURE.test(name))) return 'picture';
  return maps > 1 && OF_SOUND.test(name) ? 'sound' : undefined;
}

/** An output of one picture, sound that is encoded, and nothing that tee would lose; else undefined. */
function filmOf(output: readonly string[]): Film | undefined {
  const parts: Record<Part, Option[]> = { picture: [], sound: [], whole: [], muxer: [] };
  let maps = 0;
  for (const option of pairs(output.slice(0, -1))) {
    const [name, value] = option;
    if (name === '-map') maps += 1;
    const part = partOf(name, maps);
    if (!part || (name === '-map_chapters' && value !== '-1')) return undefined;
    parts[part].push(option);
  }
  const isEncoded = parts.sound.some(([name, value]) => name.startsWith('-c:') && value !== 'copy');
  return isEncoded ? { ...parts, file: output.at(-1) ?? '' } : undefined;
}

const sameSound = ({ sound, whole, muxer }: Film): string =>
  JSON.stringify([sound, whole, muxer.find(([name]) => name === '-f')]);

/** `-crf` and `-filter:v:0` of a film alone are `-crf:v:2` and `-filter:v:2` of the third. */
const ofPicture = (name: string, n: number): string =>
  name === '-map' ? name : `${name.replace(/:v(:0)?$/, '')}:v:${n}`;

/** tee takes the names of files with its separators escaped. */
const escaped = (text: string): string => text.replace(/[\\'|]/g, '\\$&');

function slave({ muxer, file }: Film, n: number): string {
  const options = muxer.map(([name, value]) => `${name.slice(1)}=${value}`);
  return escaped(`[${options.join(':')}:select='v:${n},a']${file}`);
}

/** Of several pictures in an output the first becomes the default one, unless something is said of them: here nothing. */
const AS_IT_IS = ['-disposition:v:0', '+0'];

/** The one output of films with the same sound. tee knows nothing of what its files need: headers ahead of the packets, and times before zero. */
function teed(films: readonly Film[]): readonly string[] {
  const [first] = films;
  return [
    ...films.flatMap(({ picture }, n) => [
      ...picture.flatMap(([name, value]) => [ofPicture(name, n), value]),
      ...[`-flags:v:${n}`, '+global_header'],
    ]),
    ...(first?.sound ?? []).flat(),
    ...['-flags:a', '+global_header', ...AS_IT_IS],
    ...(first?.whole ?? []).flat(),
    ...['-avoid_negative_ts', 'disabled', '-f', 'tee'],
    films.map(slave).join('|'),
  ];
}

/** Outputs of one process: which of those asked for it makes, and how. */
export interface Arranged {
  readonly members: readonly number[];
  readonly args: readonly string[];
}

/** The outputs of a process, each by itself but for those with the same sound, which are one. In the order of their first members. */
export function arrangeOutputs(outputs: readonly (readonly string[])[]): readonly Arranged[] {
  const films = outputs.map(filmOf);
  const groups = new Map<string, number[]>();
  for (const [at, film] of films.entries()) {
    const key = film ? sameSound(film) : `${at}`;
    groups.set(key, [...(groups.get(key) ?? []), at]);
  }
  return [...groups.values()].map((members) => {
    const own = members.flatMap((at) => films[at] ?? []);
    return { members, args: own.length > 1 ? teed(own) : members.flatMap((at) => outputs[at] ?? []) };
  });
}
