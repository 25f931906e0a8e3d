import { createHash } from 'node:crypto';
import type { History } from '../model/history.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { expectUnchanged, type KnownSource } from './source-content.ts';

/** The kinds of what is found of a source and kept: each has its own shape. */
export type FindingKind = 'look' | 'samples' | 'forecast' | 'quality-probe';

/**
 * What was found of one source with one ffmpeg, kept in the history's database: the next delivery of the same content with
 * the same settings does not look again. The database bounds its size and sweeps what is long unused.
 */
export interface SourceCache {
  /**
   * What was kept, where `isSound` recognises it; else `find`'s answer, which is kept for the next time unless it says
   * otherwise. Throws SgError ENCODE where the source was changed meanwhile.
   */
  remember<T>(
    kind: FindingKind,
    depends: readonly unknown[],
    isSound: (value: unknown) => value is T,
    find: () => Promise<{ readonly value: T; readonly passing?: boolean }>,
  ): Promise<{ readonly value: T; readonly known: boolean }>;
  /** What was kept, and nothing is looked for. */
  recall<T>(
    kind: FindingKind,
    depends: readonly unknown[],
    isSound: (value: unknown) => value is T,
  ): Promise<T | undefined>;
}

/** `fresh`: nothing that was kept is believed (`--no-cache`); what is found is kept in its place. */
export function sourceCache(
  history: Pick<History, 'getCached' | 'putCached'>,
  source: KnownSource,
  { ffmpeg }: Pick<Toolchain, 'ffmpeg'>,
  fresh: boolean,
): SourceCache {
  const keyOf = async (depends: readonly unknown[]): Promise<string> => {
    const parts = [await source.content(), ffmpeg.path, ffmpeg.version, ...depends];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  };
  const recall: SourceCache['recall'] = async (kind, depends, isSound) => {
    const kept = fresh ? undefined : history.getCached(kind, await keyOf(depends));
    return isSound(kept) ? kept : undefined;
  };
  return {
    recall,
    remember: async (kind, depends, isSound, find) => {
      const kept = await recall(kind, depends, isSound);
      if (kept !== undefined) return { value: kept, known: true };
      const { value, passing } = await find().catch(async (thrown: unknown) => {
        // A film that was taken away in the midst of it seems damaged.
        await expectUnchanged(source);
        throw thrown;
      });
      await expectUnchanged(source);
      if (!passing) history.putCached(kind, await keyOf(depends), value);
      return { value, known: false };
    },
  };
}

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isText = (value: unknown): value is string => typeof value === 'string';
