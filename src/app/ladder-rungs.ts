import { warn } from '../plan/finding.ts';
import { type LadderContext, type LadderDecision, ladderKbps, planLadder, type Rung } from '../plan/ladder.ts';
import type { RawSettings } from '../presets/job.ts';
import { LADDER } from '../presets/ladder-table.ts';
import { measureNeed } from './ladder-need.ts';
import { type LadderSource, prepareWhole, soundFlags } from './ladder-source.ts';
import type { RequestedExport } from './multi-request.ts';
import type { PlannedPackage } from './planned-package.ts';

/** The exports of a package's rungs: everything that the rung decides is said as a flag is. */
export function rungExports(
  source: LadderSource,
  planned: PlannedPackage,
  rate: string | undefined,
): readonly RequestedExport[] {
  const { asked, request } = source;
  const isAverage = String(asked.flags.mode ?? '').toLowerCase() === 'vbr';
  const manySources = request.exports.length > 1;
  return planned.rungs.map(({ id, codec, width, height, kbps }) => ({
    ...asked,
    label: manySources ? `${planned.label} ${id}` : id,
    folder: planned.scratch,
    flags: {
      ...asked.flags,
      ...soundFlags(asked, LADDER.audio.stereo_kbps),
      ...{
        codec,
        container: 'mp4',
        name: `video_${id}`,
        resolution: `${width}x${height}`,
        fit: 'stretch',
        upscale: true,
      },
      ...(isAverage ? { bitrate: `${kbps}k` } : { max_bitrate: `${kbps}k`, mode: 'crf' }),
      ...(rate === undefined ? {} : { fps: rate }),
      // Text is a track of its own; what is burned is in every picture.
      subtitles: asked.flags.subtitles === 'burn' ? 'burn' : 'drop',
    },
  }));
}

/** Samples are taken at this short side or below: a film that is hard there is hard at any size. */
const SAMPLE_SIDE = 540;

/** The rungs, with `--per-title` by what the film needs. */
export async function decideRungs(
  source: LadderSource,
  context: LadderContext,
  scratch: string,
  faster: RawSettings,
): Promise<LadderDecision> {
  const { ladder, signal } = source;
  const published = planLadder(context, ladder.rungs);
  const isSmall = ({ width, height }: Rung) => Math.min(width, height) <= SAMPLE_SIDE;
  const sample = published.rungs.find(isSmall) ?? published.rungs.at(-1);
  if (!ladder.perTitle || !sample) return published;
  const { codec, width, height } = sample;
  const size = { resolution: `${width}x${height}`, fit: 'stretch', upscale: true, mode: 'crf' };
  const prepared = await prepareWhole(source, { codec, ...size, audio_codec: 'none', ...faster }, scratch);
  const need = await measureNeed(prepared, ladderKbps(sample, { ...context, codec }), signal);
  const fitted = planLadder({ ...context, need }, ladder.rungs);
  const what = `samples of ${sample.id} need ${need.toFixed(2)} of the published rate: the rungs' rates are that much`;
  const isOwn = ladder.rungs?.every(({ kbps }) => kbps !== undefined);
  const idle = '--per-title changes nothing: --rungs says all rates';
  return { ...fitted, issues: [...fitted.issues, warn('per_title', '--per-title', isOwn ? idle : what)] };
}
