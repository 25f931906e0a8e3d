import type { Issue } from '../model/errors.ts';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import { keyOf } from '../model/options.ts';
import { type OptionOrigin, readOption } from '../model/read-options.ts';
import { type MultiSettings, multiSettings, type RawSettings } from '../presets/job.ts';
import type { Session } from './call.ts';
import { MULTI_KEYS } from './layers.ts';

/** What a layer says of the whole; what cannot be read is a finding. */
export function readMultiValues(raw: RawSettings, origin: OptionOrigin, issues: Issue[]): MultiSettings {
  const read: Record<string, unknown> = {};
  for (const row of MULTI_OPTIONS) {
    const value = raw[keyOf(row.name)];
    if (value === undefined || value === null) continue;
    const one = readOption(row, value, origin);
    if (one.ok) read[keyOf(row.name)] = one.value;
    else issues.push(one.issue);
  }
  return multiSettings(read);
}

/** What was set outside the command line, weakest first. */
export function readSetMulti({ configPath, configValues, environment }: Session, issues: Issue[]): MultiSettings {
  const set = (raw: RawSettings) => Object.fromEntries(Object.entries(raw).filter(([key]) => MULTI_KEYS.includes(key)));
  return {
    ...readMultiValues(set(configValues), { kind: 'config', file: configPath ?? 'the config' }, issues),
    ...readMultiValues(set(environment), { kind: 'env' }, issues),
  };
}
