import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { loadConfig } from '../config/config-file.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadPresetFiles } from '../config/preset-files.ts';
import { isAlive } from '../files/owner.ts';
import type { Issue } from '../model/errors.ts';
import type { History, JobRecord } from '../model/history.ts';
import { openHistory } from '../store/history.ts';
import { defaultHistoryPath } from '../store/history-path.ts';
import type { GlobalOptions, Session } from './call.ts';
import { catalogueRows } from './catalogue-rows.ts';
import { adoptKilledPlacings } from './killed-placings.ts';
import { OPTION_NAMES } from './layers.ts';

export interface SessionOptions {
  readonly cwd: string;
  readonly global: GlobalOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * What a listing needs of the history, so that it starts fast and changes nothing it need not: `read` nothing but what
   * is there, `cache` also what is remembered of this machine, `change` presets and jobs. Left out: everything.
   */
  readonly listing?: 'read' | 'cache' | 'change';
}

function historyPath(options: SessionOptions, config: Readonly<Record<string, unknown>>): string {
  if (options.global.db !== undefined) return options.global.db;
  if (!options.env.SG_EXPORT_DB && typeof config.db === 'string') return config.db;
  return defaultHistoryPath(options.env, homedir());
}

/** Whether the process that runs a job still lives, as far as this host can tell. */
export function jobLives(job: Pick<JobRecord, 'host' | 'pid'>): boolean {
  const [host = '', startTicks = '0'] = job.host.split('/');
  return isAlive({ host, pid: job.pid, startTicks });
}

/** Opens what stands before any request: configuration, environment, history. A broken history is a property of it, never an error. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const config = await loadConfig({
    cwd: options.cwd,
    ...(options.global.config === undefined ? {} : { file: options.global.config }),
  });
  const environment = readEnvironment(options.env, OPTION_NAMES);
  const path = resolve(options.cwd, historyPath(options, config.values));
  const history: History = await openHistory({
    path,
    readonly: options.listing === 'read',
    ...(options.listing ? {} : { catalogue: catalogueRows() }),
  });
  if (!options.listing || options.listing === 'change') history.sweepDead(jobLives);
  if (!options.listing) await adoptKilledPlacings(history, jobLives);
  const warning = (code: string, message: string, path: string): Issue => ({
    severity: 'warning',
    code,
    message,
    path,
    hint: '',
    exit: 'USAGE',
  });
  const issues: Issue[] = [
    ...environment.unknown.map((name) =>
      warning('unknown_variable', `${name} is set, but there is no such option`, name),
    ),
    ...config.warnings.map((message) => warning('config_ignored', message, '')),
  ];
  return {
    cwd: options.cwd,
    global: options.global,
    history,
    historyPath: path,
    configPath: config.path,
    configValues: config.values,
    environment: environment.values,
    filePresets: await loadPresetFiles(config.path, config.values),
    issues,
  };
}
