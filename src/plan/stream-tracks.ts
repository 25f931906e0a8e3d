import type { AudioStream, MediaInfo, SubtitleStream } from '../model/media.ts';
import type { ResolvedAudio, ResolvedExport, ResolvedSubtitle } from './resolved.ts';

/** What players are told of a track beside what it holds. */
interface TrackWords {
  /** BCP 47; undefined where the source does not say. */
  readonly language: string | undefined;
  /** Shown to people; unique in its group. */
  readonly name: string;
  readonly isDefault: boolean;
  readonly role: 'main' | 'alternate' | 'commentary' | 'description' | 'caption' | 'forced';
}

/** One sound of a stream. */
export interface SoundTrack extends TrackWords {
  /** Unique: `audio_2_eng`. Letters, digits, `_`. */
  readonly id: string;
  /** Tracks of a group differ in language alone. */
  readonly group: string;
  readonly resolved: ResolvedAudio;
}

/** One text of a stream. */
export interface TextTrack extends TrackWords {
  readonly id: string;
  readonly resolved: ResolvedSubtitle;
}

/** `eng` → `en`; undefined for what is no language, such as `und`. */
function bcp47(language: string | undefined): string | undefined {
  if (language === undefined || /^(und|mis|mul|zxx)$/i.test(language)) return undefined;
  try {
    return Intl.getCanonicalLocales(language.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

function languageName(language: string | undefined): string | undefined {
  if (language === undefined) return undefined;
  const name = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }).of(language);
  return name ?? language;
}

function roleOf({ disposition }: AudioStream | SubtitleStream): TrackWords['role'] {
  if (disposition.comment) return 'commentary';
  if (disposition.visual_impaired || disposition.descriptions) return 'description';
  if (disposition.forced) return 'forced';
  if (disposition.hearing_impaired || disposition.captions) return 'caption';
  return 'main';
}

const idPart = (text: string | undefined): string => (text ?? '').replace(/[^A-Za-z0-9]+/g, '_');
/** Playlists quote a name, and have no way to write a quote within. */
const plain = (text: string): string => text.replace(/[\p{Cc}"]/gu, ' ').trim();

/** Names by language or title, told apart by number where two are alike. */
function namesOf(tracks: readonly (AudioStream | SubtitleStream | undefined)[]): readonly string[] {
  const names = tracks.map((track, n) => {
    const title = plain(track?.title ?? '');
    return title !== '' ? title : (languageName(bcp47(track?.language)) ?? `Track ${n + 1}`);
  });
  return names.map((name, n) => (names.indexOf(name) === n ? name : `${name} ${n + 1}`));
}

function defaultOf(tracks: readonly (AudioStream | undefined)[]): number {
  const marked = tracks.findIndex((track) => track?.disposition.default);
  return Math.max(marked, 0);
}

/**
 * The sounds of a stream: each track of the source in stereo (or mono), and those that have more channels once more with
 * them. `stereo` and `full` are the same request with two channels at most and with all. A group has every language: one
 * that has no surround is in that group as it is.
 */
export function soundTracks(stereo: ResolvedExport, full: ResolvedExport, media: MediaInfo): readonly SoundTrack[] {
  const sources = full.audio.map(({ index }) => media.audio.find((one) => one.index === index));
  const names = namesOf(sources);
  const first = defaultOf(sources);
  const groupOf = (tracks: readonly ResolvedAudio[], group: string): readonly SoundTrack[] =>
    tracks.map((resolved, n) => ({
      id: ['audio', `${n + 1}`, idPart(resolved.language), `${resolved.channels}ch`].filter(Boolean).join('_'),
      group,
      language: bcp47(resolved.language),
      name: names[n] ?? `Track ${n + 1}`,
      isDefault: n === first,
      role: sources[n] ? roleOf(sources[n]) : 'main',
      resolved,
    }));
  const surround = full.audio.some(({ channels }) => channels > 2);
  const two = groupOf(stereo.audio, 'stereo');
  return surround ? [...two, ...groupOf(full.audio, 'surround').filter(({ resolved }) => resolved.channels > 2)] : two;
}

/** The texts of a stream; tracks made of pictures have no form in it. */
export function textTracks({ subtitles, subtitleFile }: ResolvedExport, media: MediaInfo): readonly TextTrack[] {
  const sources = subtitles.map(({ index, fromFile }) =>
    fromFile ? subtitleFile?.track : media.subtitles.find((one) => one.index === index),
  );
  const names = namesOf(sources);
  return subtitles.map((resolved, n) => ({
    id: ['text', `${n + 1}`, idPart(sources[n]?.language)].filter(Boolean).join('_'),
    language: bcp47(sources[n]?.language),
    name: names[n] ?? `Track ${n + 1}`,
    isDefault: sources[n]?.disposition.default === true,
    role: sources[n] ? roleOf(sources[n]) : 'main',
    resolved,
  }));
}
