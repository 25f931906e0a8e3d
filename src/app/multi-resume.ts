import { resolve } from 'node:path';
import { thisProcess } from '../files/owner.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { MultiRecord, RunOwner } from '../model/history.ts';
import { isMapping } from '../model/mapping.ts';
import type { GlobalOptions, Session } from './call.ts';
import { requireHistory } from './jobs.ts';
import type { MultiCall, MultiRequest, RequestedExport } from './multi-request.ts';
import { readMultiValues } from './multi-settings.ts';
import { jobLives } from './session.ts';

const VERSION = 1;

/** Of a package's encryption nothing is kept but that there is one. */
function withoutKey(request: MultiRequest): MultiRequest {
  const { ladder } = request;
  if (!ladder?.encryption) return request;
  return { ...request, ladder: { ...ladder, encryption: { ...ladder.encryption, keyFile: '', keyUri: '' } } };
}

/** What is kept of a request: itself, and the program's options that it was made with. */
export function keptRequest({ global, cwd, configPath }: Session, request: MultiRequest) {
  const at = (path: string | undefined) => (path === undefined ? {} : resolve(cwd, path));
  return {
    version: VERSION,
    request: withoutKey(request),
    global: {
      ...(configPath === undefined ? {} : { config: configPath }),
      ...(global.ffmpeg === undefined ? {} : { ffmpeg: at(global.ffmpeg) }),
      ...(global.ffprobe === undefined ? {} : { ffprobe: at(global.ffprobe) }),
    },
  };
}

/** A run that was begun and not finished. */
export interface Unfinished {
  readonly multiId: string;
  readonly createdAt: string;
  /** The process that ran it last. */
  readonly owner: RunOwner;
  readonly request: MultiRequest;
  readonly global: Pick<GlobalOptions, 'config' | 'ffmpeg' | 'ffprobe'>;
}

const isTextOrNone = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

function isExport(value: unknown): value is RequestedExport {
  return (
    isMapping(value) && typeof value.label === 'string' && typeof value.input === 'string' && isMapping(value.flags)
  );
}

function isRequest(value: unknown): value is MultiRequest {
  if (!isMapping(value) || typeof value.cwd !== 'string' || typeof value.parallel !== 'number') return false;
  const { exports, files, now } = value;
  return Array.isArray(exports) && exports.every(isExport) && Array.isArray(files) && isMapping(now);
}

/** A database is foreign data: what a newer version kept is not guessed at. */
function readKept({ multi_id, created_at, request: kept, host, pid }: MultiRecord): Unfinished | undefined {
  if (!isMapping(kept) || kept.version !== VERSION || !isRequest(kept.request) || !isMapping(kept.global))
    return undefined;
  const { config, ffmpeg, ffprobe } = kept.global;
  if (![config, ffmpeg, ffprobe].every(isTextOrNone)) return undefined;
  return { multiId: multi_id, createdAt: created_at, owner: { host, pid }, request: kept.request, global: kept.global };
}

/** The newest run of this user that was begun, is not finished, and that nobody works on. Throws SgError USAGE where there is none. */
export function findUnfinished(session: Session): Unfinished {
  requireHistory(session);
  const all = session.history.unfinishedMultis();
  const dead = all.find((one) => one.status !== 'running' || !jobLives(one));
  const found = dead && readKept(dead);
  if (found) return found;
  const [running] = all;
  const why = dead
    ? `the run ${dead.multi_id} in ${session.historyPath} was begun by another version of sg-export`
    : running
      ? `the run ${running.multi_id} is still at work (process ${running.pid})`
      : `there is no unfinished run in ${session.historyPath}`;
  throw new SgError('USAGE', why, { hint: '--db FILE names another database' });
}

/** This process, as a run's history names it. */
export function runOwner(): RunOwner {
  const { host, pid, startTicks } = thisProcess();
  return { host: `${host}/${startTicks}`, pid };
}

/** A run that is taken up again: which one, and whose it was when it was found. */
export type TakenUp = Pick<Unfinished, 'multiId' | 'owner'>;

/** Two processes may find the same run; the second one would fail on what the first one makes. Throws SgError USAGE. */
export function takeUp({ history }: Session, { multiId, owner }: TakenUp): void {
  if (history.takeUpMulti({ multi_id: multiId, ...owner }, runOwner())) return;
  throw new SgError('USAGE', `the run ${multiId} was taken up by another process meanwhile`, {
    hint: 'let it finish; `sg-export multi --resume` makes what it leaves undone',
  });
}

/** Flags that may go with `--resume`: how it runs, not what is made. */
const RESUME_FLAGS = ['resume', 'parallel', 'memory', 'share', 'fail_fast', 'dry_run', 'timeout'];

/** Throws SgError USAGE for words beside `--resume` that would change what is made. */
export function checkResume({ inputs, flags }: MultiCall): void {
  const other = Object.keys(flags).find((key) => !RESUME_FLAGS.includes(key));
  const what = inputs[0] ?? (other && `--${other.replaceAll('_', '-')}`);
  if (what !== undefined) {
    throw new SgError('USAGE', `--resume takes up a run as it was asked for, and ${what} would change it`, {
      hint: '--resume goes with --parallel, --memory, --fail-fast, --timeout and the global options only',
    });
  }
}

/** A kept request, to be run as the flags now say. Throws SgError USAGE for flags that cannot be read. */
export function resumedRequest(request: MultiRequest, { flags }: MultiCall): MultiRequest {
  const issues: Issue[] = [];
  const { parallel, memory, share, failFast } = readMultiValues(flags, { kind: 'flag' }, issues);
  const blocking = errorOfIssues(issues);
  if (blocking) throw blocking;
  if (request.ladder?.encryption) {
    throw new SgError('USAGE', 'an encrypted package cannot be taken up: its key is not kept', {
      hint: 'give the command again',
    });
  }
  return {
    ...request,
    ...(parallel === undefined ? {} : { parallel, together: parallel }),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(share === undefined ? {} : { share }),
    ...(failFast === undefined ? {} : { failFast }),
  };
}
