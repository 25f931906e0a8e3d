import { dirname, resolve } from 'node:path';
import { type GivenPath, locateToolchain } from '../ffmpeg/locate.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Session } from './call.ts';

/** A path that the user, the environment or the config gave for a program, strongest first. */
function givenPath(
  session: Session,
  name: 'ffmpeg' | 'ffprobe',
  env: Readonly<Record<string, string | undefined>>,
): GivenPath | undefined {
  const flag = session.global[name];
  if (flag !== undefined) return { path: resolve(session.cwd, flag), origin: 'flag' };
  const variable = env[`SG_EXPORT_${name.toUpperCase()}`];
  if (variable) return { path: variable, origin: 'env' };
  const configured = session.configValues[name];
  return typeof configured === 'string'
    ? { path: resolve(dirname(session.configPath ?? '.'), configured), origin: 'config' }
    : undefined;
}

/** Finds ffmpeg and ffprobe, by the session's choices; what they can do comes from the history's cache. Throws what the signal was aborted with. */
export function findToolchain(session: Session, signal?: AbortSignal, requiredEncoder?: string): Promise<Toolchain> {
  const ffmpeg = givenPath(session, 'ffmpeg', process.env);
  const ffprobe = givenPath(session, 'ffprobe', process.env);
  return locateToolchain({
    ...(ffmpeg ? { ffmpeg } : {}),
    ...(ffprobe ? { ffprobe } : {}),
    ...(requiredEncoder ? { requiredEncoder } : {}),
    ...(signal ? { signal } : {}),
    cache: {
      get: (key) => session.history.getCached('toolchain', key),
      put: (key, value) => session.history.putCached('toolchain', key, value),
    },
  });
}
