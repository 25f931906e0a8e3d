import { valueOf } from '../model/rational.ts';
import { type BitRates, bitRates, keyframeTargetSec, targetDurationSec } from './bandwidth.ts';
import { quoted, tag } from './hls-syntax.ts';
import {
  type AudioTrack,
  type ImageTrack,
  MASTER_PLAYLIST,
  type StreamPackage,
  type SubtitleTrack,
  type Track,
  type VideoTrack,
} from './package.ts';
import { uriFrom } from './uri.ts';

const SUBTITLES = 'subtitles';
const uri = (path: string): string | undefined => quoted(uriFrom(MASTER_PLAYLIST, path));
const yesNo = (yes: boolean): string => (yes ? 'YES' : 'NO');
const NO_RATES: BitRates = { peak: 0, average: 0 };

/**
 * The master playlist (RFC 8216, 4.3.4): one variant for each film and group of sound. Every rate is measured:
 * BANDWIDTH is the film's peak and that of the heaviest sound and subtitles that may play with it, AVERAGE-BANDWIDTH likewise.
 *
 * @param targetSec the media playlists' EXT-X-TARGETDURATION, on which the peak depends.
 */
export function hlsMasterPlaylist(pack: StreamPackage, targetSec: number): string {
  const groups = [...new Set(pack.audio.map(({ group }) => group))];
  const variants = pack.video.flatMap((video) =>
    (groups.length > 0 ? groups : [undefined]).flatMap((group) => variantLines(pack, video, group, targetSec)),
  );
  const independent = [...pack.video, ...pack.audio].every(({ segments }) =>
    segments.every(({ startsWithKeyframe }) => startsWithKeyframe),
  );
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${pack.video.some(({ init }) => init) ? 6 : 4}`,
    ...(independent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
    ...pack.audio.map(audioLine),
    ...pack.subtitles.map(subtitleLine),
    ...variants,
    ...pack.video.flatMap(keyframeLine),
    ...pack.images.map(imageLine),
  ];
  return `${lines.join('\n')}\n`;
}

/** What renditions of a group may add to a variant: of all that could be chosen, the most. */
function heaviest(tracks: readonly Track[], targetSec: number): BitRates {
  const rates = tracks.map((track) => bitRates(track, targetSec));
  return {
    peak: Math.max(0, ...rates.map(({ peak }) => peak)),
    average: Math.max(0, ...rates.map(({ average }) => average)),
  };
}

const sum = (rates: readonly BitRates[]): BitRates =>
  rates.reduce((all, one) => ({ peak: all.peak + one.peak, average: all.average + one.average }), NO_RATES);

function variantLines(
  pack: StreamPackage,
  video: VideoTrack,
  group: string | undefined,
  targetSec: number,
): readonly string[] {
  const sound = pack.audio.filter((track) => track.group === group);
  const { peak, average } = sum([
    bitRates(video, targetSec),
    heaviest(sound, targetSec),
    heaviest(pack.subtitles, targetSec),
  ]);
  const codecs = [...new Set([video.codec, ...sound.map(({ codec }) => codec)])];
  const line = tag('EXT-X-STREAM-INF', [
    ['BANDWIDTH', `${peak}`],
    ['AVERAGE-BANDWIDTH', `${average}`],
    ['CODECS', quoted(codecs.join(','))],
    ['RESOLUTION', `${video.width}x${video.height}`],
    ['FRAME-RATE', valueOf(video.frameRate).toFixed(3)],
    ['VIDEO-RANGE', video.videoRange],
    ['AUDIO', quoted(group)],
    ['SUBTITLES', pack.subtitles.length > 0 ? quoted(SUBTITLES) : undefined],
    ['CLOSED-CAPTIONS', 'NONE'],
  ]);
  return [line, uriFrom(MASTER_PLAYLIST, video.playlist)];
}

function audioLine(track: AudioTrack): string {
  return tag('EXT-X-MEDIA', [
    ['TYPE', 'AUDIO'],
    ['GROUP-ID', quoted(track.group)],
    ['NAME', quoted(track.name)],
    ['LANGUAGE', quoted(track.language)],
    ['DEFAULT', yesNo(track.isDefault)],
    ['AUTOSELECT', yesNo(track.isDefault || track.role !== 'commentary')],
    ['CHARACTERISTICS', track.role === 'description' ? quoted('public.accessibility.describes-video') : undefined],
    ['CHANNELS', quoted(`${track.channels}`)],
    ['URI', uri(track.playlist)],
  ]);
}

/** What Apple's authoring specification asks for where subtitles tell the sounds too. */
const CAPTIONS = 'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound';

function subtitleLine(track: SubtitleTrack): string {
  return tag('EXT-X-MEDIA', [
    ['TYPE', 'SUBTITLES'],
    ['GROUP-ID', quoted(SUBTITLES)],
    ['NAME', quoted(track.name)],
    ['LANGUAGE', quoted(track.language)],
    ['DEFAULT', yesNo(track.isDefault)],
    ['AUTOSELECT', 'YES'],
    ['FORCED', yesNo(track.role === 'forced')],
    ['CHARACTERISTICS', track.role === 'caption' ? quoted(CAPTIONS) : undefined],
    ['URI', uri(track.playlist)],
  ]);
}

function keyframeLine(video: VideoTrack): readonly string[] {
  if (!video.keyframes) return [];
  const { peak, average } = bitRates(
    { ...video, segments: video.keyframes.segments },
    keyframeTargetSec(video, video.keyframes),
  );
  const line = tag('EXT-X-I-FRAME-STREAM-INF', [
    ['BANDWIDTH', `${peak}`],
    ['AVERAGE-BANDWIDTH', `${average}`],
    ['CODECS', quoted(video.codec)],
    ['RESOLUTION', `${video.width}x${video.height}`],
    ['VIDEO-RANGE', video.videoRange],
    ['URI', uri(video.keyframes.playlist)],
  ]);
  return [line];
}

function imageLine(image: ImageTrack): string {
  return tag('EXT-X-IMAGE-STREAM-INF', [
    ['BANDWIDTH', `${bitRates(image, targetDurationSec([image])).peak}`],
    ['RESOLUTION', `${image.width}x${image.height}`],
    ['CODECS', quoted('jpeg')],
    ['URI', uri(image.playlist)],
  ]);
}
