import type { MediaInfo } from '../model/media.ts';
import { valueOf } from '../model/rational.ts';
import { videoKbpsEstimate } from '../plan/estimate.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { DeliveryFacts } from '../presets/facts.ts';

/** What a planned delivery will be, as far as the plan decides it. Sizes are left out: an estimate refuses nobody. */
export function plannedFacts(resolved: ResolvedExport, media: MediaInfo): DeliveryFacts {
  const { video, audio, container, timeline } = resolved;
  const copy = video.codec === 'copy';
  const stream = media.video.find((one) => one.index === video.index);
  const track = audio[0];
  const isMp4 = container === 'mp4' || container === 'mov';
  const fixedRate = video.rate.mode === 'vbr' || video.rate.mode === 'cbr' || video.rate.mode === 'abr';
  return {
    container,
    durationSec: timeline.durationSec,
    ...(isMp4
      ? { moovAtFront: !resolved.fragmented, fragmented: resolved.fragmented, hasEditList: !resolved.noEditList }
      : {}),
    videoCodec: copy ? (stream?.codec ?? '') : video.codec,
    width: video.geometry.width,
    height: video.geometry.height,
    sampleAspect: copy ? valueOf(stream?.sampleAspect ?? { num: 1, den: 1 }) : 1,
    ...(video.frameRate ? { frameRate: valueOf(video.frameRate), constantFrameRate: true } : {}),
    pixelFormat: video.pixelFormat,
    ...(fixedRate ? { videoKbps: videoKbpsEstimate(resolved, media) } : {}),
    ...(copy
      ? {}
      : {
          progressive: true,
          closedGop: true,
          keyframeSec: video.gop.sec,
          rotationMatrix: false,
          hdr: video.colour.hdr !== undefined,
          bitDepth: /1[02]le$/.test(video.pixelFormat) ? 10 : 8,
        }),
    ...(video.codec === 'h265' && isMp4 ? { codecTag: 'hvc1' } : {}),
    hasAudio: audio.length > 0,
    ...(track
      ? {
          audioCodec:
            track.codec === 'copy' ? (media.audio.find((one) => one.index === track.index)?.codec ?? '') : track.codec,
          channels: track.channels,
          sampleRate: track.sampleRate,
          ...(track.kbps === undefined ? {} : { audioKbps: track.kbps }),
        }
      : {}),
  };
}
