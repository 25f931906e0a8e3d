import { boxAt } from './boxes.ts';
import { isSync, readMoof, shownFrom } from './mp4-fragment.ts';
import { type InitTrack, readInit } from './mp4-init.ts';
import { fragmentBoxes } from './mp4-segment.ts';
import { endTicks, type MediaTrack, type Resource, type Segment } from './package.ts';
import type { PackageFiles } from './ports.ts';
import { firstUnitBytes } from './ts-segment.ts';

type Film = Pick<MediaTrack, 'format' | 'init' | 'segments'>;
type Found = Omit<Segment, 'durationTicks'>;

/**
 * The entries of a film's I-frame playlist: of MP4 each fragment that begins with a keyframe, from its `moof` to the end of that
 * picture; of a transport stream each segment's first picture with the tables before it.
 */
export async function keyframesOf(files: PackageFiles, track: Film): Promise<readonly Segment[]> {
  const found: Found[] = [];
  const [header] = track.init ? readInit(await files.read(track.init.path, track.init.range)) : [];
  for (const segment of track.segments) {
    if (header) found.push(...(await inFragments(files, segment, header)));
    else if (track.format === 'ts') found.push(await inTransport(files, segment));
  }
  const end = endTicks(track);
  return found.map((entry, i) => ({ ...entry, durationTicks: (found[i + 1]?.startTicks ?? end) - entry.startTicks }));
}

async function inFragments(files: PackageFiles, segment: Segment, header: InitTrack): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const box of await fragmentBoxes(files, segment)) {
    const bytes = await files.read(segment.path, { offset: box.at, length: box.end - box.at });
    if (!boxAt(bytes, 0, bytes.length)) continue;
    const fragment = readMoof(bytes, box.at, [header]).find(({ trackId }) => trackId === header.id);
    const [first] = fragment?.samples ?? [];
    if (!fragment || !first || !isSync(first)) continue;
    const length = first.offset + first.bytes - box.at;
    found.push(entryOf(segment, { offset: box.at, length }, shownFrom(fragment)));
  }
  return found;
}

async function inTransport(files: PackageFiles, segment: Segment): Promise<Found> {
  const length = firstUnitBytes(await files.read(segment.path, segment.range));
  return entryOf(segment, { offset: segment.range?.offset ?? 0, length }, segment.startTicks);
}

function entryOf({ path }: Resource, range: { offset: number; length: number }, startTicks: number): Found {
  return { path, range, startTicks, bytes: range.length, startsWithKeyframe: true };
}
