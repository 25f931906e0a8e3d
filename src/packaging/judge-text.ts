import type { Checks } from './check.ts';
import type { PackageFiles } from './ports.ts';
import type { ReadRendition } from './read-pieces.ts';
import { readWebvtt } from './webvtt-segment.ts';

const TICKS_A_SECOND = 90_000;
/** A caption that is off by less is not noticed. */
const CLOSE_SEC = 0.2;

/**
 * Text tracks in WebVTT.
 *
 * @param filmStartSec where the film's own time line starts, which X-TIMESTAMP-MAP must lead to; undefined outside of HLS
 */
export async function judgeText(
  files: PackageFiles,
  { rendition, pieces }: ReadRendition,
  filmStartSec: number | undefined,
  checks: Checks,
): Promise<void> {
  const texts = await Promise.all(
    pieces
      .filter(({ piece }) => !piece.init && !piece.isEncrypted)
      .map(async ({ piece }) => {
        const text = new TextDecoder().decode(await files.read(piece.path, piece.range));
        return { path: piece.path, text, webvtt: readWebvtt(text) };
      }),
  );
  const captions = texts.filter(({ text }) => !text.trimStart().startsWith('<'));
  checks.each('segment_structure', rendition.manifest, captions, ({ path, webvtt }) =>
    webvtt.faults.length > 0 ? { path, expected: 'WebVTT', actual: webvtt.faults.join('; ') } : undefined,
  );
  if (filmStartSec === undefined) return;
  checks.each(
    'timestamp_map',
    rendition.manifest,
    captions,
    ({ path, webvtt: { map, cues } }) => {
      const shift = map ? map.mpegtsTicks / TICKS_A_SECOND - map.localSec : 0;
      if (cues.length === 0 || Math.abs(shift - filmStartSec) <= CLOSE_SEC) return undefined;
      return { path, expected: `a shift of ${filmStartSec.toFixed(3)} s`, actual: `${shift.toFixed(3)} s` };
    },
    true,
  );
}
