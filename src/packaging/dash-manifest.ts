import { formatRational, rational, valueOf } from '../model/rational.ts';
import { bitRates, targetDurationSec } from './bandwidth.ts';
import { addressingOf, imageSheets } from './dash-addressing.ts';
import { audioChannels, contentProtection, role, tileLayout, transferCharacteristics } from './dash-descriptors.ts';
import {
  type AudioTrack,
  DASH_MANIFEST,
  endTicks,
  type ImageTrack,
  type MediaTrack,
  type StreamPackage,
  type SubtitleTrack,
  secondsOf,
  type VideoTrack,
} from './package.ts';
import { uriFrom } from './uri.ts';
import { type Element, element, textElement, xmlText } from './xml-text.ts';

const NAMESPACES = [
  ['xmlns', 'urn:mpeg:dash:schema:mpd:2011'],
  ['xmlns:cenc', 'urn:mpeg:cenc:2013'],
] as const;

const PROFILES = {
  template: 'urn:mpeg:dash:profile:isoff-live:2011',
  base: 'urn:mpeg:dash:profile:isoff-on-demand:2011',
  list: 'urn:mpeg:dash:profile:isoff-main:2011',
};

/**
 * A static DASH manifest (ISO/IEC 23009-1) of one period. Films that a player may switch between without a break stand in one
 * AdaptationSet: those of one codec and one dynamic range.
 *
 * It lasts as long as its film: the last packet of sound, which may end a little later, asks for no further sheet of thumbnails.
 *
 * @param targetSec the longest segment, whole seconds: `bandwidth` is the peak over about as much, and players buffer as much first.
 */
export function dashManifest(pack: StreamPackage, targetSec: number): string {
  const tracks = [...pack.video, ...pack.audio];
  const kinds = new Set(tracks.map((track) => addressingOf(track).kind));
  const profiles = kinds.has('list') ? [PROFILES.list] : [...kinds].map((kind) => PROFILES[kind]);
  const longest = Math.max(
    0,
    ...tracks.flatMap((track) => track.segments.map(({ durationTicks }) => secondsOf(durationTicks, track))),
  );
  const sets = [
    ...videoSets(pack.video, targetSec),
    ...pack.audio.map((track) => audioSet(track, targetSec)),
    ...pack.subtitles.flatMap((track) => subtitleSet(track, targetSec)),
    ...pack.images.map(imageSet),
  ];
  const numbered = sets.map((set, id) => ({ ...set, attributes: [['id', id] as const, ...set.attributes] }));
  return xmlText(
    element(
      'MPD',
      [
        ...NAMESPACES.filter(([name]) => name === 'xmlns' || tracks.some(({ encryption }) => encryption)),
        ['profiles', profiles.join(',')],
        ['type', 'static'],
        ['mediaPresentationDuration', duration(durationSec(pack.video.length > 0 ? pack.video : tracks))],
        ['maxSegmentDuration', duration(longest)],
        ['minBufferTime', duration(longest)],
      ],
      [
        element(
          'Period',
          [
            ['id', 0],
            ['start', 'PT0S'],
          ],
          numbered,
        ),
      ],
    ),
  );
}

/** `PT6.006S`: to the microsecond. */
const duration = (sec: number): string => `PT${Number(sec.toFixed(6))}S`;

const durationSec = (tracks: readonly MediaTrack[]): number =>
  Math.max(0, ...tracks.map((track) => secondsOf(endTicks(track) - track.zeroTicks, track)));

/** `avc1`, `hvc1`, `vp09`, `av01`. */
const family = (codec: string): string => codec.replace(/\..*$/s, '');

function videoSets(tracks: readonly VideoTrack[], targetSec: number): readonly Element[] {
  const sets = new Map<string, VideoTrack[]>();
  for (const track of tracks) {
    const key = `${family(track.codec)} ${track.videoRange}`;
    sets.set(key, [...(sets.get(key) ?? []), track]);
  }
  return [...sets.values()].map((set) => videoSet(set, targetSec));
}

function videoSet(tracks: readonly VideoTrack[], targetSec: number): Element {
  const [first] = tracks;
  const fastest = tracks.reduce((a, b) => (valueOf(b.frameRate) > valueOf(a.frameRate) ? b : a));
  const shapes = new Set(tracks.map(({ width, height }) => formatRational(rational(width, height))));
  const shape = first && shapes.size === 1 ? rational(first.width, first.height) : undefined;
  return element(
    'AdaptationSet',
    [
      ['contentType', 'video'],
      ['mimeType', 'video/mp4'],
      ['par', shape && `${shape.num}:${shape.den}`],
      ['maxWidth', Math.max(...tracks.map(({ width }) => width))],
      ['maxHeight', Math.max(...tracks.map(({ height }) => height))],
      ['maxFrameRate', formatRational(fastest.frameRate)],
      ['segmentAlignment', 'true'],
      ['startWithSAP', 1],
    ],
    [
      ...contentProtection(first?.encryption),
      ...transferCharacteristics(first?.videoRange),
      role('main'),
      ...tracks.map((track) =>
        element(
          'Representation',
          [
            ['id', track.id],
            ['codecs', track.codec],
            ['bandwidth', bitRates(track, targetSec).peak],
            ['width', track.width],
            ['height', track.height],
            ['frameRate', formatRational(track.frameRate)],
            ['sar', '1:1'],
          ],
          addressingOf(track).elements,
        ),
      ),
    ],
  );
}

function audioSet(track: AudioTrack, targetSec: number): Element {
  return element(
    'AdaptationSet',
    [
      ['contentType', 'audio'],
      ['mimeType', 'audio/mp4'],
      ['lang', track.language],
      ['segmentAlignment', 'true'],
      ['startWithSAP', 1],
    ],
    [
      ...contentProtection(track.encryption),
      textElement('Label', track.name),
      ...(track.role === 'description' ? [describesVideo()] : []),
      role(track.role === 'main' && !track.isDefault ? 'alternate' : track.role),
      element(
        'Representation',
        [
          ['id', track.id],
          ['codecs', track.codec],
          ['bandwidth', bitRates(track, targetSec).peak],
          ['audioSamplingRate', track.sampleRate],
        ],
        [audioChannels(track.channels), ...addressingOf(track).elements],
      ),
    ],
  );
}

const describesVideo = (): Element =>
  element('Accessibility', [
    ['schemeIdUri', 'urn:tva:metadata:cs:AudioPurposeCS:2007'],
    ['value', 1],
  ]);

/** WebVTT as one file beside the film: what DASH players read of it without MP4 around it. */
function subtitleSet(track: SubtitleTrack, targetSec: number): readonly Element[] {
  if (track.whole === undefined) return [];
  const set = element(
    'AdaptationSet',
    [
      ['contentType', 'text'],
      ['mimeType', 'text/vtt'],
      ['lang', track.language],
    ],
    [
      textElement('Label', track.name),
      role(track.role === 'main' ? 'subtitle' : track.role),
      element(
        'Representation',
        [
          ['id', track.id],
          ['bandwidth', Math.max(1, bitRates(track, targetSec).average)],
        ],
        [textElement('BaseURL', uriFrom(DASH_MANIFEST, track.whole))],
      ),
    ],
  );
  return [set];
}

function imageSet(track: ImageTrack): Element {
  return element(
    'AdaptationSet',
    [
      ['contentType', 'image'],
      ['mimeType', 'image/jpeg'],
    ],
    [
      element(
        'Representation',
        [
          ['id', track.id],
          ['bandwidth', bitRates(track, targetDurationSec([track])).peak],
          ['width', track.width * track.columns],
          ['height', track.height * track.rows],
        ],
        [tileLayout(track), imageSheets(track)],
      ),
    ],
  );
}
