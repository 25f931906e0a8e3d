import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { ffmpeg } from '../support/clips.ts';
import { expectRefusal, fresh, listing, ok, ROOT, resultOf, sg } from '../support/run-cli.ts';

const SOURCE = join(ROOT, 'film.mkv');

beforeAll(() => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=25:d=6'];
  const sound = [440, 660].flatMap((tone) => ['-f', 'lavfi', '-i', `sine=f=${tone}:r=48000:d=6`]);
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-c:a', 'aac'];
  const maps = ['-map', '0:v', '-map', '1:a', '-map', '2:a'];
  ffmpeg([...picture, ...sound, ...maps, ...codecs, SOURCE]);
});

interface Packet {
  readonly pts_time: string;
  readonly flags: string;
}

function packetsOf(path: string): readonly { readonly sec: number; readonly key: boolean }[] {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time,flags', '-of', 'json', path];
  const { packets } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })) as {
    readonly packets: readonly Packet[];
  };
  return packets.map(({ pts_time: sec, flags }) => ({ sec: Number(sec), key: flags.includes('K') }));
}

async function made(name: string, ...flags: readonly string[]) {
  const out = join(fresh(), name);
  const run = await ok(['export', SOURCE, '-o', out, '--speed', 'ultrafast', '--json', ...flags]);
  return { out, settings: resultOf(run).settings as Readonly<Record<string, unknown>>, result: resultOf(run) };
}

describe('--optimize-for streaming', () => {
  it.each([
    ['h264', 'o.mp4'],
    ['h265', 'o.mp4'],
    ['vp9', 'o.webm'],
    ['av1', 'o.webm'],
  ])('%s: keyframes every two seconds, and nothing behind one needs what came before it', async (codec, name) => {
    const { out, settings } = await made(name, '--codec', codec, '--optimize-for', 'streaming');
    const packets = packetsOf(out);
    const first = packets[0]?.sec ?? 0;
    const keys = packets.filter(({ key }) => key).map(({ sec }) => sec - first);
    for (const sec of [0, 2, 4])
      expect(
        keys.some((key) => Math.abs(key - sec) < 0.05),
        `${keys}`,
      ).toBe(true);
    packets.forEach((packet, at) => {
      if (packet.key) for (const later of packets.slice(at)) expect(later.sec).toBeGreaterThanOrEqual(packet.sec);
    });
    expect(settings).toMatchObject({ mode: 'vbr', optimize_for: 'streaming' });
    expect(settings.max_bitrate_kbps).toBeGreaterThan(Number(settings.video_bitrate_kbps));
  });

  test('the index stands before the film, in Matroska too', async () => {
    const bytes = readFileSync((await made('o.webm', '--codec', 'vp9', '--optimize-for', 'streaming')).out);
    const [cues, cluster] = [Buffer.from('1c53bb6b', 'hex'), Buffer.from('1f43b675', 'hex')];
    // The head names both elements too: behind it, the first of each is the element itself.
    const head = bytes.indexOf(Buffer.from('1549a966', 'hex'));
    expect(bytes.indexOf(cues, head)).toBeLessThan(bytes.indexOf(cluster, head));
    const mp4 = readFileSync((await made('o.mp4', '--optimize-for', 'streaming')).out);
    expect(mp4.indexOf('moov')).toBeLessThan(mp4.indexOf('mdat'));
  });

  test('a constant quality and a size keep a maximum; a flag wins', async () => {
    const crf = await made('o.mp4', '--optimize-for', 'streaming', '--crf', '30');
    expect(crf.settings).toMatchObject({ mode: 'crf', crf: 30 });
    expect(crf.settings.max_bitrate_kbps).toBeGreaterThan(0);
    expect((crf.result.settings_from as Readonly<Record<string, string>>).mode).toBe('flag');
    const sized = await made('o.mp4', '--optimize-for', 'streaming', '--target-size', '300kB');
    expect(sized.settings.mode).toBe('vbr');
    expect(statSync(sized.out).size).toBeLessThanOrEqual(300_000);
  });
});

test('--fragmented writes fragments that begin with keyframes, and is refused elsewhere', async () => {
  const { out } = await made('o.mp4', '--fragmented', '--optimize-for', 'streaming');
  const bytes = readFileSync(out).toString('latin1');
  expect(bytes.split('moof').length - 1).toBeGreaterThanOrEqual(3);
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('moof'));
  const folder = fresh();
  expectRefusal(await sg(['export', SOURCE, '-o', join(folder, 'o.webm'), '--fragmented']), 4);
  expect(listing(folder)).toEqual([]);
});

test('--optimize-for download makes a smaller file of the same level, with few keyframes', async () => {
  const plain = await made('o.mp4', '--quality', 'high');
  const { out, settings, result } = await made('o.mp4', '--quality', 'high', '--optimize-for', 'download');
  expect(settings).toMatchObject({ video_codec: 'h265', gop_seconds: 5 });
  expect(result.settings_from).toMatchObject({ video_codec: 'optimize_for', speed: 'flag' });
  expect(statSync(out).size).toBeLessThan(statSync(plain.out).size);
});

test('--optimize-for archive keeps every track, its sound without loss, in Matroska unless told', async () => {
  const folder = fresh();
  const run = await ok(['export', SOURCE, '-o', folder, '--speed', 'ultrafast', '--optimize-for', 'archive', '--json']);
  const [path = ''] = resultOf(run).output_files as readonly string[];
  expect(path).toMatch(/\.mkv$/);
  expect(resultOf(run).settings).toMatchObject({ audio_codec: 'flac', audio_tracks: 2, quality: 'ultra' });
  const webm = await sg(['export', SOURCE, '-o', join(folder, 'o.webm'), '--optimize-for', 'archive', '--dry-run']);
  expect(webm.stderr + webm.stdout).not.toContain('flac');
  expect((await made('o.mov', '--optimize-for', 'archive')).settings.audio_codec).toBe('pcm');
});
