/** What the listing commands can ask for. Apart from app.ts, and loaded alone, because a listing should not wait for the engine. */
export { type CodecListing, listCodecs, showCodec } from './codecs.ts';
export type { Examination } from './doctor.ts';
export { cancelById, estimateOfJob, findJob, jobRow, listJobs } from './jobs.ts';
export { listPlatformRows, listSizeCaps, showPlatform } from './platforms.ts';
export { deletePreset, listPresetRows, type ShownPreset, savePreset, showPreset } from './presets.ts';
export { openSession } from './session.ts';

/** Brings execa, which no other listing pays for. */
export async function examine(
  ...args: Parameters<typeof import('./doctor.ts')['examine']>
): Promise<import('./doctor.ts').Examination> {
  return (await import('./doctor.ts')).examine(...args);
}
