import { checkDestination } from '../files/destination.ts';
import { type Issue, SgError } from '../model/errors.ts';
import { readOptions } from '../model/read-options.ts';
import { type Destination, extensionOf } from '../plan/destination.ts';
import { chooseTarget } from '../plan/target.ts';
import { judge, verdictsToIssues } from '../presets/judge.ts';
import { foldRequest, type RequestLayers } from './layers.ts';

/** Flags that decide what the others mean: where one of them is wrong, further findings would be guesses. */
const DECIDING = [
  '--preset',
  '--platform',
  '--codec',
  '--audio-codec',
  '--container',
  '--output',
  '--quality',
  '--mode',
];

/** Whether errors leave the rest of the request as it was meant, so that it can be examined too. */
export function leavesTheRest(issues: readonly Issue[]): boolean {
  return issues.every(
    ({ severity, path, exit }) =>
      severity !== 'error' || exit === 'INPUT' || (path.startsWith('--') && !DECIDING.includes(path)),
  );
}

/** What a step gives; where it ends in an INPUT or TOOLCHAIN error, that is added to the findings instead. */
export async function orFinding<T>(step: Promise<T>, issues: Issue[], path: string): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof SgError) || (error.code !== 'INPUT' && error.code !== 'TOOLCHAIN')) throw error;
    const code = error.code === 'INPUT' ? 'bad_input' : 'toolchain';
    issues.push({ severity: 'error', code, message: error.message, path, hint: error.hint, exit: error.code });
    return undefined;
  }
}

/** All that can be said of a request whose source cannot be read: names against each other, the platform, the destination. */
export async function findingsWithoutSource(
  layers: RequestLayers,
  destination: Destination,
): Promise<readonly Issue[]> {
  const { platform } = layers;
  const advised = platform && readOptions(platform.recommended_settings, { kind: 'preset', file: platform.name });
  const { values, from } = foldRequest(layers, advised?.values);
  const isFile = destination.kind === 'file';
  const { target, issues } = chooseTarget(values, from, isFile ? (extensionOf(destination.path) ?? '') : undefined);
  const sound = target.audioCodec;
  const facts = {
    container: target.container.id,
    ...(target.row ? { videoCodec: target.codec } : {}),
    ...(sound === 'none' ? { hasAudio: false } : sound === 'copy' ? {} : { audioCodec: sound }),
  };
  const mayExist = values.overwrite === true || values.skipExisting === true;
  return [
    ...issues,
    ...(platform ? verdictsToIssues(judge(platform, facts, values.allow ?? [])) : []),
    ...(isFile ? await checkDestination(destination.path, [], { overwrite: mayExist }) : []),
  ];
}
