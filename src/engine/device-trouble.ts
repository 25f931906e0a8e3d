/** A device that cannot go on with an encode, for a reason that is its own: another attempt may take over. */
export class DeviceFailed extends Error {}

interface Trouble {
  /** What people call it. */
  readonly name: string;
  readonly said: RegExp;
}

/** Said by what works on a device, not by the parts of ffmpeg that run in main memory. */
const DEVICE_SIDE =
  /(_(nvenc|cuvid|qsv|vaapi|amf|videotoolbox|cuda)\b|AVHW\w+|hwupload|hwdownload|CUDA|VA_STATUS|MFX|AMF|libcuda|VA display)/i;

const TROUBLES: readonly Trouble[] = [
  {
    // A GeForce that has as many encodes as it takes says "out of memory": the call tells which it is.
    name: 'no session is free',
    said: /OpenEncodeSessionEx failed: (out of memory|incompatible client key|encoder busy|resource)|too many (concurrent |encode |encoding )?sessions|maximum number of (concurrent )?(encode |encoding )?sessions/i,
  },
  {
    name: 'the device is out of memory',
    said: /CUDA_ERROR_OUT_OF_MEMORY|out of memory|VA_STATUS_ERROR_ALLOCATION_FAILED|resource allocation failed|Cannot allocate memory|memory allocation (failed|error)|failed to allocate memory|AMF_OUT_OF_MEMORY/i,
  },
  {
    name: 'the device is lost',
    said: /CUDA_ERROR_(UNKNOWN|ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|NO_DEVICE|INVALID_DEVICE|ECC_UNCORRECTABLE|DEVICE_UNAVAILABLE|SYSTEM_NOT_READY|SYSTEM_DRIVER_MISMATCH|DEINITIALIZED|HARDWARE_STACK_ERROR|CONTEXT_IS_DESTROYED|STUB_LIBRARY)|device (was |is )?(lost|removed|hung)|device failed|device not exist|invalid device \(|gpu (has )?hang|hardware (device )?(error|is busy)|VA_STATUS_ERROR_(HW_BUSY|OPERATION_FAILED)|internal encoding error|AMF_NO_DEVICE|-1290[23]\b|-12912\b/i,
  },
  {
    // It was there when it was tried.
    name: 'the device is gone',
    said: /Cannot load (libcuda|nvcuda|libnvidia-encode|amfrt)|Could not dynamically load CUDA|No VA display found|Error initializing an internal MFX session/i,
  },
];

const SEVERE = /\[(error|fatal|panic)\]/;
const plain = (line: string): string =>
  line
    .replace(/\[[^\]]* @ [^\]]*\]\s*/g, '')
    .replace(SEVERE, '')
    .trim();

/** The trouble that a device told of, in one line: without memory, without a free session, or lost. Undefined for any other failure. */
export function deviceTrouble(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    if (!SEVERE.test(line) || !DEVICE_SIDE.test(line)) continue;
    const trouble = TROUBLES.find(({ said }) => said.test(line));
    if (trouble) return `${trouble.name}: ${plain(line)}`;
  }
  return undefined;
}
