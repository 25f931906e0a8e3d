import { AUDIO_CODECS, audioCodec } from '../../src/codecs/audio.ts';
import { CONTAINERS, type ContainerRow } from '../../src/codecs/containers.ts';
import type { EncoderRow } from '../../src/codecs/encoder-row.ts';
import { VIDEO_CODECS, type VideoCodecRow } from '../../src/codecs/video.ts';

/** A film as it may be asked for: the ids of the rows. */
export interface Combination {
  readonly title: string;
  readonly codec: VideoCodecRow;
  readonly container: ContainerRow;
  /** Undefined: without sound. */
  readonly audio: (typeof AUDIO_CODECS)[number] | undefined;
}

export const audioIdOf = ({ audio }: Combination): string => audio?.id ?? 'none';

/** Every codec in every container with every audio codec, and without sound: what the rows have, possible or not. */
const ALL: readonly Combination[] = VIDEO_CODECS.flatMap((codec) =>
  CONTAINERS.flatMap((container) =>
    [...AUDIO_CODECS.map(({ id }) => id), 'none'].map((audio) => ({
      title: `${codec.id} ${container.id} ${audio}`,
      codec,
      container,
      audio: audioCodec(audio),
    })),
  ),
);

export const takesPicture = ({ codec, container }: Combination): boolean => container.videoCodecs.includes(codec.id);
export const takesSound = ({ audio, container }: Combination): boolean =>
  audio === undefined || container.audioCodecs.includes(audio.id);

/** What the rows allow, and what they refuse: together everything, each once. */
export const ALLOWED: readonly Combination[] = ALL.filter((one) => takesPicture(one) && takesSound(one));
export const REFUSED: readonly Combination[] = ALL.filter((one) => !(takesPicture(one) && takesSound(one)));

/** The ids that a choice holds, by kind, sorted. */
export function idsOf(list: readonly Combination[]): Readonly<Record<'codecs' | 'containers' | 'audio', string>> {
  const ids = (of: (one: Combination) => string) => [...new Set(list.map(of))].sort().join(' ');
  return { codecs: ids((one) => one.codec.id), containers: ids((one) => one.container.id), audio: ids(audioIdOf) };
}

/** The ids of all rows, as `idsOf` has them. */
export const ALL_IDS = idsOf(ALL);

/** The pairs of a film with its container; codecs with audio codecs are many, and are held by all of them only. */
export const pairsOf = (one: Combination): readonly string[] => [...picturePair(one), ...soundPair(one)];
/** Those of them that do not go together. */
export const wrongPairsOf = (one: Combination): readonly string[] => [
  ...(takesPicture(one) ? [] : picturePair(one)),
  ...(takesSound(one) ? [] : soundPair(one)),
];
const picturePair = (one: Combination) => [`${one.codec.id} in ${one.container.id}`];
const soundPair = (one: Combination) => [`${audioIdOf(one)} in ${one.container.id}`];

/** A small choice that holds every pair of the list: each time the one with the most new pairs. */
export function pairwise(
  list: readonly Combination[],
  pairs: (one: Combination) => readonly string[],
): readonly Combination[] {
  const missing = new Set(list.flatMap(pairs));
  const chosen: Combination[] = [];
  const gain = (one: Combination) => pairs(one).filter((pair) => missing.has(pair)).length;
  while (missing.size > 0) {
    const best = list.reduce((a, b) => (gain(b) > gain(a) ? b : a));
    for (const pair of pairs(best)) missing.delete(pair);
    chosen.push(best);
  }
  return chosen;
}

/** For `test.each`: each with its title. */
export const titled = (list: readonly Combination[]): readonly (readonly [string, Combination])[] =>
  list.map((one) => [one.title, one]);

/** The smallest film, from 160×120 on, that these encoders take. */
export function leastSize(encoders: readonly EncoderRow[]): string {
  const width = Math.max(160, ...encoders.map((row) => row.minWidth));
  const height = Math.max(120, ...encoders.map((row) => row.minHeight));
  return `${width}x${height}`;
}
