import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { SampleBench } from '../analysis/samples.ts';
import { readComplaints } from '../engine/complaints.ts';
import { SgError } from '../model/errors.ts';
import type { SessionPool } from '../model/hardware.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { realPorts, withSession } from './ports.ts';

const STALL_SEC = 60;
/** When the first pictures have come out is looked at more closely than people look at progress. */
const CLOSELY = ['-benchmark', '-stats_period', '0.1'];

/** Where samples are encoded: a device takes them for encodes like any other. */
export interface SamplePlace {
  readonly toolchain: Toolchain;
  readonly sessions: SessionPool | undefined;
  readonly signal: AbortSignal;
}

/** Gives a scratch folder in the system's one for temporary files, in which ffmpeg runs, and removes it whatever happens. */
export async function withSampleBench<T>(
  { toolchain, sessions, signal }: SamplePlace,
  use: (bench: SampleBench) => Promise<T>,
): Promise<T> {
  const ports = realPorts(toolchain);
  const exportId = randomUUID();
  const workspace = await ports.openWorkspace(tmpdir(), exportId);
  const encode: SampleBench['run'] = async (args, env) => {
    const startMs = ports.nowMs();
    const sinceStart = () => (ports.nowMs() - startMs) / 1000;
    let first: { readonly atSec: number; readonly frames: number } | undefined;
    const result = await ports.runFfmpeg({
      args: [...CLOSELY, ...args],
      env,
      cwd: workspace.path,
      signal,
      stallSec: STALL_SEC,
      onProgress: ({ frame }) => {
        if (frame && !first) first = { atSec: sinceStart(), frames: frame };
      },
    });
    signal.throwIfAborted();
    if (result.outcome !== 'exited' || result.exitCode !== 0) {
      const [reason] = readComplaints(result.lines, false).reasons;
      throw new SgError('ENCODE', `a sample of the source cannot be encoded: ${reason ?? result.lines.at(-1) ?? ''}`, {
        hint: 'the source may be damaged there; without --sample the estimate is arithmetic',
      });
    }
    return { elapsedSec: sinceStart(), processorSec: result.processorSec, first };
  };
  const run: SampleBench['run'] = (args, env) => withSession(sessions, { exportId, signal }, () => encode(args, env));
  try {
    return await use({ run, readText: (name) => workspace.readText(name) });
  } finally {
    await workspace.remove();
  }
}
