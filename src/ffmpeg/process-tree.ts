import { readFileSync } from 'node:fs';

/** What Linux tells about a process and all that it started; elsewhere undefined. */
export interface TreeActivity {
  /** Bytes read and written so far, pipes included. */
  readonly ioBytes: number;
  /** Processor time so far, all threads. */
  readonly cpuSec: number;
  /** Stopped by a signal or a debugger. */
  readonly stopped: boolean;
}

/** Linux reports processor time in these on every architecture (USER_HZ). */
const TICKS_PER_SEC = 100;

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Pids of all that a process started and that still live, nearest first. Empty where the system does not tell. */
export function descendantsOf(pid: number): readonly number[] {
  const found = [pid];
  for (const parent of found) {
    const children = readProc(parent, `task/${parent}/children`)?.trim().split(' ') ?? [];
    found.push(...children.filter((text) => text !== '').map(Number));
    if (found.length > 1000) break;
  }
  return found.slice(1);
}

function activityOf(pid: number): TreeActivity | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The second field, the name, may hold spaces and brackets: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const io = readProc(pid, 'io') ?? '';
  const bytes = (key: string): number => Number(new RegExp(`^${key}: (\\d+)`, 'm').exec(io)?.[1] ?? 0);
  return {
    ioBytes: bytes('rchar') + bytes('wchar'),
    cpuSec: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC,
    stopped: fields[0] === 'T' || fields[0] === 't',
  };
}

/** The activity of a process and its descendants together; stopped when any of them is. */
export function treeActivity(pid: number): TreeActivity | undefined {
  if (process.platform !== 'linux') return undefined;
  const own = activityOf(pid);
  if (!own) return undefined;
  return descendantsOf(pid).reduce<TreeActivity>((sum, child) => {
    const more = activityOf(child);
    if (!more) return sum;
    return {
      ioBytes: sum.ioBytes + more.ioBytes,
      cpuSec: sum.cpuSec + more.cpuSec,
      stopped: sum.stopped || more.stopped,
    };
  }, own);
}
