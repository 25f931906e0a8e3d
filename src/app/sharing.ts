import { decodedPictures, picturePixels } from '../analysis/decode-cost.ts';
import type { LookAt } from '../analysis/look.ts';
import type { Sharing } from '../model/events.ts';
import { soundEncodesSaved } from '../plan/share.ts';
import type { Prepared } from './call.ts';
import { type CostCache, pictureCost } from './picture-cost.ts';
import { lookWith } from './ports.ts';

/** Films of one source that one ffmpeg made. */
export interface SharedFilms {
  /** One of them: they decode the same. */
  readonly prepared: Prepared;
  readonly films: number;
  /** Times that it decoded the source: once for each pass. */
  readonly passes: number;
  /** Encodes of sound that it made less than one for each track of each film. */
  readonly soundsSaved: number;
}

/** What is kept of films that one ffmpeg made. */
export function sharedFilms(films: readonly Prepared[]): readonly SharedFilms[] {
  const [first] = films;
  if (!first?.plan) return [];
  const encodes = films.flatMap(({ plan }) => plan?.steps.slice(-1) ?? []);
  const soundsSaved = soundEncodesSaved(encodes.map(({ args }) => ({ args, folder: '' })));
  return [{ prepared: first, films: films.length, passes: first.plan.steps.length, soundsSaved }];
}

interface Source {
  readonly films: SharedFilms;
  /** Pictures whose decoding was saved, and the pixels of them all. */
  readonly pictures: number;
  readonly pixels: number;
}

/** Sources that are measured, those with most to save first; what others took is told from their pixels. */
const MOST_MEASURED = 3;

function sourceOf(films: SharedFilms): Source | undefined {
  const { resolved, media } = films.prepared;
  if (!resolved) return undefined;
  const pictures = (films.films - 1) * films.passes * decodedPictures(resolved, media);
  return { films, pictures, pixels: pictures * picturePixels(resolved, media) };
}

/** Processor seconds that were not spent on decoding, or null where that cannot be told. */
async function savedSec(
  sources: readonly Source[],
  cache: CostCache,
  lookOf: (prepared: Prepared) => LookAt,
): Promise<number | null> {
  const sorted = [...sources].sort((a, b) => b.pixels - a.pixels);
  let [sec, pixels] = [0, 0];
  for (const { films, pictures, pixels: own } of sorted.slice(0, MOST_MEASURED)) {
    const cost = await pictureCost(films.prepared, cache, lookOf);
    if (cost === undefined) continue;
    sec += cost * pictures;
    pixels += own;
  }
  if (pixels === 0) return null;
  const all = sources.reduce((sum, one) => sum + one.pixels, 0);
  return Math.round((sec / pixels) * all * 100) / 100;
}

/**
 * What sharing decodes came to: each process decoded its source once where its films alone would have done so once
 * each. What a decode takes is measured of some pictures of the source, for the first film of its kind (some tenths of a
 * second). Never throws.
 */
export async function sharingOf(
  shared: readonly SharedFilms[],
  cache: CostCache,
  signal: AbortSignal,
): Promise<Sharing | null> {
  if (shared.length === 0) return null;
  const exports = shared.reduce((sum, { films }) => sum + films, 0);
  const sources = shared.flatMap((films) => sourceOf(films) ?? []);
  const lookOf = ({ toolchain }: Prepared): LookAt => lookWith(toolchain, signal);
  return {
    exports,
    decodes: shared.reduce((sum, { passes }) => sum + passes, 0),
    decodes_saved: shared.reduce((sum, { films, passes }) => sum + (films - 1) * passes, 0),
    sounds_saved: shared.reduce((sum, { soundsSaved }) => sum + soundsSaved, 0),
    saved_cpu_seconds: await savedSec(sources, cache, lookOf).catch(() => null),
  };
}
