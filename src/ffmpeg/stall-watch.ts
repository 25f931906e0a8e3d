import { treeActivity } from './process-tree.ts';

/** How many times longer a child that keeps a processor busy may go without a sign of life. */
const BUSY_PATIENCE = 10;
/** Less than this share of one core is not busy. */
const BUSY_SHARE = 0.1;
/** Fewer bytes than these in a tick may be a report that has not come through its pipe yet. */
const IO_NOISE_BYTES = 4096;

export interface StallWatch {
  /** Bytes that came through the child's pipes: its own reports are no sign that the work moves. */
  heard(bytes: number): void;
  /** The work moved, or the child said something. */
  alive(): void;
  stop(): void;
}

/**
 * Calls `onStall` once when a child has shown no sign of life for `stallSec` (0: never). Time in which this
 * process did not run either (a suspended laptop, Ctrl-Z, a frozen virtual machine) does not count, nor does
 * time in which the child is stopped. On Linux two more signs are read from /proc: bytes that it reads or
 * writes (putting the index of a big MP4 in front moves no progress), and processor time, which only makes
 * the patience longer: an encoder that hangs waits, but one that spins must not run for ever.
 */
export function watchForStall(stallSec: number, pid: number | undefined, onStall: () => void): StallWatch {
  if (stallSec <= 0) return { heard: () => {}, alive: () => {}, stop: () => {} };
  const tickSec = Math.min(1, stallSec / 4);
  let lastTick = performance.now();
  let idleSec = 0;
  let busySec = 0;
  let heardBytes = 0;
  let lastIo: number | undefined;
  let lastCpuSec: number | undefined;

  const alive = (): void => {
    idleSec = 0;
    busySec = 0;
  };
  const tick = (): void => {
    const now = performance.now();
    // A gap in the ticks is time in which nobody ran.
    const elapsedSec = Math.min((now - lastTick) / 1000, 2 * tickSec);
    lastTick = now;
    const seen = pid === undefined ? undefined : treeActivity(pid);
    if (seen?.stopped) return;
    const io = seen ? seen.ioBytes - heardBytes : undefined;
    const ioMoved = io !== undefined && lastIo !== undefined && Math.abs(io - lastIo) > IO_NOISE_BYTES;
    const usedSec = seen && lastCpuSec !== undefined ? Math.max(0, seen.cpuSec - lastCpuSec) : 0;
    lastIo = io;
    lastCpuSec = seen?.cpuSec;
    if (ioMoved) {
      alive();
      return;
    }
    idleSec += elapsedSec;
    busySec += usedSec;
    const busy = busySec > idleSec * BUSY_SHARE;
    if (idleSec < stallSec * (busy ? BUSY_PATIENCE : 1)) return;
    clearInterval(timer);
    onStall();
  };
  const timer = setInterval(tick, tickSec * 1000);

  return {
    heard: (bytes) => {
      heardBytes += bytes;
    },
    alive,
    stop: () => clearInterval(timer),
  };
}
