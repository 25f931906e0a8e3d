import type { HardwareKind } from './toolchain.ts';

export type GpuVendor = 'nvidia' | 'intel' | 'amd' | 'apple' | 'unknown';

/** A graphics device as commands address it. */
export interface DeviceAddress {
  /** As `--gpu` and `doctor` count: from 0, over all vendors. */
  readonly number: number;
  /** Among the devices of its vendor: the number that CUDA gives it. */
  readonly ordinal: number;
  /** `/dev/dri/renderD128`; undefined where the system has no such node. */
  readonly node: string | undefined;
}

/** Encodes that run at once on a device, or on several that are limited together. */
export interface SessionPool {
  /** `nvenc 0`; devices that are limited together have one name. */
  readonly name: string;
  readonly most: number;
}

/** A hardware encoder that may be taken, as trials on this machine proved it. Plain data: the planner decides by it. */
export interface HardwareOffer {
  readonly kind: HardwareKind;
  /** ffmpeg's name: `h264_nvenc`. */
  readonly encoder: string;
  readonly device: DeviceAddress;
  /** Undefined where no limit is known. */
  readonly sessions?: SessionPool | undefined;
  /** The device decodes this very source, so that decode, scale and encode can stay there. */
  readonly decodes: boolean;
  /** Filters that this ffmpeg lists. */
  readonly filters: readonly string[];
}

/** Whether a device decodes films of a codec, and scales them there: a row of `doctor`. */
export interface DecoderState {
  readonly hardware: string;
  readonly gpu: number;
  readonly codec: string;
  readonly pixel_format: string;
  readonly usable: boolean;
  readonly reason: string | null;
  readonly ms: number;
}
