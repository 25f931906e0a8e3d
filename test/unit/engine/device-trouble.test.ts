import { describe, expect, it } from 'vitest';
import { deviceTrouble } from '../../../src/engine/device-trouble.ts';

describe('what a device says', () => {
  it.each([
    [
      '[h264_nvenc @ 0x5572d2c19300] [error] OpenEncodeSessionEx failed: out of memory (10): (no details)',
      'no session is free',
    ],
    [
      '[hevc_nvenc @ 0x1] [error] OpenEncodeSessionEx failed: incompatible client key (21): (no details)',
      'no session is free',
    ],
    [
      '[AVHWDeviceContext @ 0x1] [error] cuCtxCreate failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory',
      'the device is out of memory',
    ],
    [
      '[hevc_vaapi @ 0x1] [error] Failed to create surface: 2 (resource allocation failed).',
      'the device is out of memory',
    ],
    [
      '[h264_nvenc @ 0x1] [fatal] cuMemcpy2D failed -> CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access',
      'the device is lost',
    ],
    ['[h264_qsv @ 0x1] [error] Error during encoding: device failed (-17)', 'the device is lost'],
    [
      '[h264_vaapi @ 0x1] [error] Failed to end picture encode issue: 24 (internal encoding error).',
      'the device is lost',
    ],
    ['[h264_videotoolbox @ 0x1] [error] Error encoding frame: -12912', 'the device is lost'],
    ['[h264_nvenc @ 0x1] [error] Cannot load libcuda.so.1', 'the device is gone'],
  ])('%s', (line, name) => {
    const plain = line.replace(/^.*\] /, '');
    expect(deviceTrouble(['[info] frame', line])).toBe(`${name}: ${plain}`);
  });

  it.each([
    // Main memory, the disk, the source and a wrong request are nobody else's fault.
    '[libx264 @ 0x1] [error] malloc of size 4147680 failed: Cannot allocate memory',
    '[mp4 @ 0x1] [error] No space left on device',
    '[h264 @ 0x1] [error] error while decoding MB 14 3',
    '[h264_nvenc @ 0x1] [error] InitializeEncoder failed: invalid param (8): Preset P1 to P7 not supported',
    '[h264_nvenc @ 0x1] [warning] cuCtxCreate failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    '[AVHWDeviceContext @ 0x1] [verbose] Initialised VAAPI connection',
  ])('is none of these: %s', (line) => {
    expect(deviceTrouble([line])).toBeUndefined();
  });
});
