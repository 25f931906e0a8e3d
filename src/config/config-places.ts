import { statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Where the search happens; everything that it depends on. */
export interface Surroundings {
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

/** A file that may hold the configuration, and whose it is: the folder's that is worked in, or this user's own. */
export interface Candidate {
  readonly path: string;
  readonly owner: 'project' | 'user';
  /** A program: it is told, and never run. */
  readonly executable: boolean;
}

/** cosmiconfig's places for data, in its order. */
export const CONFIG_PLACES: readonly string[] = [
  'package.json',
  '.sg-exportrc',
  '.sg-exportrc.json',
  '.sg-exportrc.yaml',
  '.sg-exportrc.yml',
  '.config/sg-exportrc',
  '.config/sg-exportrc.json',
  '.config/sg-exportrc.yaml',
  '.config/sg-exportrc.yml',
  'sg-export.config.json',
  'sg-export.config.yaml',
  'sg-export.config.yml',
];

const EXECUTABLE_PLACES: readonly string[] = ['.sg-exportrc', 'sg-export.config'].flatMap((base) =>
  ['.js', '.cjs', '.mjs', '.ts'].map((extension) => `${base}${extension}`),
);

const USER_PLACES: readonly string[] = ['config', 'config.json', 'config.yaml', 'config.yml'];

/** The candidates that exist: from the working folder upwards to home or the root, then home, then the user's folder. */
export function* findCandidates(around: Surroundings): Generator<Candidate> {
  const home = resolve(around.home);
  const folders = [...foldersUpwards(resolve(around.cwd), home)];
  for (const folder of folders.includes(home) ? folders : [...folders, home]) {
    const owner = folder === home ? 'user' : 'project';
    yield* existing(folder, CONFIG_PLACES, { owner, executable: false });
    yield* existing(folder, EXECUTABLE_PLACES, { owner, executable: true });
  }
  yield* existing(userFolder(around), USER_PLACES, { owner: 'user', executable: false });
}

function* foldersUpwards(from: string, home: string): Generator<string> {
  let folder = from;
  for (;;) {
    yield folder;
    const parent = dirname(folder);
    if (folder === home || parent === folder) return;
    folder = parent;
  }
}

function* existing(folder: string, names: readonly string[], kind: Omit<Candidate, 'path'>): Generator<Candidate> {
  for (const name of names) {
    const path = join(folder, name);
    if (isFile(path)) yield { path, ...kind };
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // A folder that may not be looked into, or a loop of links.
    return false;
  }
}

/** The customary folder of the platform: cosmiconfig's (env-paths). */
function userFolder({ env, home, platform }: Surroundings): string {
  if (env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME)) return join(env.XDG_CONFIG_HOME, 'sg-export');
  if (platform === 'darwin') return join(home, 'Library', 'Preferences', 'sg-export');
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'sg-export', 'Config');
  return join(home, '.config', 'sg-export');
}
