import { describe, expect, it } from 'vitest';
import { parseLoudness } from '../../../src/analysis/loudness.ts';
import { bitstreamReader } from '../../../src/ffmpeg/bitstream.ts';
import { docTypeIn } from '../../../src/ffmpeg/doc-type.ts';
import { videoMeter } from '../../../src/ffmpeg/packet-facts.ts';
import type { Packet } from '../../../src/ffmpeg/scan.ts';

/** Packets in the order of the file: `K0 P3 b1 b2` is a keyframe at 0, an anchor at 3 and two B-frames. 25 frames a second. */
function measured(order: string, over: Partial<Packet> = {}) {
  const meter = videoMeter();
  for (const word of order.split(' ')) {
    meter.add({
      stream: 0,
      type: 'video',
      ptsSec: Number(word.slice(1)) / 25,
      dtsSec: undefined,
      durationSec: 0.04,
      bytes: 1000,
      key: word.startsWith('K'),
      discard: false,
      corrupt: false,
      ...over,
    });
  }
  return meter.end();
}

describe('packets of a film', () => {
  it('counts B-frames in a row by the order in which they are sent, pyramids too', () => {
    expect(measured('K0 P1 P2 P3')?.maxBFrames).toBe(0);
    expect(measured('K0 P3 b1 b2 P4 P6 b5')?.maxBFrames).toBe(2);
    expect(measured('K0 P4 B2 b1 b3 P8 B6 b5 b7')?.maxBFrames).toBe(3);
  });

  it('finds pictures that are sent after a keyframe and shown before it', () => {
    expect(measured('K0 P3 b1 b2 K4 P5 P6')?.leadingPictures).toBe(0);
    expect(measured('K0 P3 b1 b2 K6 b4 b5 P7')?.leadingPictures).toBe(2);
  });

  it('measures the longest GOP to the next keyframe or to the end', () => {
    expect(measured('K0 P1 P2 K3 P4')?.longestGopSec).toBeCloseTo(3 / 25, 6);
    expect(measured('K0 P1 K2 P3 P4 P5 P6')?.longestGopSec).toBeCloseTo(5 / 25, 6);
    expect(measured('K0 P1 P2 P3')?.longestGopSec).toBeCloseTo(4 / 25, 6);
    // Without stated lengths the last picture lasts as long as the one before it.
    expect(measured('K0 P1 P2 P3', { durationSec: undefined })?.longestGopSec).toBeCloseTo(4 / 25, 6);
  });

  it('counts the rate from the first picture to the last', () => {
    expect(measured('K0 P1 P2 P3')?.frameRate).toBeCloseTo(25, 6);
    expect(measured('K0 P1 P2 P10')).toMatchObject({ minStepSec: 0.04, maxStepSec: 0.32 });
    expect(measured('K0')?.frameRate).toBeUndefined();
  });

  it('knows nothing of order and time where packets carry no presentation time', () => {
    const facts = measured('K0 P1 P2', { ptsSec: undefined, dtsSec: 0 });
    expect(facts).toMatchObject({ packets: 3, bytes: 3000, keyframes: 1 });
    expect(facts?.maxBFrames).toBeUndefined();
    expect(facts?.leadingPictures).toBeUndefined();
    expect(facts?.longestGopSec).toBeUndefined();
    expect(facts?.frameRate).toBeUndefined();
  });

  it('has nothing to say of no packets', () => {
    expect(videoMeter().end()).toBeUndefined();
  });
});

describe('headers in the stream', () => {
  const read = (codec: string, ...lines: readonly string[]) => {
    const reader = bitstreamReader(codec);
    for (const line of lines) reader.line(line);
    return reader.end();
  };
  const nal = (type: number) => `[trace_headers @ 0x5] 3           nal_unit_type                 00101 = ${type}`;
  const entropy = (flag: number) => `[trace_headers @ 0x5] 10          entropy_coding_mode_flag     ${flag} = ${flag}`;

  it('takes CABAC only where every parameter set says so', () => {
    expect(read('h264', entropy(1)).cabac).toBe(true);
    expect(read('h264', entropy(1), entropy(0)).cabac).toBe(false);
    expect(read('h264', nal(5)).cabac).toBeUndefined();
  });

  it('tells keyframes that cut all ties from those that do not', () => {
    expect(read('h264', nal(7), nal(8), nal(5), nal(5)).allIdr).toBe(true);
    expect(read('h264', nal(5), nal(6), nal(1)).allIdr).toBe(false);
    expect(read('hevc', nal(32), nal(19), nal(20)).allIdr).toBe(true);
    expect(read('hevc', nal(20), nal(21)).allIdr).toBe(false);
    expect(read('hevc', nal(32), nal(39)).allIdr).toBeUndefined();
  });

  it('passes by lines that only look alike', () => {
    const lines = ['[trace] 1  entropy_coding_sync_enabled_flag  1 = 1', 'frame= 10', ''];
    expect(read('h264', ...lines)).toEqual({ cabac: undefined, allIdr: undefined });
  });
});

describe('small readings', () => {
  it('tells WebM from Matroska by its header', () => {
    const head = (type: string) =>
      Buffer.concat([
        Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 0x01, 0x42, 0x82, 0x80 + type.length]),
        Buffer.from(type, 'latin1'),
        Buffer.from([0x42, 0x87, 0x81, 0x04]),
      ]);
    expect(docTypeIn(head('webm'))).toBe('webm');
    expect(docTypeIn(head('matroska'))).toBe('matroska');
    expect(docTypeIn(Buffer.from('RIFF....AVI '))).toBeUndefined();
    expect(docTypeIn(Buffer.alloc(2))).toBeUndefined();
  });

  it('reads the summary of the loudness, not the log before it, and takes silence for nothing', () => {
    const summary = (lufs: string) =>
      `t: 1 I: -30.0 LUFS\nSummary:\n    I:         ${lufs} LUFS\n    Threshold: -47.7 LUFS`;
    expect(parseLoudness(summary('-14.2'))?.lufs).toBe(-14.2);
    expect(parseLoudness(summary('-70.0'))).toBeUndefined();
    expect(parseLoudness('Conversion failed')).toBeUndefined();
  });
});
