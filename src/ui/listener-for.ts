import { barsListener } from './bars.ts';
import type { Colour } from './colour.ts';
import type { NamedExport, Output, RunListener } from './listener.ts';
import { plainListener } from './plain.ts';

/** The listener for people: bars on a terminal, a line now and then elsewhere, next to nothing with `--quiet`. */
export function listenerFor(options: {
  readonly stderr: Output;
  readonly exports: readonly NamedExport[];
  readonly quiet: boolean;
  readonly colour: Colour;
  readonly env: Readonly<Record<string, string | undefined>>;
}): RunListener {
  const { stderr, exports, quiet, colour, env } = options;
  // A dumb terminal cannot move its cursor.
  const draws = stderr.isTTY === true && !quiet && env.TERM !== 'dumb';
  return draws ? barsListener(stderr, exports, colour) : plainListener(stderr, exports, { quiet });
}
