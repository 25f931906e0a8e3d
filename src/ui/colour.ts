import { Chalk, type ChalkInstance } from 'chalk';
import type { Output } from './listener.ts';

export type Colour = ChalkInstance;

/** Colours for one stream. None for files, pipes and dumb terminals, with `--no-color`, or where NO_COLOR is not empty (https://no-color.org). */
export function colourFor(
  output: Pick<Output, 'isTTY'>,
  options: { readonly noColour?: boolean; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Colour {
  const env = options.env ?? {};
  const off = options.noColour === true || Boolean(env.NO_COLOR) || output.isTTY !== true || env.TERM === 'dumb';
  // The sixteen colours that every terminal has are all that is used.
  return new Chalk({ level: off ? 0 : 1 });
}

export const NO_COLOUR: Colour = new Chalk({ level: 0 });
