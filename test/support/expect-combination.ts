import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';
import { CONTAINERS, type ContainerRow } from '../../src/codecs/containers.ts';
import { clip, complaints, type Probed } from './clips.ts';
import { audioIdOf, type Combination, leastSize, takesPicture, takesSound } from './combinations.ts';
import { type LoggedTool, loggingEncoder, loggingProbe } from './fake-tools.ts';
import { type CliRun, expectRefusal, fresh, listing, ok, sg, shown } from './run-cli.ts';

const FPS = 25;
const SEC = 1;
const COLOUR = { color_range: 'tv', color_space: 'bt709', color_transfer: 'bt709', color_primaries: 'bt709' };

/** A second of film with stereo sound, as small as these encoders take it. */
export const sourceFor = ({ codec }: Pick<Combination, 'codec'>): string =>
  clip({ name: 'combination.mp4', size: leastSize(codec.encoders), fps: FPS, sec: SEC });

/** The flags of a combination that write to `out`; the container comes from the extension. */
export const flagsFor = (one: Combination, out: string): readonly string[] => [
  ...['export', sourceFor(one), '-o', out, '--codec', one.codec.id, '--audio-codec', audioIdOf(one)],
  ...['--speed', 'ultrafast', '-q'],
];

/** ffprobe's streams, with the frames that really decode. */
function decoded(path: string): Probed {
  const show = ['-count_frames', '-show_streams', '-show_format', '-of', 'json'];
  return JSON.parse(execFileSync('ffprobe', ['-v', 'error', ...show, `file:${path}`], { encoding: 'utf8' }));
}

/** What a file's first bytes say that it is: MP4 and MOV by their brand, WebM and Matroska by their document type. */
export function containerOf(path: string): string {
  const head = Buffer.alloc(64);
  const file = openSync(path, 'r');
  readSync(file, head);
  closeSync(file);
  const text = head.toString('latin1');
  if (text.slice(4, 8) === 'ftyp') return text.slice(8, 12) === 'qt  ' ? 'mov' : 'mp4';
  return text.includes('webm') ? 'webm' : text.includes('matroska') ? 'mkv' : 'unknown';
}

/** Holds the file at `out`, alone in its folder, against the combination, with the eyes of ffprobe. Returns its picture stream. */
export function expectFilm(out: string, one: Combination): Probed['streams'][number] {
  expect(listing(dirname(out))).toEqual([basename(out)]);
  expect(containerOf(out)).toBe(one.container.id);
  const { streams, format } = decoded(out);
  const [picture = {}, sound] = streams;
  const [width, height] = leastSize(one.codec.encoders).split('x').map(Number);
  expect(streams.map(({ codec_type }) => codec_type)).toEqual(one.audio ? ['video', 'audio'] : ['video']);
  expect(picture).toMatchObject({ codec_name: one.codec.probeName, width, height, sample_aspect_ratio: '1:1' });
  expect(picture).toMatchObject({ r_frame_rate: `${FPS}/1`, nb_read_frames: `${FPS * SEC}`, ...COLOUR });
  if (one.audio) {
    expect(one.audio.probeNames).toContain(sound?.codec_name);
    expect(sound).toMatchObject({ channels: 2, sample_rate: '48000' });
    expect(Number(sound?.nb_read_frames)).toBeGreaterThan(0);
  }
  expect(Math.abs(Number(format.duration) - SEC)).toBeLessThan(0.1);
  expect(complaints(out)).toBe('');
  return picture;
}

/** Really makes a film and holds it against what was asked. */
export async function expectDelivered(one: Combination, more: readonly string[] = []): Promise<void> {
  const out = join(fresh(), `out.${one.container.extensions[0]}`);
  const run = await ok([...flagsFor(one, out), ...more]);
  expect(run.stdout).toBe(`${out}\n`);
  expectFilm(out, one);
}

export interface LoggedTools {
  readonly ffmpeg: LoggedTool;
  readonly ffprobe: LoggedTool;
}

export function loggedTools(): LoggedTools {
  const folder = fresh();
  return { ffmpeg: loggingEncoder(folder), ffprobe: loggingProbe(folder) };
}

/** Runs sg-export where it must refuse: nothing in the output's folder, and no ffmpeg but to ask it about itself. */
export async function expectNothingStarted(
  args: readonly string[],
  out: string,
  tools: LoggedTools,
  code: number,
): Promise<CliRun> {
  const before = { ffmpeg: tools.ffmpeg.calls().length, ffprobe: tools.ffprobe.calls().length };
  const run = await sg([...args, '--ffmpeg', tools.ffmpeg.path, '--ffprobe', tools.ffprobe.path]);
  expectRefusal(run, code);
  expect(listing(dirname(out))).toEqual([]);
  const asked = /^(-hide_banner )?-(version|encoders|filters)$/;
  expect(tools.ffmpeg.calls().slice(before.ffmpeg)).toEqual(
    tools.ffmpeg
      .calls()
      .slice(before.ffmpeg)
      .filter((call) => asked.test(call)),
  );
  const looks = tools.ffprobe.calls().slice(before.ffprobe);
  expect(looks.filter((call) => call !== '-version' && !call.includes(`file:${args[1]} `))).toEqual([]);
  return run;
}

const holders = (holds: (row: ContainerRow) => boolean): string =>
  CONTAINERS.filter(holds)
    .map(({ id }) => id)
    .join(', ');

/** A combination that the rows refuse: exit 4, each part that does not fit named, with what would. */
export async function expectCombinationRefused(one: Combination, tools: LoggedTools): Promise<void> {
  const out = join(fresh(), `out.${one.container.extensions[0]}`);
  const { stderr, ...run } = await expectNothingStarted(flagsFor(one, out), out, tools, 4);
  const { codec, container, audio } = one;
  const findings = stderr.split('\n').filter((line) => line.includes('does not go into'));
  expect(findings, shown({ ...run, stderr })).toHaveLength(Number(!takesPicture(one)) + Number(!takesSound(one)));
  if (!takesPicture(one)) {
    expect(stderr).toContain(`${codec.name} (${codec.id}) does not go into ${container.name} (${container.id})`);
    expect(stderr).toContain(`${container.id} takes ${container.videoCodecs.join(', ')}`);
    expect(stderr).toContain(`${codec.id} goes into ${holders((row) => row.videoCodecs.includes(codec.id))}`);
  }
  if (!takesSound(one)) {
    expect(stderr).toContain(`${audio?.name} (${audio?.id}) does not go into ${container.name} (${container.id})`);
    expect(stderr).toContain(`${container.id} takes ${container.audioCodecs.join(', ')}`);
  }
}
