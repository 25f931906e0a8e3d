import { resolve } from 'node:path';
import type { RawSettings } from '../presets/job.ts';
import { LADDER } from '../presets/ladder-table.ts';
import type { Session } from './call.ts';
import type { LadderRequest } from './ladder-request.ts';
import type { Looks } from './looks.ts';
import type { MultiRequest, RequestedExport } from './multi-request.ts';
import { prepareExport } from './prepare.ts';

/** A source that a package is made of, and what is asked for. */
export interface LadderSource {
  readonly session: Session;
  readonly request: MultiRequest;
  readonly asked: RequestedExport;
  readonly ladder: LadderRequest;
  readonly looks: Looks;
  readonly signal: AbortSignal;
}

/** What the source would be with these settings, at its own size: its shape, its time line, its sound and text. */
export function prepareWhole(
  { session, request, asked, looks, signal }: LadderSource,
  settings: RawSettings,
  scratch: string,
) {
  const flags = { ...asked.flags, container: 'mp4', name: 'whole', ...settings };
  const sources = [resolve(request.cwd, asked.input)];
  const among = { folder: scratch, receipts: undefined, sources, mayExist: true };
  return prepareExport(session, { input: asked.input, flags }, signal, { looks, among });
}

/** Rates of sound as the published ladder has them, where nobody said another. */
export function soundFlags({ flags }: RequestedExport, kbps: number): RawSettings {
  return { audio_codec: flags.audio_codec ?? 'aac', audio_bitrate: flags.audio_bitrate ?? `${kbps}k` };
}

/** Of surround: the rate of a stereo track whose share for six channels is the table's. */
export const SURROUND_PER_STEREO = LADDER.audio.surround_kbps / 3;
