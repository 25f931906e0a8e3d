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
    ['[h264_videotoolbox @ 0x1] [error] Error: cannot create compression session: -12915', 'no session is free'],
    [
      '[hevc_videotoolbox @ 0x1] [error] Try -allow_sw 1. The hardware encoder may be busy, or not supported.',
      'no session is free',
    ],
    [
      '[AVHWDeviceContext @ 0x1] [error] cu->cuCtxCreate(&hwctx->cuda_ctx, desired_flags, hwctx->internal->cuda_device) failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory',
      'the device is out of memory',
    ],
    [
      '[h264_nvenc @ 0x1] [error] CreateBitstreamBuffer failed: out of memory (10): (no details)',
      'the device is out of memory',
    ],
    [
      '[hevc_qsv @ 0x1] [error] Error initializing the encoder: failed to allocate memory (-4)',
      'the device is out of memory',
    ],
    [
      '[hevc_vaapi @ 0x1] [error] Failed to create encode pipeline context: 2 (resource allocation failed).',
      'the device is out of memory',
    ],
    [
      '[AVHWFramesContext @ 0x1] [error] Failed to create surface: 2 (resource allocation failed).',
      'the device is out of memory',
    ],
    ['[h264_videotoolbox @ 0x1] [error] Error: cannot encode frame: -12904', 'the device is out of memory'],
    ['[hevc_amf @ 0x1] [error] AllocSurface() failed  with error 6', 'the device is out of memory'],
    [
      '[h264_nvenc @ 0x1] [fatal] dl_fn->cuda_dl->cuCtxPopCurrent(&dummy) failed -> CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered',
      'the device is lost',
    ],
    ['[h264_nvenc @ 0x1] [error] EncodePicture failed!: device does not exist (5): (no details)', 'the device is lost'],
    [
      '[av1_nvenc @ 0x1] [error] Failed locking bitstream buffer: invalid device (4): (no details)',
      'the device is lost',
    ],
    ['[h264_qsv @ 0x1] [error] Error during encoding: device failed (-17)', 'the device is lost'],
    ['[vp9_qsv @ 0x1] [error] Error during encoding: device lost (-13)', 'the device is lost'],
    ['[h264_qsv @ 0x1] [error] Error during encoding: GPU Hang (-21)', 'the device is lost'],
    [
      '[h264_vaapi @ 0x1] [error] Failed to end picture encode issue: 24 (internal encoding error).',
      'the device is lost',
    ],
    ['[h264_vaapi @ 0x1] [error] Failed to end picture encode issue: 34 (HW busy now).', 'the device is lost'],
    [
      '[h264_vaapi @ 0x1] [error] Failed to sync to output buffer completion: 38 (unknown libva error / description missing).',
      'the device is lost',
    ],
    ['[h264_vaapi @ 0x1] [error] Failed to sync to picture completion: 1 (operation failed).', 'the device is lost'],
    ['[h264_videotoolbox @ 0x1] [error] Error encoding frame: -12912', 'the device is lost'],
    ['[h264_videotoolbox @ 0x1] [error] Error: cannot encode frame: -12903', 'the device is lost'],
    ['[h264_amf @ 0x1] [error] SubmitInput() failed with error 18', 'the device is lost'],
    ['[h264_nvenc @ 0x1] [error] Cannot load libcuda.so.1', 'the device is gone'],
    ['[h264_nvenc @ 0x1] [error] Cannot load nvEncodeAPI64.dll', 'the device is gone'],
    ['[h264_nvenc @ 0x1] [fatal] No CUDA capable devices found', 'the device is gone'],
    ['[h264_nvenc @ 0x1] [error] OpenEncodeSessionEx failed: no encode device (1): (no details)', 'the device is gone'],
    ['[AVHWDeviceContext @ 0x1] [error] No VA display found for device /dev/dri/renderD128.', 'the device is gone'],
    [
      '[AVHWDeviceContext @ 0x1] [error] Failed to initialise VAAPI connection: -1 (unknown libva error).',
      'the device is gone',
    ],
    ['[AVHWDeviceContext @ 0x1] [error] Error creating a MFX session: -9.', 'the device is gone'],
    ['[h264_qsv @ 0x1] [error] Error initializing an internal MFX session: unsupported (-3)', 'the device is gone'],
    ['[h264_amf @ 0x1] [error] DLL libamfrt64.so.1 failed to open', 'the device is gone'],
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
    '[h264_nvenc @ 0x1] [fatal] No capable devices found',
    '[h264_nvenc @ 0x1] [error] OpenEncodeSessionEx failed: unsupported device (2): (no details)',
    '[h264_qsv @ 0x1] [error] Error initializing the encoder: invalid video parameters (-15)',
    '[h264_qsv @ 0x1] [error] Selected ratecontrol mode is unsupported',
    '[h264_vaapi @ 0x1] [error] Driver does not support VBR RC mode (supported modes: CQP).',
    '[h264_vaapi @ 0x1] [error] Failed to end picture encode issue: 18 (invalid parameter).',
    // kVTParameterErr; kVTPropertyNotSupportedErr.
    '[h264_videotoolbox @ 0x1] [error] Error: cannot encode frame: -12902',
    '[h264_videotoolbox @ 0x1] [error] Error setting bitrate property: -12900',
    // AMF_NOT_SUPPORTED, and numbers that only begin alike.
    '[h264_amf @ 0x1] [error] CreateComponent(AMFVideoEncoderVCE_AVC) failed with error 10',
    '[h264_amf @ 0x1] [error] encoder->Init() failed with error 60',
    '[h264_nvenc @ 0x1] [error] something failed with error 6',
    '[h264_nvenc @ 0x1] [warning] cuCtxCreate failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    '[AVHWDeviceContext @ 0x1] [verbose] Initialised VAAPI connection',
  ])('is none of these: %s', (line) => {
    expect(deviceTrouble([line])).toBeUndefined();
  });
});
