import { valueOf } from '../model/rational.ts';
import type { Bench } from './bench.ts';
import { type DashManifest, type DashRepresentation, readManifest } from './dash-read.ts';
import { type Claims, judgeClaims, judgeDashRate } from './judge-claims.ts';
import { judgeImages } from './judge-images.ts';
import { judgeDashKeys } from './judge-keys.ts';
import { judgeText } from './judge-text.ts';
import { judgeAgreement, judgeSegments, totalSec } from './judge-times.ts';
import type { ReadRendition } from './read-pieces.ts';
import { dashRendition } from './rendition.ts';

/** Judges what one manifest names. The answer is how long its film is, seconds; undefined where that is not known. */
export async function judgeDash(bench: Bench, path: string): Promise<number | undefined> {
  const { files, checks } = bench;
  const manifest = readManifest(new TextDecoder().decode(await files.read(path)));
  const faults = typeof manifest === 'string' ? [manifest] : manifest.faults;
  const actual = faults.length > 0 ? faults.join('; ') : 'well-formed';
  checks.add('manifest_form', path, { expected: 'a manifest of ISO/IEC 23009-1', actual, ok: faults.length === 0 });
  if (typeof manifest === 'string') return undefined;
  checks.add(
    'ended',
    path,
    { expected: 'type="static"', actual: manifest.isStatic ? 'static' : 'dynamic', ok: manifest.isStatic },
    true,
  );
  const reads: { representation: DashRepresentation; read: ReadRendition }[] = [];
  for (const representation of manifest.representations) {
    reads.push({ representation, read: await judgeRepresentation(bench, path, manifest, representation) });
  }
  for (const set of new Set(reads.map(({ representation }) => representation.set.split('.')[0]))) {
    const period = reads
      .filter(({ representation }) => representation.set.split('.')[0] === set)
      .map(({ read }) => read);
    judgeAgreement(period, path, checks);
  }
  judgeWhole(
    manifest,
    reads.map(({ read }) => read),
    path,
    bench,
  );
  return manifest.durationSec;
}

async function judgeRepresentation(
  bench: Bench,
  path: string,
  manifest: DashManifest,
  representation: DashRepresentation,
): Promise<ReadRendition> {
  const { files, reader, checks } = bench;
  const rendition = await dashRendition(path, manifest, representation, files, checks);
  const read = await reader.read(rendition);
  if (rendition.pieces.length === 0 && !rendition.isIncomplete) {
    checks.add('not_empty', path, {
      expected: 'at least one',
      actual: `Representation ${representation.id} has none`,
      ok: false,
    });
  }
  if (rendition.holds === 'text') await judgeText(files, read, undefined, checks);
  if (rendition.holds === 'images') await judgeImages(bench, read, representation.periodSec ?? manifest.durationSec);
  if (rendition.holds !== 'media') return read;
  judgeSegments(read, checks);
  await judgeDashKeys(bench, path, representation, read);
  judgeClaims(claimsOf(representation), path, read.streams, checks);
  judgeDashRate(representation, manifest, read, checks);
  const sound = read.streams.find(({ kind }) => kind === 'audio');
  if (representation.channels !== undefined && sound?.channels !== undefined) {
    const actual = `${representation.channels} (${representation.id})`;
    checks.add('channels', path, {
      expected: `${sound.channels}`,
      actual,
      ok: representation.channels === sound.channels,
    });
  }
  return read;
}

function claimsOf({
  id,
  bandwidth,
  codecs,
  width,
  height,
  frameRate,
  channels,
  videoRange,
}: DashRepresentation): Claims {
  return {
    ...{ name: id, bandwidth, averageBandwidth: undefined, codecs, videoRange, channels },
    resolution: width === undefined || height === undefined ? undefined : `${width}x${height}`,
    frameRate: frameRate && valueOf(frameRate),
  };
}

/** The whole presentation lasts as long as its longest track; a manifest may round up. */
function judgeWhole(manifest: DashManifest, reads: readonly ReadRendition[], path: string, { checks }: Bench): void {
  const { durationSec } = manifest;
  const media = reads.filter(({ rendition, pieces }) => rendition.holds === 'media' && pieces.length > 0);
  const onePeriod = new Set(manifest.representations.map(({ set }) => set.split('.')[0])).size === 1;
  if (durationSec === undefined || media.length === 0 || !onePeriod) return;
  if (media.some(({ rendition }) => rendition.isIncomplete)) return;
  const longest = Math.max(...media.map(totalSec));
  const ok = Math.abs(durationSec - longest) <= 0.5;
  checks.add('durations_agree', path, {
    expected: `${Number(longest.toFixed(3))} s`,
    actual: `${durationSec} s (mediaPresentationDuration)`,
    ok,
  });
}
