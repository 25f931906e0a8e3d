import { homedir } from 'node:os';
import { loadConfig } from '../config/config-file.ts';
import { readEnvironment } from '../config/environment.ts';
import { isAlive } from '../files/owner.ts';
import type { Issue } from '../model/errors.ts';
import type { History } from '../model/history.ts';
import { openHistory } from '../store/history.ts';
import { defaultHistoryPath } from '../store/history-path.ts';
import type { GlobalOptions, Session } from './call.ts';
import { catalogueRows } from './catalogue-rows.ts';
import { OPTION_NAMES } from './layers.ts';

export interface SessionOptions {
  readonly cwd: string;
  readonly global: GlobalOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Listing commands change nothing in the history but its cache. */
  readonly readonlyHistory?: boolean;
}

function historyPath(options: SessionOptions, config: Readonly<Record<string, unknown>>): string {
  if (options.global.db !== undefined) return options.global.db;
  if (!options.env.SG_EXPORT_DB && typeof config.db === 'string') return config.db;
  return defaultHistoryPath(options.env, homedir());
}

/** Opens what stands before any request: configuration, environment, history. A broken history is a property of it, never an error. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const config = await loadConfig({
    cwd: options.cwd,
    ...(options.global.config === undefined ? {} : { file: options.global.config }),
  });
  const environment = readEnvironment(options.env, OPTION_NAMES);
  const history: History = await openHistory({ path: historyPath(options, config.values), catalogue: catalogueRows() });
  history.sweepDead((job) => {
    const [host = '', startTicks = '0'] = job.host.split('/');
    return isAlive({ host, pid: job.pid, startTicks });
  });
  const issues: Issue[] = environment.unknown.map((name) => ({
    severity: 'warning',
    code: 'unknown_variable',
    message: `${name} is set, but there is no such option`,
    path: name,
    hint: '',
    exit: 'USAGE',
  }));
  return {
    cwd: options.cwd,
    global: options.global,
    history,
    configPath: config.path,
    configValues: config.values,
    environment: environment.values,
    issues,
  };
}
