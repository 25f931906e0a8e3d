import { describe, expect, it } from 'vitest';
import { isTakenBy } from '../../../src/codecs/encoder-row.ts';
import { drives, hardwareFamily } from '../../../src/codecs/hardware.ts';
import { encoderRow } from '../../../src/codecs/video.ts';
import { lackOf } from '../../../src/plan/hardware.ts';
import { planCase } from '../../golden/golden-case.ts';

/** What an encoder lacks for a request that software would take. */
function lack(
  encoder: string,
  flags: Readonly<Record<string, unknown>>,
  source = 'hd-1080p25-stereo',
  output = 'o.mp4',
) {
  const { resolved } = planCase({ about: encoder, source, output, flags });
  const row = encoderRow(encoder);
  if (!resolved || !row) throw new Error(`${encoder}: no request, or no row`);
  return lackOf(row, resolved);
}

describe('what hardware lacks', () => {
  it('is nothing for an ordinary delivery', () => {
    for (const encoder of ['h264_nvenc', 'h264_qsv', 'h264_vaapi', 'h264_videotoolbox', 'h264_amf'])
      expect(lack(encoder, {}), encoder).toBeUndefined();
  });

  it.each([
    ['h264_qsv', { max_bitrate: '4000' }, 'its constant quality knows no maximum'],
    ['h264_nvenc', { set: ['pixel_format=yuv422p'] }, 'it has no yuv422p'],
    ['h264_nvenc', { resolution: '5120x2880' }, 'it takes at most 4096x4096'],
    ['h264_nvenc', { resolution: '128x72' }, 'it needs at least 160x64'],
    ['h264_videotoolbox', { mode: 'cbr', bitrate: '4000' }, 'it does not keep to mode cbr'],
    ['h264_vaapi', { platform: 'youtube' }, 'its constant quality knows no maximum'],
    ['h264_vaapi', { platform: 'youtube', mode: 'vbr', bitrate: '8000' }, 'it is not sure to make 2 B-frames'],
  ])('%s, %j: %s', (encoder, flags, what) => {
    expect(lack(encoder, flags)).toBe(what);
  });

  it('is the mastering data of HDR10', () => {
    const hdr = ['hdr10-pq-10bit', 'o.mkv'] as const;
    expect(lack('hevc_nvenc', { codec: 'h265' }, ...hdr)).toBe('it is not known to keep the mastering data of HDR10');
    expect(lack('hevc_nvenc', { codec: 'h265', hdr: 'tonemap' }, ...hdr)).toBeUndefined();
    expect(lack('hevc_nvenc', { codec: 'h265' }, 'hlg-10bit')).toBeUndefined();
  });
});

it('ten bits by AMF are those of newer versions', () => {
  for (const name of ['hevc_amf', 'av1_amf']) {
    const [eight, ten] = encoderRow(name)?.formats ?? [];
    if (!eight || !ten) throw new Error(`${name} has not two formats`);
    expect(isTakenBy(eight, [5, 1]), name).toBe(true);
    expect([isTakenBy(ten, [5, 1]), isTakenBy(ten, [7, 0])], name).toEqual([false, false]);
    expect([isTakenBy(ten, [7, 1]), isTakenBy(ten, [8, 0]), isTakenBy(ten, [999, 0])], name).toEqual([
      true,
      true,
      true,
    ]);
  }
});

describe("NVENC's sessions", () => {
  const pool = (name: string, driver: string | null, number = 1) =>
    hardwareFamily('nvenc').sessions?.({ name, driver, number });

  it.each([
    [null, 3],
    ['470.256.02', 3],
    ['525.147.05', 3],
    ['530.41.03', 5],
    ['545.29.06', 5],
    ['550.54.14', 8],
    ['580.95.05', 8],
  ])('driver %s: %d', (driver, most) => {
    expect(pool('NVIDIA L4', driver)).toEqual({ name: 'nvenc 1', most });
  });

  it('are one number for all GeForce cards of a machine', () => {
    expect(pool('NVIDIA GeForce RTX 4090', '550.54.14', 0)).toEqual({ name: 'nvenc GeForce', most: 8 });
    expect(pool('NVIDIA GeForce RTX 4090', '550.54.14', 1)).toEqual({ name: 'nvenc GeForce', most: 8 });
  });
});

it('AMF drives the first AMD device only: its encoders cannot be told another', () => {
  const amd = (ordinal: number) => drives(hardwareFamily('amf'), { vendor: 'amd', ordinal });
  expect([amd(0), amd(1)]).toEqual([true, false]);
  expect(drives(hardwareFamily('vaapi'), { vendor: 'amd', ordinal: 1 })).toBe(true);
});
