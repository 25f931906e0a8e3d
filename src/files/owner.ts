import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, so that a later run can tell whether it still lives: pids are used again, start times are not. */
export interface Owner {
  /** Machine and pid space: a pid means nothing outside them. */
  readonly host: string;
  readonly pid: number;
  /** Start time in clock ticks since boot; `0` where the system does not tell. */
  readonly startTicks: string;
}

function readOr(read: () => string, otherwise: string): string {
  try {
    return read().trim();
  } catch {
    return otherwise;
  }
}

/** State (field 3) and start time (field 22) of /proc/PID/stat. The second field, the name, may hold anything. */
function statOf(pid: number): { readonly state: string; readonly startTicks: string } {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '0' };
}

/**
 * Two machines may both be called `localhost`, and two containers may share a name but not their pids:
 * judged by the name alone, one would take the other's live folders for dead ones.
 */
function hostLabel(): string {
  const machine = readOr(() => readFileSync('/etc/machine-id', 'utf8'), '');
  const pidSpace = readOr(() => readlinkSync('/proc/self/ns/pid'), '');
  const digest = createHash('sha256').update(`${machine}\n${pidSpace}`).digest('hex').slice(0, 6);
  return `${hostname().replace(/[^A-Za-z0-9._-]/g, '_') || 'host'}_${digest}`;
}

let self: Owner | undefined;

/** This process, as later runs will look for it. */
export function thisProcess(): Owner {
  self ??= { host: hostLabel(), pid: process.pid, startTicks: statOf(process.pid).startTicks };
  return self;
}

/** False only where it is certain: this host, and the pid is gone or belongs to a younger process. */
export function isAlive(owner: Owner): boolean {
  if (owner.host !== thisProcess().host) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives, as another user's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const { state, startTicks } = statOf(owner.pid);
  // Killed, but its parent has not collected it yet.
  if (state === 'Z' || state === 'X') return false;
  return startTicks === '0' || owner.startTicks === '0' || startTicks === owner.startTicks;
}
