import { isAbsolute, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where history is kept when `--db` does not say: `$SG_EXPORT_DB`, else `$XDG_STATE_HOME/sg-export/history.db`, else
 * the platform's customary folder below `home`. Absolute. A relative `$XDG_STATE_HOME` is ignored, as its
 * specification asks.
 */
export function defaultHistoryPath(env: Environment, home: string, platform: string = process.platform): string {
  if (env.SG_EXPORT_DB) return resolve(env.SG_EXPORT_DB);
  return join(stateFolder(env, home, platform), 'sg-export', 'history.db');
}

function stateFolder(env: Environment, home: string, platform: string): string {
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return env.XDG_STATE_HOME;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env.LOCALAPPDATA || join(home, 'AppData', 'Local');
  return join(home, '.local', 'state');
}
