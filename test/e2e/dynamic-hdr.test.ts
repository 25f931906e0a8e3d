import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg, MEDIA, noMedia, streamValue } from '../support/clips.ts';
import { dolbyVisionIntoMp4, hdr10PlusIntoHevc } from '../support/dynamic-hdr.ts';
import { expectRefusal, fresh, listing, ok, ROOT, resultOf, sg } from '../support/run-cli.ts';

// Metadata that changes from scene to scene: Dolby Vision in a container's record, HDR10+ in the pictures' messages.
const path = (name: string) => join(ROOT, name);
const DOLBY = 'DOVI configuration record';
const PLUS = 'HDR Dynamic Metadata SMPTE2094-40 (HDR10+)';

/** What container and first picture say of it, with the profile. */
function saidOf(file: string): readonly string[] {
  const show = ['-select_streams', 'V:0', '-read_intervals', '%+#1', '-show_streams', '-show_frames', '-of', 'json'];
  const found = JSON.parse(execFileSync('ffprobe', ['-v', 'error', ...show, `file:${file}`], { encoding: 'utf8' }));
  type Said = { readonly side_data_list?: readonly Readonly<Record<string, string | number>>[] };
  const said = [...found.streams, ...found.frames].flatMap((one: Said) => one.side_data_list ?? []);
  return said.flatMap(({ side_data_type: type, dv_profile: profile }) => {
    if (type === DOLBY) return [`${type} ${profile}`];
    return type === PLUS ? [type] : [];
  });
}

function writeHevc(name: string, format: string, tags: readonly string[]): void {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=0.4', '-pix_fmt', format];
  const hevc = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=error:repeat-headers=1:bframes=0',
  ];
  ffmpeg([...picture, ...hevc, ...tags, '-tag:v', 'hvc1', path(name)]);
}

beforeAll(() => {
  const pq = ['-colorspace', 'bt2020nc', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084'];
  const sdr = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  writeHevc('pq.mp4', 'yuv420p10le', pq);
  writeHevc('sdr.mp4', 'yuv420p', sdr);
  dolbyVisionIntoMp4(path('pq.mp4'), path('over-hdr10.mp4'), 8, 1);
  dolbyVisionIntoMp4(path('sdr.mp4'), path('over-sdr.mp4'), 8, 2);
  dolbyVisionIntoMp4(path('pq.mp4'), path('alone.mp4'), 5, 0);
  ffmpeg(['-i', path('pq.mp4'), '-c', 'copy', path('pq.hevc')]);
  hdr10PlusIntoHevc(path('pq.hevc'), path('plus.hevc'));
  ffmpeg(['-r', '25', '-i', path('plus.hevc'), '-c', 'copy', '-tag:v', 'hvc1', path('plus.mp4')]);
});

async function delivered(source: string, extension: string, ...flags: readonly string[]) {
  const file = join(fresh(), `o.${extension}`);
  const run = await ok(['export', source, '-o', file, '--speed', 'ultrafast', '--json', ...flags]);
  return { file, warnings: String(resultOf(run).warnings) };
}

test('the sources are what they shall be', () => {
  expect(saidOf(path('over-hdr10.mp4'))).toEqual([`${DOLBY} 8`]);
  expect(saidOf(path('over-sdr.mp4'))).toEqual([`${DOLBY} 8`]);
  expect(saidOf(path('alone.mp4'))).toEqual([`${DOLBY} 5`]);
  expect(saidOf(path('plus.mp4'))).toEqual([PLUS]);
});

describe('Dolby Vision', () => {
  const lost = 'the Dolby Vision layer is not carried over';
  test.each([
    ['over-hdr10.mp4', 'mp4', ['--codec', 'h265'], 'smpte2084'],
    ['over-hdr10.mp4', 'mkv', ['--codec', 'h265'], 'smpte2084'],
    ['over-hdr10.mp4', 'mkv', ['--codec', 'av1'], 'smpte2084'],
    ['over-sdr.mp4', 'mkv', [], 'bt709'],
    ['over-hdr10.mp4', 'mp4', [], 'bt709'],
    ['over-sdr.mp4', 'mp4', ['--codec', 'h265'], 'bt709'],
    ['over-sdr.mp4', 'mp4', [], 'bt709'],
  ] as const)('of %s to %s with %j: the base is delivered, and the loss is said', async (...given) => {
    const [name, extension, flags, transfer] = given;
    const { file, warnings } = await delivered(path(name), extension, ...flags);
    expect(warnings).toContain(lost);
    expect(saidOf(file)).toEqual([]);
    expect(streamValue(file, 'video', 'color_transfer')).toBe(transfer);
  });

  test('is said of no film that has none', async () => {
    const { warnings } = await delivered(path('pq.mp4'), 'mp4', '--codec', 'h265');
    expect(warnings).not.toContain('Dolby');
  });

  test('without a base is not encoded in wrong colours', async () => {
    const folder = fresh();
    const run = await sg(['export', path('alone.mp4'), '-o', join(folder, 'o.mp4')]);
    expectRefusal(run, 4);
    expect(run.stderr).toContain('Dolby Vision without a base layer');
    expect(run.stderr).toContain('--codec copy');
    expect(listing(folder)).toEqual([]);
  });

  test.each([
    ['over-hdr10.mp4', 'mp4', 8],
    ['over-hdr10.mp4', 'mkv', 8],
    ['alone.mp4', 'mp4', 5],
  ] as const)('of %s is kept by --codec copy to %s', async (name, extension, profile) => {
    const { file, warnings } = await delivered(path(name), extension, '--codec', 'copy');
    expect(saidOf(file)).toEqual([`${DOLBY} ${profile}`]);
    expect(warnings).not.toContain('Dolby');
  });
});

test('a copy of H.265 has the name by which Apple’s players open it, and one to MOV says that the record is lost', async () => {
  const { file: mkv } = await delivered(path('over-hdr10.mp4'), 'mkv', '--codec', 'copy');
  const { file: mp4 } = await delivered(mkv, 'mp4', '--codec', 'copy');
  expect(streamValue(mp4, 'video', 'codec_tag_string')).toBe('hvc1');
  expect(saidOf(mp4)).toEqual([`${DOLBY} 8`]);
  const { file: mov, warnings } = await delivered(mkv, 'mov', '--codec', 'copy');
  expect(streamValue(mov, 'video', 'codec_tag_string')).toBe('hvc1');
  expect(warnings).toContain('do not say that they are Dolby Vision');
});

describe('HDR10+', () => {
  const sources = [path('plus.mp4'), ...(noMedia ? [] : [join(MEDIA, 'phone_hdr10_pq_1080p_hevc10.mp4')])];

  test.each(sources)(
    'of %s is not carried over by an encode, and the loss is said',
    { timeout: 120_000 },
    async (source) => {
      const flags = ['--codec', 'h265', '--resolution', '320x180', '--duration', '0.3'];
      const { file, warnings } = await delivered(source, 'mp4', ...flags);
      expect(warnings).toContain('HDR10+ dynamic metadata is not carried over');
      expect(saidOf(file)).toEqual([]);
      expect(streamValue(file, 'video', 'color_transfer')).toBe('smpte2084');
    },
  );

  test('goes with all of HDR where it is tone-mapped', async () => {
    const { file, warnings } = await delivered(path('plus.mp4'), 'mp4');
    expect(warnings).toContain('HDR is tone-mapped');
    expect(saidOf(file)).toEqual([]);
  });

  const copies = sources.flatMap((source) => ['mp4', 'mkv', 'mov'].map((extension) => [source, extension] as const));
  test.each(oneOf(2, copies))('of %s is kept by --codec copy to %s', async (source, extension) => {
    const { file } = await delivered(source, extension, '--codec', 'copy');
    expect(saidOf(file)).toEqual([PLUS]);
  });
});
