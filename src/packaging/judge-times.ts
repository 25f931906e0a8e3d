import type { Checks, Failure } from './check.ts';
import type { ReadPiece, ReadRendition } from './read-pieces.ts';
import type { StreamFacts } from './stream-facts.ts';

/** A manifest rounds, and muxers cut sound at its own packets: a segment may differ by about one picture or packet. */
const CLOSE_SEC = 0.06;
/** Times of one boundary in rungs with different time scales. */
const SAME_SEC = 0.005;
/** Sound and film may end apart, as they do in the source. */
const LOOSE_SEC = 1;
/** Nobody sees or hears streams that start this much apart; B-frames shift a start by some pictures. */
const START_SEC = 0.15;

const sec = (value: number): string => `${Number(value.toFixed(4))} s`;
const seconds = (ticks: number, { timescale }: StreamFacts): number => ticks / timescale;

/** What a rendition is timed by: its film where it has one. */
export function mainStream({ facts }: ReadPiece): StreamFacts | undefined {
  const streams = facts?.streams ?? [];
  return streams.find(({ kind }) => kind === 'video') ?? streams[0];
}

const durationOf = (piece: ReadPiece): number | undefined => {
  const stream = mainStream(piece);
  return stream && seconds(stream.durationTicks, stream);
};

/** Checks of one rendition: each segment by itself, and the joins between them. */
export function judgeSegments(read: ReadRendition, checks: Checks): void {
  const { rendition, pieces } = read;
  const { manifest } = rendition;
  if (rendition.holds !== 'media') return;
  checks.each('segment_structure', manifest, pieces.filter(isJudged), ({ piece, facts, bytes }) =>
    failure(piece.path, 'a whole segment', piece.isEncrypted ? encryptedFault(bytes) : facts?.faults.join('; ')),
  );
  const readable = pieces.filter(({ facts }) => facts && facts.faults.length === 0);
  if (!rendition.isNominal) {
    checks.each('segment_duration', manifest, readable, (one) => {
      const actual = durationOf(one);
      if (actual === undefined || Math.abs(actual - one.piece.durationSec) <= CLOSE_SEC) return undefined;
      return { path: one.piece.path, expected: sec(actual), actual: `${sec(one.piece.durationSec)} in ${manifest}` };
    });
  }
  judgeClaimedTimes(read, readable, checks);
  checks.each('keyframe_start', manifest, readable, ({ piece, facts }) => {
    const film = facts?.streams.find(({ kind }) => kind === 'video');
    return film && !film.startsWithKeyframe ? { path: piece.path, expected: 'a keyframe', actual: 'none' } : undefined;
  });
  if (!rendition.isIncomplete) judgeJoins(read, checks);
}

/** Sound without a container is passed over; of an encrypted segment the size at least can be judged. */
const isJudged = ({ piece, facts }: ReadPiece): boolean => piece.isEncrypted || facts !== undefined;

/** AES-128 pads to whole blocks (RFC 8216, 4.3.2.4). */
const encryptedFault = (bytes: number): string | undefined =>
  bytes % 16 === 0 ? undefined : `${bytes} bytes, which is no multiple of AES' 16`;

const failure = (path: string, expected: string, actual: string | undefined): Failure | undefined =>
  actual ? { path, expected, actual } : undefined;

/** DASH says when each segment starts: what `tfdt` says, or when its first picture is shown, before or after edit lists. */
function judgeClaimedTimes({ rendition }: ReadRendition, readable: readonly ReadPiece[], checks: Checks): void {
  const timed = readable.filter(({ piece }) => piece.startSec !== undefined);
  checks.each('segment_time', rendition.manifest, timed, (one) => {
    const stream = mainStream(one);
    if (!stream) return undefined;
    const { startSec = 0, durationSec, path } = one.piece;
    const { startTicks, decodeTicks = startTicks, editTicks } = stream;
    // Of sound whose first samples an edit list takes off, ffmpeg writes the times after that.
    const times = [decodeTicks, startTicks, startTicks - editTicks].map((ticks) => seconds(ticks, stream));
    const tolerance = rendition.isNominal ? durationSec / 2 : 1.5 / stream.timescale + 1e-6;
    if (times.some((time) => Math.abs(time - startSec) <= tolerance)) return undefined;
    return { path, expected: sec(times[0] ?? 0), actual: `${sec(startSec)} in ${rendition.name}` };
  });
}

/** Gap or overlap that a join may have, by what its times can say. */
function toleranceOf(stream: StreamFacts, format: ReadPiece['format']): number {
  if (stream.kind === 'video') return CLOSE_SEC;
  // MP4 counts samples; a transport stream's clock rounds, and sound whose frames are not counted is known by its packets.
  return format === 'mp4' ? 1.5 / stream.timescale : stream.sampleCounted ? 0.001 : CLOSE_SEC;
}

function judgeJoins({ rendition, pieces }: ReadRendition, checks: Checks): void {
  const pairs = pieces.slice(1).map((piece, i) => ({ before: pieces[i] ?? piece, piece }));
  checks.each('continuous', rendition.manifest, pairs, ({ before, piece }) => {
    if (piece.piece.discontinuity) return undefined;
    for (const stream of piece.facts?.streams ?? []) {
      const last = before.facts?.streams.find(({ id, kind }) => id === stream.id && kind === stream.kind);
      if (!last || stream.kind === 'text') continue;
      const gap = gapBetween(last, stream);
      if (Math.abs(gap) <= toleranceOf(stream, piece.format)) continue;
      const kind = gap > 0 ? 'gap' : 'overlap';
      const actual = `a ${kind} of ${sec(Math.abs(gap))} of ${stream.kind} after ${before.piece.path}`;
      return { path: piece.piece.path, expected: 'to follow it', actual };
    }
    return undefined;
  });
}

/** By decode times where both are known, since films are decoded without a break whatever order they are shown in. */
function gapBetween(last: StreamFacts, next: StreamFacts): number {
  const decode = last.decodeTicks !== undefined && next.decodeTicks !== undefined && last.timescale === next.timescale;
  const [from, to] =
    decode && last.kind === 'video' ? [last.decodeTicks, next.decodeTicks] : [last.startTicks, next.startTicks];
  return seconds((to ?? 0) - (from ?? 0) - last.durationTicks, next);
}

/** Renditions that play together or in each other's place. */
export function judgeAgreement(all: readonly ReadRendition[], manifest: string, checks: Checks): void {
  const timed = all.filter(
    ({ rendition, pieces }) => rendition.holds === 'media' && pieces.length > 0 && !rendition.isIncomplete,
  );
  const spans = timed.map((read) => ({
    read,
    isFilm: isFilm(read),
    durationSec: totalSec(read),
    startSec: startOf(read),
  }));
  const longest = Math.max(0, ...spans.map(({ durationSec }) => durationSec));
  const film = spans.find((span) => span.isFilm);
  checks.each('durations_agree', manifest, spans, ({ read, durationSec, isFilm: own }) => {
    const reference = own && film ? film.durationSec : longest;
    if (Math.abs(durationSec - reference) <= (own ? CLOSE_SEC : LOOSE_SEC)) return undefined;
    return {
      path: read.rendition.manifest,
      expected: sec(reference),
      actual: `${sec(durationSec)} in ${read.rendition.name}`,
    };
  });
  const started = spans.filter(({ startSec }) => startSec !== undefined);
  const zero = started[0]?.startSec ?? 0;
  checks.each('starts_agree', manifest, started, ({ read, startSec = 0 }) => {
    if (Math.abs(startSec - zero) <= START_SEC) return undefined;
    return { path: read.rendition.manifest, expected: sec(zero), actual: `${sec(startSec)} in ${read.rendition.name}` };
  });
  judgeAlignment(
    spans.filter((span) => span.isFilm).map(({ read }) => read),
    manifest,
    checks,
  );
}

const isFilm = ({ streams }: ReadRendition): boolean => streams.some(({ kind }) => kind === 'video');

/** As measured where all segments could be read, else as claimed. */
export function totalSec({ pieces }: ReadRendition): number {
  const measured = pieces.map(durationOf);
  const known = measured.every((one) => one !== undefined);
  return pieces.reduce((sum, { piece }, i) => sum + (known ? (measured[i] ?? 0) : piece.durationSec), 0);
}

function startOf({ pieces }: ReadRendition): number | undefined {
  const stream = pieces[0] && mainStream(pieces[0]);
  return stream && seconds(stream.startTicks, stream);
}

/** Boundaries from each rung's own start: what a player jumps between. */
function boundaries({ pieces }: ReadRendition): readonly number[] {
  const times = pieces.map((piece) => {
    const stream = mainStream(piece);
    return stream ? seconds(stream.startTicks, stream) : Number.NaN;
  });
  return times.map((time) => time - (times[0] ?? 0));
}

function judgeAlignment(films: readonly ReadRendition[], manifest: string, checks: Checks): void {
  const [first, ...others] = films.filter(({ pieces }) => pieces.every((piece) => mainStream(piece)));
  if (!first) return;
  const wanted = boundaries(first);
  checks.each('aligned', manifest, others, (read) => {
    const own = boundaries(read);
    const { name } = read.rendition;
    const path = read.rendition.manifest;
    if (own.length !== wanted.length) {
      return {
        path,
        expected: `${wanted.length} segments as in ${first.rendition.name}`,
        actual: `${own.length} in ${name}`,
      };
    }
    const off = own.findIndex((time, i) => Math.abs(time - (wanted[i] ?? 0)) > SAME_SEC);
    if (off < 0) return undefined;
    const expected = `segment ${off + 1} at ${sec(wanted[off] ?? 0)} as in ${first.rendition.name}`;
    return { path, expected, actual: `${sec(own[off] ?? 0)} in ${name}` };
  });
}
