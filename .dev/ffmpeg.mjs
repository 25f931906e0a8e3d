// Finds an ffmpeg that sg-export can use, or installs the system's.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from './tree.mjs';

const OLDEST = '5.1';
const SUFFIX = process.platform === 'win32' ? '.exe' : '';

/** `[5, 1]`; a git build such as `N-109741-gbbe95f7353` counts as newer than every release. */
function releaseOf(text) {
  const match = /^ff(?:mpeg|probe) version n?(?:(\d+)\.(\d+)|(?:N-|git-))/.exec(text);
  if (!match) return undefined;
  return match[1] === undefined ? [999, 0] : [Number(match[1]), Number(match[2])];
}

/** Why a program is not usable, or undefined. */
function problemOf(path) {
  if (!existsSync(path)) return `${path} does not exist`;
  const run = spawnSync(path, ['-version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
  const release = run.status === 0 ? releaseOf(run.stdout) : undefined;
  if (!release) return `${path} does not run`;
  const [major, minor] = release;
  return major > 5 || (major === 5 && minor >= 1) ? undefined : `${path} is ${major}.${minor}, older than ${OLDEST}`;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name + SUFFIX)).find(isProgram);
}

/** In the order in which sg-export itself looks. A path that the user gave is the only one used. */
function candidates() {
  const given = process.env.SG_EXPORT_FFMPEG;
  if (given) return [given];
  return [join(ROOT, 'node_modules/ffmpeg-static', `ffmpeg${SUFFIX}`), onPath('ffmpeg')].filter(
    (path) => path && existsSync(path),
  );
}

function probeCandidates(ffmpeg) {
  const given = process.env.SG_EXPORT_FFPROBE;
  if (given) return [given];
  return [join(dirname(ffmpeg), `ffprobe${SUFFIX}`), onPath('ffprobe')].filter((path) => path && existsSync(path));
}

/** `{ ok: true, ffmpeg }`, or `{ ok: false, problems }`. */
export function findFfmpeg() {
  const problems = [];
  for (const ffmpeg of candidates()) {
    const problem = problemOf(ffmpeg);
    if (problem) {
      problems.push(problem);
      continue;
    }
    const probes = probeCandidates(ffmpeg);
    const wrong = probes.map(problemOf);
    if (wrong.includes(undefined)) return { ok: true, ffmpeg };
    problems.push(...(probes.length > 0 ? wrong : [`there is no ffprobe for ${ffmpeg}`]));
  }
  return { ok: false, problems: problems.length > 0 ? problems : ['there is no ffmpeg on this machine'] };
}

// How the packagers are asked. `root`: only root may.
const PACKAGERS = [
  {
    program: 'apt-get',
    root: true,
    commands: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', '--no-install-recommends', 'ffmpeg'],
    ],
  },
  { program: 'dnf', root: true, commands: [['dnf', 'install', '-y', 'ffmpeg-free']] },
  { program: 'pacman', root: true, commands: [['pacman', '-Sy', '--noconfirm', 'ffmpeg']] },
  { program: 'apk', root: true, commands: [['apk', 'add', 'ffmpeg']] },
  { program: 'brew', root: false, commands: [['brew', 'install', 'ffmpeg']] },
  { program: 'winget', root: false, commands: [['winget', 'install', '--exact', '--id', 'Gyan.FFmpeg']] },
];

/** The words to put before a command that only root may run; undefined where root cannot be had without asking. */
function becomeRoot() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : undefined;
}

function runAll(commands, prefix) {
  for (const command of commands) {
    const [program, ...args] = [...prefix, ...command];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const run = spawnSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      maxBuffer: 1 << 28,
    });
    if (run.status === 0) continue;
    return `\`${command.join(' ')}\` failed:\n${`${run.stdout ?? ''}${run.stderr ?? ''}`.trim().split('\n').slice(-8).join('\n')}`;
  }
  return undefined;
}

/**
 * Installs the system's ffmpeg where that needs no password and nobody has to be asked. Returns the one message that
 * says what the user has to do, or undefined when a usable ffmpeg is there.
 */
export function ensureFfmpeg(say) {
  const found = findFfmpeg();
  if (found.ok) return undefined;
  const why = found.problems.join('; ');
  if (process.env.SG_EXPORT_FFMPEG || process.env.SG_EXPORT_FFPROBE) {
    return `${why}. SG_EXPORT_FFMPEG and SG_EXPORT_FFPROBE must name ffmpeg and ffprobe ${OLDEST} or newer; unset them to use the system's.`;
  }
  const packager = PACKAGERS.find((row) => onPath(row.program));
  if (!packager) {
    return `${why}. Install ffmpeg ${OLDEST} or newer with its ffprobe (https://ffmpeg.org/download.html), or name one in SG_EXPORT_FFMPEG.`;
  }
  const shown = packager.commands.map((words) => `${packager.root ? 'sudo ' : ''}${words.join(' ')}`).join(' && ');
  const prefix = packager.root ? becomeRoot() : process.env.CI ? [] : undefined;
  if (!prefix) return `${why}. Run this, then npm run setup again:\n  ${shown}`;
  say(`${why}; installing it with ${packager.program}`);
  const failed = runAll(packager.commands, prefix);
  const now = findFfmpeg();
  if (now.ok) return undefined;
  return `${failed ?? now.problems.join('; ')}\nInstall ffmpeg ${OLDEST} or newer with its ffprobe by hand (${shown}, or https://ffmpeg.org/download.html), or name one in SG_EXPORT_FFMPEG.`;
}
