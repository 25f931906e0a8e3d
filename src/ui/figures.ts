import { formatBytes, formatTime } from '../model/units.ts';

/** `42%`: rounded down, because 100 % is said only when it is over. */
export const percentText = (progress: number): string => `${Math.floor(progress)}%`;
export const fpsText = (fps: number | null): string =>
  fps === null ? '' : `${fps < 10 ? fps.toFixed(1) : Math.round(fps)} fps`;
export const speedText = (speed: number | null): string =>
  speed === null ? '' : `${speed < 10 ? speed.toFixed(1) : Math.round(speed)}x`;
export const etaText = (seconds: number | null): string =>
  seconds === null || !Number.isFinite(seconds) ? '' : `eta ${formatTime(Math.max(0, Math.round(seconds)))}`;
export const bytesText = (bytes: number | null): string => (bytes === null ? '' : formatBytes(bytes));
export const durationText = (seconds: number): string =>
  formatTime(seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds));
