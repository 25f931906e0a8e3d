import type { QualityLevel, Speed } from '../model/option-values.ts';

/** A quality level: bitrates at the 1.0× resolution (720p), kbps. The customer's table. */
export interface LevelRow {
  readonly minKbps: number;
  readonly kbps: number;
  readonly maxKbps: number;
  /** Of a stereo track. */
  readonly audioKbps: number;
  readonly speed: Speed;
}

export const LEVELS: Readonly<Record<QualityLevel, LevelRow>> = {
  draft: { minKbps: 1000, kbps: 2000, maxKbps: 2000, audioKbps: 96, speed: 'fast' },
  low: { minKbps: 2000, kbps: 3000, maxKbps: 4000, audioKbps: 128, speed: 'fast' },
  medium: { minKbps: 4000, kbps: 5000, maxKbps: 8000, audioKbps: 192, speed: 'medium' },
  high: { minKbps: 8000, kbps: 8000, maxKbps: 15000, audioKbps: 256, speed: 'slow' },
  ultra: { minKbps: 15000, kbps: 15000, maxKbps: 50000, audioKbps: 320, speed: 'slow' },
};
