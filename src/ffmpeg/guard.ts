import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * How a child is kept from outliving sg-export when that is killed without a chance to clean up.
 * `setpriv`: the Linux kernel kills it. `guardian`: a small node process waits for the end of a pipe.
 */
export type Guard = 'setpriv' | 'guardian';

export interface GuardedCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** A pipe is the guardian's sign that sg-export lives; it also takes the orders `t` (TERM) and `k` (KILL). */
  readonly stdin: 'ignore' | 'pipe';
}

/** How long the child may take to end by itself once its parent is dead. */
const GUARDIAN_KILL_MS = 1000;

/**
 * The guardian: starts the program, ends as it ended, and stops it when its own stdin ends. It starts the
 * program itself so that there is no moment at which the program runs and nobody watches.
 */
const GUARDIAN = `
const { spawn } = require('node:child_process');
const [program, ...args] = process.argv.slice(1);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
const stop = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), ${GUARDIAN_KILL_MS});
};
process.stdin.on('data', (orders) => {
  for (const order of orders.toString()) child.kill(order === 'k' ? 'SIGKILL' : 'SIGTERM');
});
process.stdin.on('end', stop).on('error', stop);
child.on('error', (error) => {
  process.stderr.write(process.ppid + ': ' + error.message + '\\n', () => process.exit(127));
});
child.on('exit', (code, signal) => {
  if (!signal) process.exit(code);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(1), 1000);
});
`;

/** The death signal is set before this shell looks for its parent, so a parent that died in between is seen. */
const PARENT_CHECK = '[ "$PPID" = "$0" ] || exit 70; exec "$@"';

/** The command that runs `program` under a guard; `setpriv` is the path of that tool. */
export function guardCommand(
  guard: { readonly kind: 'setpriv'; readonly setpriv: string } | { readonly kind: 'guardian' },
  program: string,
  args: readonly string[],
): GuardedCommand {
  if (guard.kind === 'guardian') {
    return { program: process.execPath, args: ['-e', GUARDIAN, '--', program, ...args], stdin: 'pipe' };
  }
  const check = ['/bin/sh', '-c', PARENT_CHECK, String(process.pid), program, ...args];
  return { program: guard.setpriv, args: ['--pdeathsig', 'KILL', ...check], stdin: 'ignore' };
}

/** Whether a path is a file that may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** All executables of a name on the PATH, in its order. Relative entries are left out: they depend on the folder. */
export function onPath(name: string, path: string | undefined = process.env.PATH): readonly string[] {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/') || /^[A-Za-z]:/.test(folder))
    .map((folder) => join(folder, file))
    .filter((candidate, i, all) => all.indexOf(candidate) === i && isExecutable(candidate));
}
