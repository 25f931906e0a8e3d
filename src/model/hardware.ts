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

/** A hardware encoder that may be taken, as trials on this machine proved it. Plain data: the planner decides by it. */
export interface HardwareOffer {
  readonly kind: HardwareKind;
  /** ffmpeg's name: `h264_nvenc`. */
  readonly encoder: string;
  readonly device: DeviceAddress;
  /** The device decodes this very source, so that decode, scale and encode can stay there. */
  readonly decodes: boolean;
  /** Filters that this ffmpeg lists. */
  readonly filters: readonly string[];
}
