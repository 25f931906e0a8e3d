import { posix } from 'node:path';
import type { Plan, Step } from '../model/plan.ts';
import { type Arranged, arrangeOutputs } from './shared-sound.ts';

/**
 * Several encodes of one source can be one ffmpeg: it decodes each stream once, whatever the number of outputs, and
 * each output keeps its own filters, encoder and options, but for sound that is the same in several. Only whole commands
 * are put together, so that the films are the ones that separate processes would make.
 */

/** The output of a first pass. */
const NOWHERE = '-';
const isLogOption = (arg: string): boolean => /^-passlogfile(:|$)/.test(arg);

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

/** A step that can be one of several in a process: it joins no streams in a graph of its own, and its output's name comes last. */
function isSharable({ args, stage }: Step, product: string): boolean {
  const { input, output } = partsOf(args);
  const last = stage === 'first_pass' ? NOWHERE : product;
  return isAnywhere(input) && !output.includes('-filter_complex') && output.at(-1) === last;
}

/**
 * Equal for plans that may share processes, step by step; undefined for one that may not: what takes other steps than its
 * passes, goes on by what comes out, reads its scratch folder, copies the picture, which costs nothing to decode, or runs
 * on a device, whose failure must be its own.
 */
export function shareKey({ steps, settings, texts, product }: Plan): string | undefined {
  const passes = steps.map(({ stage }) => stage).join();
  const isFilm = passes === 'encoding' || (passes === 'first_pass,encoding' && !steps.some(({ observed }) => observed));
  const isAlone = settings.video_codec === 'copy' || typeof settings.hardware === 'string';
  if (!isFilm || isAlone || Object.keys(texts).length > 0) return undefined;
  if (!steps.every((step) => isSharable(step, product))) return undefined;
  return JSON.stringify(steps.map(({ args, mediaSec }) => [partsOf(args).input, mediaSec]));
}

/** A step of a plan that may share, and where it works. */
export interface Sharer {
  readonly args: readonly string[];
  /** Absolute path of its scratch folder. */
  readonly folder: string;
}

/** An encoder's list of settings takes a path with its separators escaped. */
const escaped = (path: string): string => path.replace(/[\\':]/g, '\\$&');

/** An output's options, with its own names as they are called from any folder. */
function fromAnywhere(output: readonly string[], folder: string): readonly string[] {
  const at = (name: string): string => posix.join(folder, name);
  return output.map((arg, index) => {
    const option = output[index - 1] ?? '';
    if (index === output.length - 1) return arg === NOWHERE ? arg : at(arg);
    if (isLogOption(option)) return at(arg);
    if (!/^-x265-params(:|$)/.test(option)) return arg;
    return arg.replace(
      /(^|:)stats=([^:]+)/,
      (_, before: string, name: string) => `${before}stats=${escaped(at(name))}`,
    );
  });
}

const arranged = (sharers: readonly Sharer[]): readonly Arranged[] =>
  arrangeOutputs(sharers.map(({ args, folder }) => fromAnywhere(partsOf(args).output, folder)));

/** The arguments of the one process, for steps of the same key. Outputs go to the scratch folders by their absolute names. */
export function sharedArgs(sharers: readonly Sharer[]): readonly string[] {
  const [first] = sharers;
  return [...(first ? partsOf(first.args).input : []), ...arranged(sharers).flatMap(({ args }) => args)];
}

const soundEncodes = (args: readonly string[]): number =>
  args.filter((arg, at) => /^-c:a(:\d+)?$/.test(arg) && args[at + 1] !== 'copy').length;

/** Encodes of sound that the one process makes less than processes of their own would. */
export function soundEncodesSaved(sharers: readonly Sharer[]): number {
  const alone = sharers.reduce((sum, { args }) => sum + soundEncodes(args), 0);
  return alone - soundEncodes(sharedArgs(sharers));
}

/** The number of each sharer's picture among the streams of all outputs. */
function pictureNumbers(sharers: readonly Sharer[]): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  let streams = 0;
  for (const { members, args } of arranged(sharers)) {
    for (const [n, member] of members.entries()) numbers.set(member, streams + n);
    streams += args.filter((arg) => arg === '-map' || arg === '-attach').length;
  }
  return numbers;
}

/** A file that has another name while a process is shared. Absolute paths. */
export interface OtherName {
  readonly own: string;
  readonly shared: string;
}

/**
 * ffmpeg names the log of a first pass by the number of the stream among those of all outputs (5.1 to 7.1): what is
 * `pass-0.log` for a process of its own is `pass-3.log` for the fourth stream of a shared one.
 */
export function otherNames(sharers: readonly Sharer[]): readonly OtherName[] {
  const numbers = pictureNumbers(sharers);
  return sharers.flatMap(({ args, folder }, at) => {
    const { output } = partsOf(args);
    const prefix = output[output.findIndex(isLogOption) + 1];
    const number = numbers.get(at) ?? 0;
    if (number === 0 || prefix === undefined || !output.some(isLogOption)) return [];
    // x264 keeps a second log beside the first.
    return ['.log', '.log.mbtree'].map((end) => ({
      own: posix.join(folder, `${prefix}-0${end}`),
      shared: posix.join(folder, `${prefix}-${number}${end}`),
    }));
  });
}
