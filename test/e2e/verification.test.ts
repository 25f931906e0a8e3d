import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, ffmpeg } from '../support/clips.ts';
import { damagingEncoder, fakeEncoder } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg, shown } from '../support/run-cli.ts';

/** Makes the finished film again with other ffmpeg arguments, as a bug in an encoder or muxer would. */
const remake = (args: string, extension = 'mp4') =>
  `"$real" -v error -nostdin -y -i "$last" ${args} again.${extension} && mv again.${extension} "$last"`;
const copy = (args: string) => remake(`-map 0 -c copy -movflags +faststart ${args}`);
/** H.264 as sg-export asks for it, but for what follows. */
const encode = (args: string) =>
  remake(
    `-map 0 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv -c:a copy -movflags +faststart ${args}`,
  );

interface Damage {
  readonly damage: string;
  /** The check that must name it. */
  readonly check: RegExp;
  readonly flags?: readonly string[];
  readonly output?: string;
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  'a text': { damage: 'echo hello > "$last"', check: /opens/ },
  'no sound': { damage: copy('-an'), check: /audio tracks/ },
  'one more track': { damage: copy('-map 0:a'), check: /audio tracks/ },
  'no picture': { damage: copy('-vn'), check: /opens/ },
  'sound of another codec': { damage: remake('-c:v copy -c:a libmp3lame -movflags +faststart'), check: /audio codec/ },
  'sound of fewer channels': {
    damage: remake('-c:v copy -c:a aac -ac 1 -movflags +faststart'),
    check: /audio channels/,
  },
  'sound of another rate': {
    damage: remake('-c:v copy -c:a aac -ar 44100 -movflags +faststart'),
    check: /audio sample rate/,
  },
  'sound that comes late': {
    damage:
      '"$real" -v error -nostdin -y -i "$last" -itsoffset 0.3 -i "$last" -map 0:v -map 1:a -c copy -movflags +faststart again.mp4 && mv again.mp4 "$last"',
    check: /audio start/,
  },
  'another codec': { damage: encode('-c:v mpeg4'), check: /video codec/ },
  'another size': { damage: encode('-s 318x180'), check: /size/ },
  'pixels that are not square': { damage: encode('-aspect 4:3'), check: /sample aspect/ },
  'a rotation matrix': { damage: copy('-metadata:s:v rotate=90'), check: /rotation/ },
  'another pixel format': { damage: encode('-pix_fmt yuv444p'), check: /pixel format|profile/ },
  'ten bits': { damage: encode('-pix_fmt yuv420p10le'), check: /pixel format|profile/ },
  'another frame rate': { damage: encode('-r 30'), check: /frame rate/ },
  'fewer frames': { damage: encode('-frames:v 20'), check: /frames|duration/ },
  'three frames less': {
    damage: encode(`-vf "select='gt(n,2)',setpts=N/25/TB"`),
    check: /./,
  },
  'more frames': { damage: encode('-vf tpad=stop=5:stop_mode=clone'), check: /frames|duration/ },
  'other colour tags': { damage: encode('-color_trc smpte2084 -color_primaries bt2020'), check: /colour/ },
  'no colour tags': {
    damage: remake(
      '-map 0 -c copy -movflags +faststart -bsf:v h264_metadata=colour_primaries=2:transfer_characteristics=2:matrix_coefficients=2',
    ),
    check: /colour/,
  },
  'full range': { damage: encode('-color_range pc'), check: /colour range|pixel format/ },
  'keyframes too far apart': {
    damage: encode('-g 250 -keyint_min 250'),
    check: /keyframe/,
    flags: ['long'],
  },
  'the index at the end': { damage: remake('-map 0 -c copy'), check: /index at the front/ },
  'fragments where none were asked for': {
    damage: remake('-map 0 -c copy -movflags +frag_keyframe+empty_moov'),
    check: /index at the front|fragments|structure/,
  },
  'another container': { damage: remake('-map 0 -c copy -f matroska'), check: /container/ },
  'cut at the end': { damage: 'truncate -s -3000 "$last"', check: /decode|duration|frames/ },
  'cut in the middle': { damage: 'truncate -s 20000 "$last"', check: /./ },
  'garbage in the pictures': {
    damage:
      'n=$(stat -c %s "$last"); head -c 3000 /dev/zero | tr "\\\\000" "\\\\125" | dd of="$last" bs=1 seek=$((n / 2)) conv=notrunc 2>/dev/null',
    check: /decode/,
  },
  'HEVC that QuickTime does not open': {
    damage: remake('-map 0 -c copy -tag:v hev1 -movflags +faststart'),
    check: /codec tag/,
    flags: ['--codec', 'h265'],
  },
  'fields in place of frames': { damage: encode('-flags +ildct+ilme -x264-params interlaced=1'), check: /scan/ },
};

describe('a film that is not what was planned is exit 7, the check is named, and the destination is as it was', () => {
  test.each(oneOf(2, Object.entries(DAMAGES)))('%s', async (_name, { damage, check, flags = [], output = 'o.mp4' }) => {
    const folder = fresh();
    const long = flags.includes('long');
    const destination = join(folder, output);
    copyFileSync(clip({ size: '160x90' }), destination);
    const before = readFileSync(destination);
    const args = ['export', clip({ sec: long ? 3 : 1 }), '-o', destination, '--overwrite', '--speed', 'ultrafast'];
    const fake = damagingEncoder(fresh(), damage);
    const run = await sg([...args, ...flags.filter((flag) => flag !== 'long'), '--ffmpeg', fake]);
    expectRefusal(run, 7);
    expect(run.stderr, shown(run)).toMatch(check);
    expect(readFileSync(destination).equals(before)).toBe(true);
    expect(listing(folder)).toEqual([output]);
  });

  test('the same fakes without damage deliver', async () => {
    for (const damage of [':', copy(''), encode('-g 50')]) {
      const folder = fresh();
      const fake = damagingEncoder(fresh(), damage);
      await ok(['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--ffmpeg', fake]);
    }
  });

  test('the failed checks are in the result', async () => {
    const folder = fresh();
    const fake = damagingEncoder(fresh(), copy('-an'));
    const run = await sg(['export', clip(), '-o', join(folder, 'o.mp4'), '--json', '--ffmpeg', fake]);
    expect(run.code).toBe(7);
    const result = resultOf(run);
    expect(result).toMatchObject({ status: 'failed', error_code: 'VERIFY', output_files: [], file_sizes: {} });
    expect(result.verification).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([{ name: 'audio tracks', expected: '1', actual: '0', ok: false }]),
    });
  });

  test('--verify off delivers what comes, and says so', async () => {
    const folder = fresh();
    const fake = damagingEncoder(fresh(), copy('-an'));
    const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--json', '--ffmpeg', fake, '--verify', 'off'];
    const result = resultOf(await ok(args));
    expect(result.verification).toMatchObject({ checks: [] });
  });

  test('--verify full sees another film of the same shape', async () => {
    const folder = fresh();
    const other = 'testsrc=s=320x180:r=25:d=1';
    const damage = `"$real" -v error -nostdin -y -i "$last" -f lavfi -i ${other} -map 1:v -map 0:a -c:a copy -c:v libx264 -preset ultrafast -pix_fmt yuv420p -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv -g 50 -movflags +faststart again.mp4 && mv again.mp4 "$last"`;
    const fake = damagingEncoder(fresh(), damage);
    const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--ffmpeg', fake];
    const run = await sg([...args, '--verify', 'full', '--min-ssim', '0.9']);
    expectRefusal(run, 7);
    expect(run.stderr).toMatch(/ssim/i);
    expect(listing(folder)).toEqual([]);
  });

  test.each([
    ['its sound kept', '0.03', []],
    ['its sound left out', '0.09', ['--audio-codec', 'none']],
    ['two passes', '0.09', ['--two-pass', '--mode', 'abr', '--bitrate', '4M']],
  ])(
    '--verify full compares the same moments where the sound of a transport stream comes first: %s',
    async (_, lateSec, flags) => {
      const folder = fresh();
      const source = join(folder, 'sound-first.ts');
      const film = ['-itsoffset', lateSec, '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=2'];
      const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'mp2', '-muxpreload', '0'];
      ffmpeg([...film, '-f', 'lavfi', '-i', 'sine=r=48000:d=2', '-map', '0', '-map', '1', ...codecs, source]);
      const quality = flags.includes('--bitrate') ? [] : ['--crf', '10'];
      const args = ['export', source, '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', ...quality, ...flags];
      const run = await ok([...args, '--verify', 'full', '--json']);
      const { verification } = resultOf(run);
      expect(verification).toMatchObject({ ok: true, ssim: expect.any(Number) });
      expect((verification as { readonly ssim: number }).ssim).toBeGreaterThan(0.98);
    },
  );

  test('--verify full sees garbage in the middle of a long film', async () => {
    const folder = fresh();
    const damage =
      'n=$(stat -c %s "$last"); head -c 3000 /dev/zero | tr "\\\\000" "\\\\125" | dd of="$last" bs=1 seek=$((n / 2)) conv=notrunc 2>/dev/null';
    const fake = damagingEncoder(fresh(), damage);
    const args = ['export', clip({ sec: 6 }), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--ffmpeg', fake];
    expectRefusal(await sg([...args, '--verify', 'full']), 7);
    expect(listing(folder)).toEqual([]);
  });
});

describe('an ffmpeg that fails in its own way', () => {
  const FAILURES: readonly (readonly [string, string, number, RegExp])[] = [
    ['exits 0 and writes nothing', 'exit 0', 6, /wrote nothing/],
    ['exits 0 and writes an empty file', ': > "$last"', 6, /wrote nothing/],
    ['exits 0 with a short valid film', `"$real" "$@" && ${copy('-t 0.3')}`, 7, /duration|frames/],
    [
      'says No space left and exits 0',
      '"$real" "$@"; echo "av_interleaved_write_frame(): No space left on device" >&2',
      6,
      /space/,
    ],
    [
      'says so early in a flood of other lines',
      '"$real" "$@"; echo "[error] av_interleaved_write_frame(): No space left on device" >&2; i=0; while [ $i -lt 3000 ]; do echo "[mp4 @ 0x1] [warning] line $i" >&2; i=$((i + 1)); done',
      6,
      /space/,
    ],
    [
      'says that the source is corrupt early in a flood of other lines',
      '"$real" "$@"; echo "[h264 @ 0x1] [error] error while decoding MB 1 2, bytestream -5" >&2; i=0; while [ $i -lt 3000 ]; do echo "[mp4 @ 0x1] [warning] line $i" >&2; i=$((i + 1)); done',
      6,
      /decode/,
    ],
    ['exits 1 without a word', 'exit 1', 6, /exit 1/],
    ['exits 255 without a word', 'exit 255', 6, /exit 255/],
    ['kills itself', 'kill -9 $$', 6, /SIGKILL|killed/],
    ['crashes', 'kill -SEGV $$', 6, /SIGSEGV|killed/],
    ['is terminated by somebody else', 'kill -TERM $$', 6, /SIGTERM|killed/],
    ['writes the film and then fails', '"$real" "$@"; exit 3', 6, /exit 3/],
    ['floods stderr', 'yes "[warning] flood" | head -c 50000000 >&2; "$real" "$@"; exit 4', 6, /exit 4/],
    ['floods stderr without a line break', 'head -c 30000000 /dev/zero | tr "\\\\000" x >&2; exit 4', 6, /exit 4/],
    ['floods stdout with what is no progress', 'yes out_time_us=garbage | head -c 20000000; exit 4', 6, /exit 4/],
    ['says bytes that are no text', 'head -c 1000 /dev/urandom >&2; exit 4', 6, /exit 4/],
    ['makes a folder in place of the film', 'mkdir "$last"', 7, /opens/],
    ['makes a link to elsewhere in place of the film', 'ln -s /dev/null "$last"', 6, /./],
  ];
  test.each(FAILURES)('%s', async (_name, body, code, says) => {
    const folder = fresh();
    const fake = fakeEncoder(fresh(), body);
    const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--ffmpeg', fake];
    const run = await sg(args);
    expectRefusal(run, code);
    expect(run.stderr, shown(run)).toMatch(says);
    expect(run.stderr.length, 'one message, not the flood').toBeLessThan(3000);
    expect(listing(folder)).toEqual([]);
  });

  test('floods stderr and then delivers: the film is delivered', async () => {
    const folder = fresh();
    const fake = fakeEncoder(fresh(), 'yes "[mp4 @ 0x1] [warning] flood" | head -c 20000000 >&2; "$real" "$@"');
    await ok(['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--ffmpeg', fake]);
    expect(listing(folder)).toEqual(['o.mp4']);
  });

  test('leaves a child behind: it is not waited for, nor left', async () => {
    const folder = fresh();
    const fake = fakeEncoder(fresh(), '"$real" "$@"; sleep 600 &');
    const run = await ok(['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--ffmpeg', fake]);
    expect(run.tookMs).toBeLessThan(30_000);
  });
});
