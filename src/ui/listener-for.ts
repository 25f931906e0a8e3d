import type { Colour } from './colour.ts';
import type { NamedExport, Output, RunListener } from './listener.ts';
import { plainListener } from './plain.ts';

/**
 * The listener for people: bars on a terminal, a line now and then elsewhere, next to nothing with `--quiet`. What
 * draws bars knows the widths of all scripts and emoji, and takes a tenth of a short run to load: only where it draws.
 */
export async function loadListener(options: {
  readonly stderr: Output;
  readonly quiet: boolean;
  readonly colour: Colour;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<(exports: readonly NamedExport[]) => RunListener> {
  const { stderr, quiet, colour, env } = options;
  // A dumb terminal cannot move its cursor.
  const draws = stderr.isTTY === true && !quiet && env.TERM !== 'dumb';
  if (!draws) return (exports) => plainListener(stderr, exports, { quiet });
  const { barsListener } = await import('./bars.ts');
  return (exports) => barsListener(stderr, exports, colour);
}
