import { formatRational, type Rational, valueOf } from '../model/rational.ts';
import { type BitRates, bitRates, targetDurationSec } from './bandwidth.ts';
import type { Checks } from './check.ts';
import type { DashManifest, DashRepresentation } from './dash-read.ts';
import type { ReadRendition, StreamDescription } from './read-pieces.ts';

/** What a manifest says of what plays together; undefined where it is silent. */
export interface Claims {
  /** Names the variant: its playlist's address, or the Representation. */
  readonly name: string;
  readonly bandwidth: number | undefined;
  readonly averageBandwidth: number | undefined;
  readonly codecs: string | undefined;
  readonly resolution: string | undefined;
  readonly frameRate: number | undefined;
  readonly videoRange: string | undefined;
  readonly channels: number | undefined;
}

/** Apple's authoring specification (1.26, 1.27): measured rates within 10 % of what is written. */
const WITHIN = 0.1;
/** Written so much above the truth, a variant is never chosen by those who could play it. */
const FAR_ABOVE = 2;

/** A codec string as it is compared: case does not matter, and AV1's and VP9's colours may be left out. */
function comparable(codec: string): string {
  const lower = codec.trim().toLowerCase();
  return /^(av01|vp09)\./.test(lower) ? lower.split('.').slice(0, 4).join('.') : lower;
}

/** HE-AAC may be written as itself though its plain part is what the stream says first. */
const AAC_FAMILY = ['mp4a.40.2', 'mp4a.40.5', 'mp4a.40.29'];
const sameCodec = (a: string, b: string): boolean => a === b || (AAC_FAMILY.includes(a) && AAC_FAMILY.includes(b));

function judgeCodecs(claims: Claims, path: string, streams: readonly StreamDescription[], checks: Checks): void {
  const found = [
    ...new Set(streams.flatMap(({ codec, kind }) => (codec && kind !== 'text' ? [comparable(codec)] : []))),
  ];
  if (claims.codecs === undefined || found.length === 0) return;
  const claimed = claims.codecs.split(',').map(comparable);
  // Text codecs may or may not stand among them.
  const sounding = claimed.filter((codec) => !/^(wvtt|stpp)/.test(codec));
  const ok =
    found.every((codec) => sounding.some((one) => sameCodec(one, codec))) &&
    sounding.every((codec) => found.some((one) => sameCodec(one, codec)));
  checks.add('codecs', path, { expected: found.join(','), actual: `${claims.codecs} (${claims.name})`, ok });
}

/** Compares what is written with what the streams of a variant say. */
export function judgeClaims(claims: Claims, path: string, streams: readonly StreamDescription[], checks: Checks): void {
  judgeCodecs(claims, path, streams, checks);
  const video = streams.find(({ kind }) => kind === 'video');
  if (!video) return;
  if (claims.resolution !== undefined && video.sizes.length > 0) {
    const ok = video.sizes.includes(claims.resolution);
    checks.add('resolution', path, {
      expected: [...new Set(video.sizes)].join(' or '),
      actual: `${claims.resolution} (${claims.name})`,
      ok,
    });
  }
  if (claims.frameRate !== undefined && video.frameRate)
    judgeFrameRate(claims, claims.frameRate, video.frameRate, path, checks);
  // Where nothing is said players take it for SDR.
  const range = claims.videoRange ?? 'SDR';
  if (video.videoRange !== undefined) {
    const actual = `${claims.videoRange ?? 'nothing, which means SDR'} (${claims.name})`;
    checks.add('video_range', path, { expected: video.videoRange, actual, ok: range === video.videoRange });
  }
}

function judgeFrameRate(claims: Claims, claimed: number, found: Rational, path: string, checks: Checks): void {
  const ok = Math.abs(claimed - valueOf(found)) <= 0.01 * valueOf(found);
  // The highest rate is to be written: of a variable one the mean is lower.
  const warning = claimed > valueOf(found);
  const row = { expected: formatRational(found), actual: `${claimed} (${claims.name})`, ok };
  checks.add('frame_rate', path, row, warning);
}

/** What a variant's attributes leave unsaid, in one line. */
export function judgeCompleteness(claims: Claims, path: string, isFilm: boolean, checks: Checks): void {
  const missing = [
    claims.codecs === undefined ? 'CODECS' : undefined,
    isFilm && claims.resolution === undefined ? 'RESOLUTION' : undefined,
    isFilm && claims.frameRate === undefined ? 'FRAME-RATE' : undefined,
  ].filter((name) => name !== undefined);
  const row = {
    expected: 'CODECS, and of films RESOLUTION and FRAME-RATE',
    actual: `${claims.name} has no ${missing.join(', ')}`,
    ok: missing.length === 0,
  };
  checks.add('attributes', path, row.ok ? { ...row, actual: 'all of them' } : row, true);
}

const NOTHING: BitRates = { peak: 0, average: 0 };

/** Segments of a rendition as they are fetched, in milliseconds of what the playlist says they last. */
export function measuredRates(read: ReadRendition, targetSec: number): BitRates {
  const segments = read.pieces.map(({ piece, bytes }) => ({
    ...{ path: piece.path, startTicks: 0, startsWithKeyframe: true, bytes },
    durationTicks: piece.durationSec,
  }));
  return bitRates({ timescale: 1, segments }, targetSec);
}

export function targetOf(all: readonly ReadRendition[]): number {
  return targetDurationSec(
    all.map(({ pieces }) => ({
      timescale: 1,
      segments: pieces.map(({ piece }) => ({
        path: piece.path,
        startTicks: 0,
        startsWithKeyframe: true,
        bytes: 0,
        durationTicks: piece.durationSec,
      })),
    })),
  );
}

/** The film, and of each group that may play with it the heaviest (RFC 8216, 4.3.4.2). */
export function variantRates(
  film: ReadRendition,
  groups: readonly (readonly ReadRendition[])[],
  targetSec: number,
): BitRates {
  return groups.reduce(
    (sum, group) => {
      const rates = group.map((read) => measuredRates(read, targetSec));
      const heaviest = rates.reduce(
        (a, b) => ({ peak: Math.max(a.peak, b.peak), average: Math.max(a.average, b.average) }),
        NOTHING,
      );
      return { peak: sum.peak + heaviest.peak, average: sum.average + heaviest.average };
    },
    measuredRates(film, targetSec),
  );
}

export function judgeRates(claims: Claims, path: string, found: BitRates, checks: Checks): void {
  const rows = [
    ['bandwidth', claims.bandwidth, found.peak],
    ['average_bandwidth', claims.averageBandwidth, found.average],
  ] as const;
  for (const [name, claimed, actual] of rows) {
    if (claimed === undefined) {
      if (name === 'bandwidth')
        checks.add(name, path, { expected: `${actual} bit/s`, actual: `none (${claims.name})`, ok: false });
      continue;
    }
    const ok = Math.abs(claimed - actual) <= WITHIN * actual;
    const warning = claimed > actual && claimed <= FAR_ABOVE * actual;
    checks.add(
      name,
      path,
      { expected: `${actual} bit/s, within 10 %`, actual: `${claimed} (${claims.name})`, ok },
      warning,
    );
  }
}

/**
 * DASH's bandwidth (ISO/IEC 23009-1, 5.3.5.2): who has it, and buffers minBufferTime first, never waits from whichever
 * segment on; a segment has come when its last byte has.
 */
export function judgeDashRate(
  { id, bandwidth }: DashRepresentation,
  { minBufferSec = 0 }: DashManifest,
  read: ReadRendition,
  checks: Checks,
): void {
  if (bandwidth === undefined || read.pieces.length === 0 || read.rendition.isIncomplete) return;
  let needed = 0;
  for (let first = 0; first < read.pieces.length; first++) {
    let bits = 0;
    let time = minBufferSec;
    for (const { bytes, piece } of read.pieces.slice(first)) {
      bits += bytes * 8;
      if (time > 0) needed = Math.max(needed, bits / time);
      time += piece.durationSec;
    }
  }
  const ok = bandwidth >= needed * (1 - WITHIN) && bandwidth <= needed * FAR_ABOVE;
  const expected = `${Math.ceil(needed)} bit/s, not more than 10 % below nor twice as much`;
  checks.add('bandwidth', read.rendition.manifest, { expected, actual: `${bandwidth} (${id})`, ok });
}
