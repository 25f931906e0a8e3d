import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, complaints, countFrames } from '../support/clips.ts';
import { fakeEncoder, REAL_FFMPEG } from '../support/fake-tools.ts';
import { type CliRun, fresh, listing, resultOf, sg, shown } from '../support/run-cli.ts';
import { noMount, smallDisk } from '../support/small-disk.ts';

const SOURCES = ['a.mp4', 'b.mp4', 'c.mp4'] as const;
/** Several exports, on a machine that does other work. */
const PATIENT_MS = 110_000;
const db = () => ['--db', join(fresh(), 'h.db')];

function withSources(): string {
  const folder = fresh();
  for (const name of SOURCES) copyFileSync(clip(), join(folder, name));
  return folder;
}

const exportsOf = (run: CliRun) => resultOf(run).exports as readonly Readonly<Record<string, unknown>>[];

/** What happens to `b.mp4`, before its film is opened or once it is read; the code and words of its exports. */
const LOSSES: Readonly<Record<string, { readonly body: string; readonly says: RegExp }>> = {
  'goes before it is opened': {
    body: 'rm -f "$lost"; exec "$real" "$@"',
    says: /No such file|changed while it was read/,
  },
  'is cut before it is opened': {
    body: 'truncate -s 20000 "$lost"; exec "$real" "$@"',
    says: /moov|Invalid data|decode|changed/,
  },
  'goes once it is read': { body: '"$real" "$@"; rm -f "$lost"; exit 0', says: /changed while it was read/ },
  'is replaced once it is read': {
    body: '"$real" "$@"; cp "$other" "$lost.new"; mv "$lost.new" "$lost"; exit 0',
    says: /changed while it was read/,
  },
  'grows while it is read': { body: 'printf x >> "$lost"; exec "$real" "$@"', says: /changed while it was read/ },
};

const losing = (folder: string, body: string) =>
  fakeEncoder(
    fresh(),
    `lost='${folder}/b.mp4'; other='${folder}/c.mp4'\ncase "$*" in *"$lost"*) ${body};; esac\nexec "$real" "$@"`,
  );

describe.each([
  ['each export in a process of its own', '--no-share', ['h264:160x90']],
  ['the exports of each source in one', '--share', ['h264:160x90', 'h265:160x90']],
] as const)('a source that is lost in the midst of many, %s', (_how, share, exports) => {
  test.each(oneOf(2, Object.entries(LOSSES)))(
    'because it %s: its exports alone fail',
    async (_name, { body, says }) => {
      const folder = withSources();
      const words = [...SOURCES, ...exports.flatMap((spec) => ['--export', spec]), '--speed', 'ultrafast', share];
      const ffmpeg = losing(folder, body);
      const run = await sg(['multi', ...words, '--output-folder', 'o', '--json', ...db(), '--ffmpeg', ffmpeg], {
        cwd: folder,
        timeoutMs: PATIENT_MS,
      });
      expect(run.code, shown(run)).toBe(8);
      expect(resultOf(run)).toMatchObject({
        error_code: 'PARTIAL',
        error_message: `${exports.length} of ${exports.length * 3} exports failed`,
      });
      for (const one of exportsOf(run)) {
        const isLost = one.source === join(folder, 'b.mp4');
        expect([one.status, one.error_code], shown(run)).toEqual(isLost ? ['failed', 'ENCODE'] : ['completed', null]);
        if (isLost) expect(one.error_message).toMatch(says);
      }
      const made = listing(join(folder, 'o'));
      expect(made).toEqual(
        ['a', 'c'].flatMap((name) => exports.map((spec) => `${name}_160x90_${spec.slice(0, 4)}_medium.mp4`)),
      );
      for (const name of made) {
        expect(countFrames(join(folder, 'o', name))).toBe(25);
        expect(complaints(join(folder, 'o', name))).toBe('');
      }
    },
    PATIENT_MS,
  );
});

test.skipIf(noMount)(
  'a disk that fills up under a shared decode: what is finished stays, nothing else does',
  async () => {
    const folder = withSources();
    const disk = smallDisk(8_000_000);
    try {
      const ffmpeg = fakeEncoder(
        fresh(),
        `case "$*" in *'${folder}/b.mp4'*) cat /dev/zero > '${disk.path}/filler' 2>/dev/null;; esac\nexec "$real" "$@"`,
      );
      const words = ['a.mp4', 'b.mp4', '--export', 'h264:160x90', '--export', 'h265:160x90', '--speed', 'ultrafast'];
      const how = ['--share', '--output-folder', disk.path, '--json', ...db(), '--ffmpeg', ffmpeg];
      const run = await sg(['multi', ...words, '--parallel', '2', ...how], { cwd: folder, timeoutMs: PATIENT_MS });
      expect(run.code, shown(run)).toBe(8);
      expect(exportsOf(run).map(({ error_code }) => error_code)).toEqual([null, null, 'ENCODE', 'ENCODE']);
      expect(exportsOf(run)[2]?.error_message).toMatch(/space|full/i);
      expect(listing(disk.path)).toEqual(['a_160x90_h264_medium.mp4', 'a_160x90_h265_medium.mp4', 'filler']);
    } finally {
      disk.remove();
    }
  },
);

describe('--resume of a run with --depfile', () => {
  /** A run of which `b.mp4` failed, in a folder for make. */
  async function interrupted() {
    const folder = withSources();
    writeFileSync(join(folder, 'job.yaml'), 'exports: [{codec: h264, resolution: 160x90, speed: ultrafast}]\n');
    const kept = db();
    const words = ['multi', ...SOURCES, '--job', 'job.yaml', '--output-folder', 'o', '--depfile', 'o.d', ...kept];
    const run = await sg([...words, '--ffmpeg', losing(folder, 'exit 1')], { cwd: folder, timeoutMs: PATIENT_MS });
    expect(run.code, shown(run)).toBe(8);
    expect(existsSync(join(folder, 'o.d')), 'half of the rules would hide the others').toBe(false);
    const outputs = ['a', 'b', 'c'].map((name) => `o/${name}_160x90_h264_medium.mp4`);
    writeFileSync(join(folder, 'Makefile'), `all: ${outputs.join(' ')}\n-include o.d\n`);
    const resume = () =>
      sg(['multi', '--resume', ...kept, '--ffmpeg', REAL_FFMPEG], { cwd: fresh(), timeoutMs: PATIENT_MS });
    return { folder, outputs, resume, rules: () => readFileSync(join(folder, 'o.d'), 'utf8') };
  }

  const rulesOf = (outputs: readonly string[]) =>
    outputs.map((name) => `${name}: ${name.slice(2, 3)}.mp4 job.yaml\n${name.slice(2, 3)}.mp4:\njob.yaml:\n`).join('');

  test(
    'writes the rules of all outputs, as they were typed: make has nothing to do',
    async () => {
      const { folder, outputs, resume, rules } = await interrupted();
      const run = await resume();
      expect(run.code, shown(run)).toBe(0);
      expect(rules()).toBe(rulesOf(outputs));
      const make = spawnSync('make', ['-q', 'all'], { cwd: folder, encoding: 'utf8' });
      expect(make.status, make.stderr).toBe(0);
    },
    2 * PATIENT_MS,
  );

  test(
    'also of one whose source is gone since, in its place',
    async () => {
      const { folder, outputs, resume, rules } = await interrupted();
      rmSync(join(folder, 'a.mp4'));
      const run = await resume();
      expect(run.code, shown(run)).toBe(0);
      expect(rules()).toBe(rulesOf(outputs));
    },
    2 * PATIENT_MS,
  );
});
