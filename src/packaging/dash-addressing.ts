import { posix } from 'node:path';
import { type ByteRange, DASH_MANIFEST, type ImageTrack, type Resource, type Segment, type Track } from './package.ts';
import { uriFrom } from './uri.ts';
import { type Element, element, textElement } from './xml-text.ts';

/** Where a track's segments are, as children of its Representation (ISO/IEC 23009-1, 5.3.9). */
export interface Addressing {
  readonly kind: 'template' | 'base' | 'list';
  readonly elements: readonly Element[];
}

type Addressed = Track & { readonly zeroTicks?: number | undefined };

const uri = (path: string): string => uriFrom(DASH_MANIFEST, path);
const bytesOf = ({ offset, length }: ByteRange): string => `${offset}-${offset + length - 1}`;

/**
 * One file with a `sidx` is addressed by SegmentBase; files whose names count upwards by SegmentTemplate with a timeline;
 * anything else by a list with a timeline.
 */
export function addressingOf(track: Addressed): Addressing {
  const whole = track.index && singlePath(track);
  if (whole !== undefined) return { kind: 'base', elements: segmentBase(track, whole) };
  const template = countingTemplate(track.segments);
  return template
    ? { kind: 'template', elements: [segmentTemplate(track, template)] }
    : { kind: 'list', elements: [segmentList(track)] };
}

function singlePath({ segments, init }: Track): string | undefined {
  const paths = new Set([...segments.map(({ path }) => path), init?.path]);
  return paths.size === 1 ? segments[0]?.path : undefined;
}

const zeroOf = (track: Addressed): number | undefined => track.zeroTicks || undefined;

function segmentBase(track: Addressed, path: string): readonly Element[] {
  return [
    textElement('BaseURL', uri(path)),
    element(
      'SegmentBase',
      [
        ['timescale', track.timescale],
        ['presentationTimeOffset', zeroOf(track)],
        ['indexRange', track.index && bytesOf(track.index)],
      ],
      [track.init && initialization(track.init, false)],
    ),
  ];
}

function initialization(init: Resource, named: boolean): Element {
  return element('Initialization', [
    ['sourceURL', named ? uri(init.path) : undefined],
    ['range', init.range && bytesOf(init.range)],
  ]);
}

export interface CountingTemplate {
  /** `video/seg_$Number%05d$.m4s`, percent-encoded. */
  readonly media: string;
  readonly startNumber: number;
}

/** The names of whole files that differ in one number which goes up by one; undefined where there is no such number. */
export function countingTemplate(segments: readonly Segment[]): CountingTemplate | undefined {
  const [first] = segments;
  if (!first || segments.some(({ range }) => range)) return undefined;
  // The last number of the name: `1080p/seg_00001.m4s`; digits of the extension do not count.
  const extension = posix.extname(first.path);
  const match = /^(.*?)(\d+)([^\d/]*)$/.exec(first.path.slice(0, first.path.length - extension.length));
  if (!match) return undefined;
  const [, before = '', digits = '', rest = ''] = match;
  const after = `${rest}${extension}`;
  const startNumber = Number(digits);
  const padded = digits.length > 1 && digits.startsWith('0');
  const name = (number: number) => `${before}${`${number}`.padStart(padded ? digits.length : 1, '0')}${after}`;
  if (!segments.every(({ path }, index) => path === name(startNumber + index))) return undefined;
  // A dollar sign of the name itself is doubled in a template.
  const literal = (text: string) => text.split('/').map(encodeURIComponent).join('/').replaceAll('%24', '$$$$');
  const number = padded ? `$Number%0${digits.length}d$` : '$Number$';
  return { media: `${literal(before)}${number}${literal(after)}`, startNumber };
}

function segmentTemplate(track: Addressed, { media, startNumber }: CountingTemplate): Element {
  return element(
    'SegmentTemplate',
    [
      ['timescale', track.timescale],
      ['presentationTimeOffset', zeroOf(track)],
      ['initialization', track.init && uri(track.init.path)],
      ['media', media],
      ['startNumber', startNumber],
    ],
    [timeline(track.segments)],
  );
}

function segmentList(track: Addressed): Element {
  return element(
    'SegmentList',
    [
      ['timescale', track.timescale],
      ['presentationTimeOffset', zeroOf(track)],
    ],
    [
      track.init && initialization(track.init, true),
      timeline(track.segments),
      ...track.segments.map(({ path, range }) =>
        element('SegmentURL', [
          ['media', uri(path)],
          ['mediaRange', range && bytesOf(range)],
        ]),
      ),
    ],
  );
}

/** Runs of segments of one length are one `S` with a repeat count; `t` where a run does not follow the one before. */
export function timeline(segments: readonly Segment[]): Element {
  const runs: { start: number | undefined; duration: number; repeats: number }[] = [];
  let end: number | undefined;
  for (const { startTicks, durationTicks } of segments) {
    const run = runs.at(-1);
    if (run && run.duration === durationTicks && startTicks === end) run.repeats++;
    else runs.push({ start: startTicks === end ? undefined : startTicks, duration: durationTicks, repeats: 0 });
    end = startTicks + durationTicks;
  }
  return element(
    'SegmentTimeline',
    [],
    runs.map(({ start, duration, repeats }) =>
      element('S', [
        ['t', start],
        ['d', duration],
        ['r', repeats || undefined],
      ]),
    ),
  );
}

/**
 * Sheets of thumbnails, by a template without a timeline as the guidelines of DASH-IF want it: each lasts as long as all its
 * pictures, the last one too, which may hold fewer.
 */
export function imageSheets(track: ImageTrack): Element {
  const timing: Element['attributes'] = [
    ['timescale', track.timescale],
    ['duration', track.tileTicks * track.columns * track.rows],
  ];
  const template = countingTemplate(track.segments);
  if (template) {
    return element('SegmentTemplate', [...timing, ['media', template.media], ['startNumber', template.startNumber]]);
  }
  const urls = track.segments.map(({ path }) => element('SegmentURL', [['media', uri(path)]]));
  return element('SegmentList', timing, urls);
}
