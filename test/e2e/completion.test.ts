import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIN, cleanEnv, expectRefusal, fresh, ok, sg } from '../support/run-cli.ts';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const folder = fresh();
const db = join(folder, 'h.db');
// With the program on the PATH, as people have it: the scripts ask it for presets and exports.
const env = cleanEnv({ PATH: `${folder}:${process.env.PATH ?? ''}`, SG_EXPORT_DB: db, TERM: 'dumb', HOME: folder });

function run(shell: string, args: readonly string[]): string {
  const ran = spawnSync(shell, args, { env, cwd: folder, encoding: 'utf8', timeout: 50_000 });
  expect(ran.stderr.trim(), `${shell} said`).toBe('');
  return ran.stdout;
}

beforeAll(async () => {
  const program = join(folder, 'sg-export');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'my film.mov'), '');
  await ok(['presets', 'save', 'house_style', '--crf', '20', '--db', db]);
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(folder, `script.${shell}`), (await ok(['completion', shell])).stdout);
});

/** What stands before the cursor, and what must be among the candidates; or nothing else, where `only`. */
const CASES: readonly (readonly [line: string, wanted: readonly string[], only?: 'only'])[] = [
  ['sg-export ', ['export', 'codecs', 'presets', 'platforms', 'history', 'cancel', 'doctor', 'completion']],
  ['sg-export exp', ['export'], 'only'],
  ['sg-export export --codec ', ['h264', 'h265', 'vp9', 'av1', 'prores', 'dnxhr', 'copy'], 'only'],
  ['sg-export export --platform t', ['tiktok', 'twitter'], 'only'],
  ['sg-export export --resolution 720', ['720p', '720p_v', '720p_sq'], 'only'],
  ['sg-export export --speed v', ['veryslow'], 'only'],
  ['sg-export export --quality ', ['draft', 'low', 'medium', 'high', 'ultra'], 'only'],
  ['sg-export export --preset hou', ['house_style'], 'only'],
  ['sg-export export --skip-', ['--skip-existing'], 'only'],
  ['sg-export export my', ['my film.mov'], 'only'],
  ['sg-export multi my', ['my film.mov'], 'only'],
  ['sg-export multi --output-f', ['--output-folder'], 'only'],
  ['sg-export multi my --export pro', ['prores'], 'only'],
  ['sg-export presets ', ['list', 'show', 'save', 'delete'], 'only'],
  ['sg-export presets show arch', ['archive'], 'only'],
  ['sg-export --db x.db codecs h', ['h264', 'h265'], 'only'],
  ['sg-export history --status c', ['completed', 'cancelled'], 'only'],
  ['sg-export completion ', ['bash', 'zsh', 'fish'], 'only'],
];

function check(found: readonly string[], [line, wanted, only]: (typeof CASES)[number]): void {
  if (only) expect([...found].sort(), line).toEqual([...wanted].sort());
  else expect(found, line).toEqual(expect.arrayContaining([...wanted]));
}

describe('completion', () => {
  it('of a shell that is not known is refused', async () => {
    const refused = await sg(['completion', 'tcsh']);
    expectRefusal(refused, 2);
    expect(refused.stderr).toContain('bash, zsh, fish');
  });

  it.skipIf(!has('bash'))('works in bash (skipped where bash is not installed)', () => {
    const steps = CASES.map(([line]) => {
      const words = line.split(' ').map((word) => `'${word}'`);
      return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sg_export; printf '%s\\n' "\${COMPREPLY[@]}" ---`;
    });
    const out = run('bash', ['--norc', '-c', `source ./script.bash; complete -p sg-export; ${steps.join('\n')}`]);
    const [registered = '', ...rest] = out.split('\n');
    expect(registered).toBe('complete -F _sg_export sg-export');
    const answers = rest.join('\n').split('---\n');
    CASES.forEach((one, index) => {
      check((answers[index] ?? '').split('\n').filter(Boolean), one);
    });
  });

  it.skipIf(!has('bash'))('completes --flag=value in bash, which splits it in three', () => {
    const step = `COMP_WORDS=(sg-export export --codec = pro); COMP_CWORD=4; _sg_export; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(run('bash', ['--norc', '-c', `source ./script.bash; ${step}`]).trim()).toBe('prores');
  });

  it.skipIf(!has('fish'))('works in fish (skipped where fish is not installed)', () => {
    const steps = CASES.map(([line]) => `complete -C'${line}'; echo ---`);
    const answers = run('fish', ['--no-config', '-c', `source ./script.fish; ${steps.join('\n')}`]).split('---\n');
    CASES.forEach((one, index) => {
      const found = (answers[index] ?? '').split('\n').filter(Boolean);
      // After the tab stands what it is for.
      check(
        found.map((text) => (text.split('\t')[0] ?? '').replaceAll('\\ ', ' ')),
        one,
      );
    });
  });

  it.skipIf(!has('zsh'))('works in zsh (skipped where zsh is not installed)', () => {
    // A real terminal: what Tab made of the line is what the program would have been given.
    const lines: readonly (readonly [typed: string, made: string])[] = [
      ['completion fi', 'completion fish'],
      ['export --codec pro', 'export --codec prores'],
      ['export --codec=pro', 'export --codec=prores'],
      ['export in.mov --preset hou', 'export in.mov --preset house_style'],
      ['presets del', 'presets delete'],
      ['presets save x --resolution 2160', 'presets save x --resolution 2160p'],
      ['platforms tik', 'platforms tiktok'],
      ['codecs h265 --js', 'codecs h265 --json'],
      ['--db x.db codecs pror', '--db x.db codecs prores'],
    ];
    const session = `
zmodload zsh/zpty
zpty -b z zsh -f -i
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D'
zpty -w z 'sg-export() { if [[ "$*" == "presets list --ids" ]]; then command sg-export "$@"; else print -r -- "<<$*>>"; fi }'
zpty -w z 'source ./script.zsh'
zpty -w z 'sg-export ready'
zpty -r z shown '*<<ready>>*'
for line in ${lines.map(([typed]) => `'${typed}'`).join(' ')}; do
  zpty -n -w z "sg-export $line"$'\\t'; sleep 0.2; zpty -n -w z $'\\r'
  zpty -r z shown '*<<*>>*'
  print -r -- "$shown" | tr -d '\\r' | grep -a -o '<<.*>>'
done
zpty -d z`;
    const made = run('zsh', ['-f', '-c', session]).split('\n').filter(Boolean);
    expect(made).toEqual(lines.map(([, line]) => `<<${line}>>`));
  });
});
