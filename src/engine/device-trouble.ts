/** A device that cannot go on with an encode, for a reason that is its own: another attempt may take over. */
export class DeviceFailed extends Error {}

interface Trouble {
  /** What people call it. */
  readonly name: string;
  /** Others who use the device cause it, and end. */
  readonly passes?: true;
  readonly said: RegExp;
}

/** Said by what works on a device, not by the parts of ffmpeg that run in main memory. */
const DEVICE_SIDE =
  /(_(nvenc|cuvid|qsv|vaapi|amf|videotoolbox|cuda)\b|AVHW\w+|hwupload|hwdownload|CUDA|MFX|libcuda|VA display|VAAPI)/i;

/** AMF's and VideoToolbox's messages end with a number: AMF_RESULT and OSStatus. */
const amf = (number: number): string => `_amf @[^\\]]*\\].*failed +with error ${number}\\b`;
const apple = (number: number): string => `_videotoolbox @[^\\]]*\\].*: ${number}\\b`;
const any = (...said: readonly string[]): RegExp => new RegExp(said.join('|'), 'i');

/** CUDA's errors after which its context is of no use any more. */
const CUDA_LOST = [
  ...['UNKNOWN', 'NO_DEVICE', 'INVALID_DEVICE', 'DEVICE_UNAVAILABLE', 'ECC_UNCORRECTABLE', 'CONTEXT_IS_DESTROYED'],
  ...['LAUNCH_FAILED', 'LAUNCH_TIMEOUT', 'HARDWARE_STACK_ERROR', 'ILLEGAL_ADDRESS', 'ILLEGAL_INSTRUCTION'],
  ...['MISALIGNED_ADDRESS', 'INVALID_ADDRESS_SPACE', 'INVALID_PC', 'DEINITIALIZED', 'SYSTEM_NOT_READY'],
  ...['SYSTEM_DRIVER_MISMATCH', 'STUB_LIBRARY'],
].join('|');

/*
 * In the words of ffmpeg 7.0.2 (nvenc.c, cuda_check.h, qsv.c, hwcontext_qsv.c, vaapi_encode.c, hwcontext_vaapi.c, videotoolboxenc.c, amfenc.c) and of
 * what it quotes: libva's vaErrorStr, CUDA's names, Apple's VTErrors.h, AMD's core/Result.h. What an encoder says of a request that it does
 * not take is in none of them.
 */
const TROUBLES: readonly Trouble[] = [
  {
    name: 'no session is free',
    passes: true,
    said: any(
      // A GeForce that has as many encodes as it takes says "out of memory", or by newer drivers "incompatible client key".
      'OpenEncodeSessionEx failed: (out of memory|incompatible client key|encoder busy)',
      // kVTVideoEncoderNotAvailableNowErr; "or not supported", it goes on, but the trial showed that it is.
      ...[apple(-12915), 'The hardware encoder may be busy'],
    ),
  },
  {
    name: 'the device is out of memory',
    passes: true,
    said: any(
      'CUDA_ERROR_OUT_OF_MEMORY',
      // NV_ENC_ERR_OUT_OF_MEMORY, MFX_ERR_MEMORY_ALLOC, VA_STATUS_ERROR_ALLOCATION_FAILED.
      ...['out of memory', 'failed to allocate memory', 'resource allocation failed', 'Cannot allocate memory'],
      // kVTAllocationFailedErr, AMF_OUT_OF_MEMORY.
      apple(-12904),
      amf(6),
    ),
  },
  {
    name: 'the device is lost',
    said: any(
      `CUDA_ERROR_(${CUDA_LOST})\\b`,
      // NV_ENC_ERR_DEVICE_NOT_EXIST, NV_ENC_ERR_INVALID_DEVICE ("no longer valid").
      ...['device does not exist \\(', 'invalid device \\('],
      // MFX_ERR_DEVICE_LOST, MFX_ERR_DEVICE_FAILED, MFX_ERR_GPU_HANG.
      ...['device (lost|failed) \\(', 'GPU hang'],
      // VA_STATUS_ERROR_HW_BUSY, VA_STATUS_ERROR_ENCODING_ERROR; while it waits for a picture also OPERATION_FAILED and TIMEDOUT.
      ...['\\(HW busy now', '\\(internal encoding error', 'Failed to sync to [a-z ]+: (1|38) \\('],
      // kVTInvalidSessionErr, kVTVideoEncoderMalfunctionErr.
      ...[apple(-12903), apple(-12912)],
      // AMF_DIRECTX_FAILED: its device was removed or reset.
      amf(18),
    ),
  },
  {
    // It was there when it was tried.
    name: 'the device is gone',
    said: any(
      'Cannot load (libcuda|nvcuda|libnvidia-encode|nvEncodeAPI|libnvcuvid|nvcuvid)',
      ...[
        'Could not dynamically load CUDA',
        'No CUDA capable devices found',
        'OpenEncodeSessionEx failed: no encode device',
      ],
      ...['No VA display found', 'Failed to initialise VAAPI connection'],
      'Error (initializing|creating) an? (internal )?MFX session',
      'DLL \\S*amfrt\\S* failed to open',
      // AMF_NO_DEVICE.
      amf(17),
    ),
  },
];

const SEVERE = /\[(error|fatal|panic)\]/;
const plain = (line: string): string =>
  line
    .replace(/\[[^\]]* @ [^\]]*\]\s*/g, '')
    .replace(SEVERE, '')
    .trim();

function troubleIn(line: string): Trouble | undefined {
  return SEVERE.test(line) && DEVICE_SIDE.test(line) ? TROUBLES.find(({ said }) => said.test(line)) : undefined;
}

/** The trouble that a device told of, in one line: without memory, without a free session, or lost. Undefined for any other failure. */
export function deviceTrouble(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const trouble = troubleIn(line);
    if (trouble) return `${trouble.name}: ${plain(line)}`;
  }
  return undefined;
}

/** Whether an encoder failed only because its device is busy with others: it may be otherwise in a moment. */
export const isBusy = (encoder: string, reason: string): boolean =>
  troubleIn(`[${encoder} @ device] [error] ${reason}`)?.passes ?? false;
