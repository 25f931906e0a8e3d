import type { Issue } from '../model/errors.ts';
import type { OptionValues } from '../model/option-values.ts';
import { planColour } from './colour.ts';
import { warn, wrong } from './finding.ts';
import type { Geometry, ResolvedVideo } from './resolved.ts';
import type { VideoContext, VideoDecision } from './video-context.ts';

/** A picture that is rewrapped: nothing of it can be changed, and what asks for a change is a finding. */
export function copiedVideo(context: VideoContext): VideoDecision {
  const { stream, target, timeline, layered } = context;
  const issues: Issue[] = [];
  if (!target.container.copyVideo.includes(stream.codec)) {
    issues.push(
      wrong(
        'copy_impossible',
        '--codec',
        `--codec copy: ${target.container.name} (${target.container.id}) cannot hold ${stream.codec}`,
        'MKV holds most codecs, or encode',
      ),
    );
  }
  const changes: readonly (readonly [keyof OptionValues, string])[] = [
    ['resolution', '--resolution'],
    ['fps', '--fps'],
    ['crf', '--crf'],
    ['bitrate', '--bitrate'],
    ['mode', '--mode'],
    ['twoPass', '--two-pass'],
    ['targetSize', '--target-size'],
    ['rotate', '--rotate'],
    ['fit', '--fit'],
    ['deinterlace', '--deinterlace'],
    ['crop', '--crop'],
    ['fpsMode', '--fps-mode'],
    ['set', '--set'],
  ];
  for (const [key, flag] of changes) {
    if (layered.from[key] === 'flag')
      issues.push(
        wrong(
          'copy_changes_nothing',
          flag,
          `${flag} does not go with --codec copy: a copied picture cannot be changed`,
          'leave it out, or encode',
        ),
      );
  }
  if (stream.hdr.dolbyVision && target.container.id === 'mov') {
    const what = `${target.container.name} files here do not say that they are Dolby Vision: the base layer is delivered`;
    issues.push(warn('dolby_vision_lost', '--container', what, 'MP4 and MKV do'));
  }
  if (timeline.cutStart)
    issues.push(
      wrong(
        'copy_cannot_cut',
        '--start',
        '--start does not go with --codec copy: a copy can only begin at a keyframe',
        'encode to cut exactly',
      ),
    );
  const { colour, issues: colourIssues } = planColour(stream, {
    hdr: undefined,
    canKeepHdr: true,
    platformIsSdr: false,
    keepsTenBits: true,
    wantsBt709: false,
    onlyBt709: false,
    copy: true,
    target: '',
  });
  issues.push(...colourIssues);
  const geometry: Geometry = {
    turn: 0,
    unmirror: false,
    crop: undefined,
    scale: undefined,
    scaling: 'bicubic',
    trim: undefined,
    pad: undefined,
    width: stream.width,
    height: stream.height,
  };
  const video: ResolvedVideo = {
    index: stream.index,
    codec: 'copy',
    encoder: 'copy',
    geometry,
    frameRate: undefined,
    frames: timeline.cutEnd || timeline.cutStart ? undefined : (stream.frames ?? context.media.scan?.videoPackets),
    deinterlace: 'off',
    fpsMode: 'drop',
    colour,
    pixelFormat: stream.pixelFormat,
    flattenAlpha: false,
    decoder: undefined,
    rate: { mode: 'flavour', flavour: 'copy' },
    speed: 'medium',
    twoPass: false,
    gop: { sec: 0, frames: 0 },
    threads: undefined,
    custom: {},
  };
  return { video, issues };
}
