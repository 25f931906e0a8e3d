import { posix } from 'node:path';
import type { Plan } from '../model/plan.ts';

/**
 * Several encodes of one source can be one ffmpeg: it decodes each stream once, whatever the number of outputs, and
 * each output keeps its own filters, encoder and options. Only whole commands are put together, so that the films are
 * the ones that separate processes would make.
 */

interface Parts {
  /** Up to the last input. */
  readonly input: readonly string[];
  readonly output: readonly string[];
}

function partsOf(args: readonly string[]): Parts {
  const end = args.lastIndexOf('-i') + 2;
  return { input: args.slice(0, end), output: args.slice(end) };
}

/** Inputs that mean the same from any folder: files by their absolute names, and what lavfi makes up. */
function isAnywhere(input: readonly string[]): boolean {
  return input.every((arg, at) => input[at - 1] !== '-i' || arg.startsWith('file:/') || input[at - 2] === 'lavfi');
}

/**
 * Equal for plans that may share a process; undefined for one that may not: what takes several steps, reads its scratch
 * folder, joins its streams in a graph of its own, copies the picture, which costs nothing to decode, or runs on a
 * device, whose failure must be its own.
 */
export function shareKey(plan: Plan): string | undefined {
  const [step, ...more] = plan.steps;
  const alone = plan.settings.video_codec === 'copy' || typeof plan.settings.hardware === 'string';
  if (!step || more.length > 0 || alone || Object.keys(plan.texts).length > 0) return undefined;
  const { input, output } = partsOf(step.args);
  if (!isAnywhere(input) || output.includes('-filter_complex') || output.at(-1) !== plan.product) return undefined;
  return JSON.stringify([input, step.mediaSec]);
}

/** A step of a plan that may share, and where it works. */
export interface Sharer {
  readonly args: readonly string[];
  /** Absolute path of its scratch folder. */
  readonly folder: string;
}

/** The arguments of the one process, for steps of the same key. Outputs go to the scratch folders by their absolute names. */
export function sharedArgs(sharers: readonly Sharer[]): readonly string[] {
  const parts = sharers.map(({ args }) => partsOf(args));
  return [
    ...(parts[0]?.input ?? []),
    ...parts.flatMap(({ output }, index) => [
      ...output.slice(0, -1),
      posix.join(sharers[index]?.folder ?? '', output.at(-1) ?? ''),
    ]),
  ];
}
