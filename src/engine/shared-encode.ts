import { otherNames, sharedArgs } from '../plan/share.ts';
import { readComplaints } from './complaints.ts';
import type { Ports } from './ports.ts';

type Request = Parameters<Ports['runFfmpeg']>[0];
type Result = Awaited<ReturnType<Ports['runFfmpeg']>>;

/** Encodes that are to run in one process. */
export interface SharedEncode {
  /** The encode of one member: it begins when all have come. */
  run(member: number, request: Request): Promise<Result>;
  /** This member will not come any more. */
  leave(member: number): void;
  /** The arguments of the process that made all, or undefined where each had its own. */
  args(): readonly string[] | undefined;
}

/** Gives a file another name, where it is there. */
export type MoveFile = (from: string, to: string) => Promise<void>;

/** All steps of deliveries that run together: one encode after the other, each shared where that can be. */
export interface SharedSteps {
  run(member: number, step: number, request: Request): Promise<Result>;
  /** This member will not come any more. */
  leave(member: number): void;
  /** The arguments of the process that made a step of all, or undefined where each had its own. */
  args(step: number): readonly string[] | undefined;
}

export function shareSteps(
  { members, steps }: { readonly members: number; readonly steps: number },
  runFfmpeg: Ports['runFfmpeg'],
  moveFile: MoveFile,
): SharedSteps {
  const encodes = Array.from({ length: steps }, () => shareEncode(members, runFfmpeg, moveFile));
  return {
    run: (member, step, request) => encodes[step]?.run(member, request) ?? runFfmpeg(request),
    leave: (member) => {
      for (const encode of encodes) encode.leave(member);
    },
    args: (step) => encodes[step]?.args(),
  };
}

interface Waiting {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

const ABORTED: Result = { exitCode: null, signal: null, outcome: 'aborted', lines: [] };

/** Nothing at all to complain of: whose complaint it is could not be told. */
function isClean({ outcome, exitCode, lines }: Result): boolean {
  const { diskFull, source, reasons } = readComplaints(lines, false);
  return outcome === 'exited' && exitCode === 0 && !diskFull && source.length === 0 && reasons.length === 0;
}

/** Runs encodes in one process, which ends where one of them is cancelled. Files stand under their shared names meanwhile. */
async function inOne(requests: readonly [Request, ...Request[]], runFfmpeg: Ports['runFfmpeg'], moveFile: MoveFile) {
  const [first] = requests;
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const { signal } of requests) signal.addEventListener('abort', stop, { once: true });
  const sharers = requests.map((request) => ({ args: request.args, folder: request.cwd }));
  const args = sharedArgs(sharers);
  const names = otherNames(sharers);
  for (const { own, shared } of names) await moveFile(own, shared);
  const result = await runFfmpeg({
    args,
    cwd: first.cwd,
    env: Object.assign({}, ...requests.map(({ env }) => env ?? {})),
    signal: controller.signal,
    stallSec: first.stallSec,
    onProgress: (figures) => {
      // Bytes and frames are those of the first output only.
      for (const { onProgress } of requests) onProgress?.({ ...figures, totalBytes: null, frame: null });
    },
  });
  for (const { signal } of requests) signal.removeEventListener('abort', stop);
  for (const { own, shared } of names) await moveFile(shared, own);
  return { result, args };
}

/**
 * Brings the encodes of `count` members together in one ffmpeg. Where that fails, or one of them is cancelled, each of
 * the others runs on its own, one after the other: what one does never costs another its film.
 */
export function shareEncode(
  count: number,
  runFfmpeg: Ports['runFfmpeg'],
  moveFile: MoveFile = async () => undefined,
): SharedEncode {
  const waiting = new Map<number, Waiting>();
  const gone = new Set<number>();
  let begun = false;
  let made: readonly string[] | undefined;

  async function alone(members: readonly Waiting[]): Promise<void> {
    for (const { request, resolve } of members) resolve(await runFfmpeg(request));
  }

  async function together(members: readonly Waiting[]): Promise<void> {
    const [first, ...others] = members.map(({ request }) => request);
    if (!first) return;
    const { result, args } = await inOne([first, ...others], runFfmpeg, moveFile);
    if (!isClean(result)) return alone(members);
    made = args;
    for (const { resolve } of members) resolve(result);
  }

  function begin(): void {
    if (begun || waiting.size + gone.size < count) return;
    begun = true;
    const members = [...waiting.values()];
    const work = members.length > 1 ? together(members) : alone(members);
    work.catch((reason: unknown) => {
      for (const { reject } of members) reject(reason);
    });
  }

  const leave = (member: number): void => {
    waiting.delete(member);
    gone.add(member);
    begin();
  };
  return {
    run: (member, request) =>
      new Promise((resolve, reject) => {
        const cancelled = (): void => {
          if (begun) return;
          leave(member);
          resolve(ABORTED);
        };
        if (begun) return resolve(runFfmpeg(request));
        request.signal.addEventListener('abort', cancelled, { once: true });
        waiting.set(member, { request, resolve, reject });
        if (request.signal.aborted) cancelled();
        else begin();
      }),
    leave,
    args: () => made,
  };
}
