import type { DeviceAddress, GpuVendor, SessionPool } from '../model/hardware.ts';
import type { Scaling } from '../model/option-values.ts';
import type { HardwareKind } from '../model/toolchain.ts';

/** Decoding, filtering and encoding without leaving the device. */
export interface DeviceChain {
  /** Before the input that is decoded there. */
  readonly decode: (device: DeviceAddress) => readonly string[];
  /** Codecs (ffprobe's names) that devices of this kind decode; whether this one does is tried on the source itself. */
  readonly sources: readonly string[];
  /** Also brings the picture into the encoder's layout: where nothing is resized it is given the picture's own size. */
  readonly scale: (to: ScaleWish) => string;
  /** One picture of two fields, or one of each; left out where it is not known which of them come. */
  readonly deinterlace?: (how: 'frame' | 'field') => string;
}

export interface ScaleWish {
  readonly width: number;
  readonly height: number;
  readonly scaling: Scaling;
  /** `nv12`, `p010le`. */
  readonly layout: string;
}

/** One maker's way into its encoders: everything that is the same for all codecs. */
export interface HardwareFamily {
  readonly kind: HardwareKind;
  readonly name: string;
  /** Whose devices it drives. */
  readonly vendors: readonly GpuVendor[];
  /** Global arguments that open the device; none where the encoder opens it itself. */
  readonly open: (device: DeviceAddress) => readonly string[];
  /** The end of a chain in software: pictures as, and where, the encoder takes them. */
  readonly upload: (layout: string) => readonly string[];
  /** Its encoders take pictures that lie on the device; else `-pix_fmt` names their layout. */
  readonly takesDeviceFrames: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Encodes that a device runs at once; no limit is known where left out. */
  readonly sessions?: (device: NamedDevice) => SessionPool;
  /** Its encoders open the maker's first device, and cannot be told another. */
  readonly firstDeviceOnly?: true;
  readonly chain?: DeviceChain;
}

/** A device, as far as a limit depends on it. */
interface NamedDevice extends Pick<DeviceAddress, 'number'> {
  readonly name: string;
  readonly driver: string | null;
}

const DEVICE = 'gpu';
/** What VA-API is asked for where no node was found: it then says itself that there is none. */
const FIRST_NODE = '/dev/dri/renderD128';

/** NVIDIA's tool counts devices by their bus; CUDA counts the fastest first unless it is told. */
const CUDA_ENV = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } as const;

const INTERPOLATION: Readonly<Record<Scaling, string>> = {
  bilinear: 'bilinear',
  bicubic: 'bicubic',
  lanczos: 'lanczos',
  // scale_cuda has no spline; lanczos is the nearest that it has.
  spline: 'lanczos',
};

/** Drivers from which on NVENC runs more at once, newest first. */
const NVENC_SESSIONS: readonly (readonly [driver: number, most: number])[] = [
  [550, 8],
  [530, 5],
];
const NVENC_SESSIONS_EVER = 3;

/**
 * NVIDIA limits GeForce cards, all of a machine together ("per system": NVENC Application Note, Licensing Policy): to 3 encodes, to 5 since March
 * 2023, to 8 since January 2024 (Wikipedia, Nvidia NVENC, read 2026-11). The drivers are those that the SDKs of these months ask for (12.1, 12.2: nvenc.c
 * of ffmpeg 7.0.2). Professional cards have no limit, some small ones apart; a card's engines, three at most, are busy with as many. Published, not measured here: what
 * a device refuses all the same is made in software, and said.
 */
function nvencSessions({ name, driver, number }: NamedDevice): SessionPool {
  const version = Number.parseFloat(driver ?? '0');
  const [, most = NVENC_SESSIONS_EVER] = NVENC_SESSIONS.find(([since]) => version >= since) ?? [];
  return { name: /GeForce/i.test(name) ? 'nvenc GeForce' : `nvenc ${number}`, most };
}

const nvenc: HardwareFamily = {
  kind: 'nvenc',
  name: 'NVIDIA NVENC',
  vendors: ['nvidia'],
  // The encoder takes its device by number, with -gpu.
  open: () => [],
  upload: (layout) => [`format=${layout}`],
  takesDeviceFrames: false,
  env: CUDA_ENV,
  sessions: nvencSessions,
  chain: {
    decode: ({ ordinal }) => [
      ...['-hwaccel', 'cuda', '-hwaccel_output_format', 'cuda'],
      ...['-hwaccel_device', `${ordinal}`, '-extra_hw_frames', '4'],
    ],
    sources: ['h264', 'hevc', 'av1', 'vp9', 'vp8', 'mpeg2video', 'mpeg4', 'vc1'],
    scale: ({ width, height, scaling, layout }) =>
      `scale_cuda=w=${width}:h=${height}:interp_algo=${INTERPOLATION[scaling]}:format=${layout}`,
    deinterlace: (how) => `yadif_cuda=mode=send_${how}:parity=auto:deint=all`,
  },
};

const qsv: HardwareFamily = {
  kind: 'qsv',
  name: 'Intel Quick Sync',
  vendors: ['intel'],
  // Where the system has no render nodes (Windows), the encoder opens the first device itself.
  open: ({ node }) =>
    node ? ['-init_hw_device', `qsv=${DEVICE},child_device=${node}`, '-filter_hw_device', DEVICE] : [],
  upload: (layout) => [`format=${layout}`],
  takesDeviceFrames: false,
  chain: {
    decode: () => ['-hwaccel', 'qsv', '-hwaccel_output_format', 'qsv', '-hwaccel_device', DEVICE],
    sources: ['h264', 'hevc', 'av1', 'vp9', 'mpeg2video', 'vc1'],
    scale: ({ width, height, layout }) => `scale_qsv=w=${width}:h=${height}:format=${layout.replace('le', '')}`,
  },
};

const vaapi: HardwareFamily = {
  kind: 'vaapi',
  name: 'VA-API',
  vendors: ['intel', 'amd', 'unknown'],
  open: ({ node }) => [
    ...['-init_hw_device', `vaapi=${DEVICE}:${node ?? FIRST_NODE}`],
    ...['-filter_hw_device', DEVICE],
  ],
  upload: (layout) => [`format=${layout}`, 'hwupload'],
  takesDeviceFrames: true,
  chain: {
    decode: () => ['-hwaccel', 'vaapi', '-hwaccel_output_format', 'vaapi', '-hwaccel_device', DEVICE],
    sources: ['h264', 'hevc', 'av1', 'vp9', 'vp8', 'mpeg2video', 'vc1'],
    scale: ({ width, height, layout }) =>
      `scale_vaapi=w=${width}:h=${height}:mode=hq:format=${layout.replace('le', '')}`,
    deinterlace: (how) => `deinterlace_vaapi=rate=${how}`,
  },
};

const videotoolbox: HardwareFamily = {
  kind: 'videotoolbox',
  name: 'Apple VideoToolbox',
  vendors: ['apple'],
  open: () => [],
  upload: (layout) => [`format=${layout}`],
  takesDeviceFrames: false,
};

const amf: HardwareFamily = {
  kind: 'amf',
  name: 'AMD AMF',
  vendors: ['amd'],
  firstDeviceOnly: true,
  open: () => [],
  upload: (layout) => [`format=${layout}`],
  takesDeviceFrames: false,
};

/** Best first: in this order `--hw auto` tries what a machine has. */
export const HARDWARE_FAMILIES: readonly HardwareFamily[] = [nvenc, qsv, videotoolbox, amf, vaapi];

/** Whether a family's encoders can be had of this device. */
export const drives = (
  { vendors, firstDeviceOnly }: HardwareFamily,
  { vendor, ordinal }: Pick<DeviceAddress, 'ordinal'> & { readonly vendor: GpuVendor },
): boolean => vendors.includes(vendor) && (!firstDeviceOnly || ordinal === 0);

export function hardwareFamily(kind: HardwareKind): HardwareFamily {
  const found = HARDWARE_FAMILIES.find((one) => one.kind === kind);
  if (!found) throw new Error(`there is no hardware family ${kind}`);
  return found;
}
