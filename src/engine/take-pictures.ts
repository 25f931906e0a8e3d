import { SgError } from '../model/errors.ts';
import type { ComparedPictures, Comparison } from '../model/plan.ts';
import type { PicturePair } from '../model/quality.ts';
import { pairArgs, pairNames } from '../plan/quality-graph.ts';
import { readComplaints } from './complaints.ts';
import type { Ports, WorkspacePort } from './ports.ts';

const STALL_SEC = 120;

/**
 * The pictures of these numbers, out of both films as they are compared, in the order asked for. Throws SgError ENCODE
 * where they cannot be had, SIGINT on abort.
 */
export async function takePictures(
  frames: readonly number[],
  comparison: Comparison,
  distorted: ComparedPictures,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly PicturePair[]> {
  if (frames.length === 0) return [];
  const ascending = frames.toSorted((a, b) => a - b);
  const args = pairArgs(comparison, distorted, ascending);
  const result = await ports.runFfmpeg({ args, cwd: workspace.path, signal, stallSec: STALL_SEC });
  if (result.outcome === 'aborted') throw new SgError('SIGINT', 'cancelled');
  const uri = async (name: string): Promise<string> => `data:image/jpeg;base64,${await workspace.readBase64(name)}`;
  try {
    return await Promise.all(
      frames.map(async (frame) => {
        const names = pairNames(ascending.indexOf(frame) + 1);
        return { reference: await uri(names.reference), distorted: await uri(names.distorted) };
      }),
    );
  } catch (cause) {
    const why = readComplaints(result.lines, false).reasons[0] ?? result.reason ?? 'ffmpeg wrote none';
    throw new SgError('ENCODE', `the pictures of the report could not be taken: ${why}`, { cause });
  }
}
