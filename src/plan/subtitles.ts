import type { ContainerRow } from '../codecs/containers.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo, SubtitleFile, SubtitleStream } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import { canBeDrawnOn } from './burned-pictures.ts';
import { attachedFonts, isStyled } from './burned-text.ts';
import { warn, wrong } from './finding.ts';
import type { Size } from './geometry.ts';
import type { ResolvedBurn, ResolvedSubtitle } from './resolved.ts';

const PROBE_NAME: Readonly<Record<string, string>> = { srt: 'subrip' };
const ENCODABLE = ['subrip', 'ass', 'ssa', 'mov_text', 'webvtt', 'text'];
/** Made of pictures, in a form that ffmpeg draws. */
const DRAWABLE = ['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle'];

function planSubtitle(
  track: SubtitleStream,
  container: ContainerRow,
  called: string,
  issues: Issue[],
): ResolvedSubtitle | undefined {
  if (container.copySubtitles.includes(track.codec)) {
    return { index: track.index, encoder: 'copy', probeName: track.codec };
  }
  const encoder = container.subtitleCodec;
  if (encoder && ENCODABLE.includes(track.codec)) {
    if (isStyled(track)) {
      const what = `${called} (${track.codec}) loses its styles in ${container.name}`;
      issues.push(warn('subtitle_styles_lost', '--subtitles', what, 'MKV keeps them'));
    }
    return { index: track.index, encoder, probeName: PROBE_NAME[encoder] ?? encoder };
  }
  const why = track.bitmap ? 'is made of pictures' : `(${track.codec}) has no form there`;
  const what = `${called} ${why}: ${container.name} cannot hold it, left out`;
  issues.push(warn('subtitle_dropped', '--subtitles', what, 'MKV can'));
  return undefined;
}

/** What is decided about subtitles, and how a result's settings say it. */
export interface SubtitleDecision {
  readonly subtitles: readonly ResolvedSubtitle[];
  readonly burn: ResolvedBurn | undefined;
  readonly issues: readonly Issue[];
  /** Undefined where there is nothing to decide. */
  readonly said: Readonly<Record<string, unknown>> | undefined;
}

const nothing = { subtitles: [], burn: undefined, issues: [] };

export interface SubtitleContext {
  readonly container: ContainerRow;
  readonly options: OptionValues;
  readonly copiesPicture: boolean;
  readonly keepsHdr: boolean;
  /** The film's picture as the source stores it and as it is upright, and the samples that are delivered. */
  readonly film: {
    readonly stored: Size;
    readonly upright: Size;
    readonly pixelFormat: string;
  };
  /** What `--subtitles FILE` named. */
  readonly file: SubtitleFile | undefined;
}

/** Keeps, adds, burns or drops subtitle tracks. What is burned replaces all tracks: text over the same text helps nobody. */
export function planSubtitles(media: MediaInfo, context: SubtitleContext): SubtitleDecision {
  const { container, options, file } = context;
  const wish = options.subtitles?.kind ?? 'keep';
  if (wish === 'drop') return { ...nothing, said: { mode: 'drop' } };
  if (wish === 'burn') return planBurn(media, context);
  const issues: Issue[] = [];
  const kept = media.subtitles.map((track, i) => planSubtitle(track, container, `subtitle track ${i + 1}`, issues));
  const added = file && planSubtitle(file.track, container, 'the file of --subtitles', issues);
  const subtitles = [...kept, ...(added ? [{ ...added, fromFile: true as const }] : [])].filter(
    (track) => track !== undefined,
  );
  const tracks = subtitles.map(({ probeName }) => probeName);
  const hasAny = media.subtitles.length > 0 || options.subtitles !== undefined;
  const said = file ? { mode: 'file', file: file.path, tracks } : { mode: 'keep', tracks };
  return { subtitles, burn: undefined, issues, said: hasAny ? said : undefined };
}

/** The tracks as people count them: `1 (subrip, eng), 2 (hdmv_pgs_subtitle)`. */
function listed(tracks: readonly SubtitleStream[]): string {
  const one = ({ codec, language }: SubtitleStream) => [codec, ...(language ? [language] : [])].join(', ');
  return tracks.map((track, i) => `${i + 1} (${one(track)})`).join(', ');
}

function impossible(media: MediaInfo, context: SubtitleContext, track: SubtitleStream | undefined) {
  const { copiesPicture, film } = context;
  if (copiesPicture) {
    const what = '--subtitles burn does not go with --codec copy: a copied picture cannot be changed';
    return wrong('copy_changes_nothing', '--subtitles', what, '--subtitles keep, or encode');
  }
  if (track?.bitmap && !canBeDrawnOn(film.pixelFormat)) {
    const what = `--subtitles burn cannot draw pictures into ${film.pixelFormat}`;
    return wrong(
      'cannot_burn_here',
      '--subtitles',
      what,
      'a codec or quality with 4:2:0 or 4:2:2, or --subtitles keep',
    );
  }
  if (track) return undefined;
  const what =
    media.subtitles.length === 0
      ? '--subtitles burn: the source has no subtitle track'
      : `--subtitles burn: of the source's subtitles none can be drawn: ${listed(media.subtitles)}`;
  return wrong('nothing_to_burn', '--subtitles', what, '--subtitles FILE adds one as a track');
}

/** The default track of those that can be drawn, else the first of text, else the first of pictures. */
function burnedTrack({ subtitles }: MediaInfo): SubtitleStream | undefined {
  const texts = subtitles.filter(({ bitmap, codec }) => !bitmap && ENCODABLE.includes(codec));
  const pictures = subtitles.filter(({ codec }) => DRAWABLE.includes(codec));
  return [...texts, ...pictures].find(({ disposition }) => disposition.default) ?? texts[0] ?? pictures[0];
}

function planBurn(media: MediaInfo, context: SubtitleContext): SubtitleDecision {
  const track = burnedTrack(media);
  const error = impossible(media, context, track);
  if (error || !track) return { ...nothing, issues: error ? [error] : [], said: undefined };
  const number = media.subtitles.indexOf(track) + 1;
  const { index, codec, language } = track;
  const { stored, upright } = context.film;
  // PGS says its size in its packets; discs and broadcasts that do not say it mean the film's.
  const canvas = track.canvas || codec === 'hdmv_pgs_subtitle' ? undefined : stored;
  const hdr = 'burned subtitles are as bright as the picture can be in HDR';
  return {
    ...nothing,
    issues: context.keepsHdr ? [warn('burned_in_hdr', '--subtitles', hdr, '--hdr tonemap shows them as usual')] : [],
    burn: track.bitmap
      ? { kind: 'pictures', index, startSec: media.startSec, canvas, picture: upright }
      : { kind: 'text', index, encoder: isStyled(track) ? 'copy' : 'ass', fonts: attachedFonts(media) },
    said: { mode: 'burn', track: number, codec, language: language ?? null },
  };
}
