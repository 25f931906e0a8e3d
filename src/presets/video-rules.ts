import { type DeliveryFacts, videoCodecId } from './facts.ts';
import { isMp4Family } from './file-rules.ts';
import { type VideoRate, type VideoRateTable, videoRateFor } from './platform.ts';
import { anyOf, kbpsText, plain, type RuleKinds, ruleAbout } from './rule-kind.ts';

/** Encoders place keyframes on whole frames: half of 29.97 is 15 frames, 0.5005 s. */
const KEYFRAME_TOLERANCE_SEC = 0.045;

const isCodec =
  (id: string) =>
  ({ videoCodec }: DeliveryFacts): boolean | undefined =>
    videoCodec === undefined ? undefined : videoCodecId(videoCodec) === id;

function isTaggedHevc(facts: DeliveryFacts): boolean | undefined {
  const [hevc, mp4] = [isCodec('h265')(facts), isMp4Family(facts)];
  return hevc === false || mp4 === false ? false : hevc && mp4;
}

function adviceFor(table: VideoRateTable, facts: DeliveryFacts): VideoRate | undefined {
  const { width, height, frameRate, hdr } = facts;
  return width === undefined || height === undefined
    ? undefined
    : videoRateFor(table, { width, height, frameRate, hdr: hdr ?? false });
}

function adviceText(row: VideoRate): string {
  const rate =
    row.min_kbps === row.max_kbps
      ? `up to about ${kbpsText(row.max_kbps)}`
      : `${kbpsText(row.min_kbps)} to ${kbpsText(row.max_kbps)}`;
  return `${rate} for ${row.short_side}p${row.max_frame_rate}${row.hdr ? ' HDR' : ''}`;
}

/** Rules about the picture's codec and rate. */
export const VIDEO_RULES: RuleKinds<
  | 'video_codec'
  | 'h264_profile'
  | 'cabac'
  | 'b_frames'
  | 'closed_gop'
  | 'max_keyframe_interval'
  | 'hevc_tag'
  | 'max_video_bitrate'
  | 'min_video_bitrate'
  | 'recommended_video_bitrate'
> = {
  video_codec: ruleAbout({
    title: 'video codec',
    flag: '--codec',
    advice: true,
    hint: (allowed) => `--codec ${allowed[0]}`,
    fact: ({ videoCodec }) => (videoCodec === undefined ? undefined : videoCodecId(videoCodec)),
    wanted: (allowed) => anyOf(allowed),
    show: (codec) => codec,
    holds: (allowed, codec) => allowed.includes(codec),
  }),
  h264_profile: ruleAbout({
    title: 'H.264 profile',
    flag: '--codec',
    advice: true,
    hint: 'export it again with this platform',
    concerns: isCodec('h264'),
    fact: (facts) => facts.profile,
    wanted: (allowed) => anyOf(allowed),
    show: (profile) => profile,
    holds: (allowed, profile) => allowed.some((one) => one.toLowerCase() === profile.toLowerCase()),
  }),
  cabac: ruleAbout({
    title: 'entropy coding',
    flag: '--speed',
    advice: true,
    hint: 'export it again with this platform',
    concerns: isCodec('h264'),
    fact: (facts) => facts.cabac,
    wanted: () => 'CABAC',
    show: (cabac) => (cabac ? 'CABAC' : 'CAVLC'),
    holds: (_, cabac) => cabac,
  }),
  b_frames: ruleAbout({
    title: 'B-frames in a row',
    flag: '--speed',
    advice: true,
    hint: 'export it again with this platform',
    concerns: isCodec('h264'),
    fact: (facts) => facts.maxBFrames,
    wanted: (count) => `at most ${count}`,
    show: (count) => `${count}`,
    holds: (count, found) => found <= count,
  }),
  closed_gop: ruleAbout({
    title: 'closed GOPs',
    flag: '--platform',
    advice: true,
    hint: 'export it again with this platform',
    fact: (facts) => facts.closedGop,
    wanted: () => 'closed',
    show: (closed) => (closed ? 'closed' : 'open'),
    holds: (_, closed) => closed,
  }),
  max_keyframe_interval: ruleAbout({
    title: 'keyframes',
    flag: '--platform',
    advice: true,
    hint: 'export it again with this platform',
    fact: (facts) => facts.keyframeSec,
    wanted: (sec) => `every ${plain(sec)} s or less`,
    show: (sec) => `up to ${plain(sec)} s apart`,
    holds: (sec, found) => found <= sec + KEYFRAME_TOLERANCE_SEC,
  }),
  hevc_tag: ruleAbout({
    title: 'H.265 tag',
    flag: '--codec',
    hint: 'ffmpeg -c copy -tag:v hvc1',
    concerns: isTaggedHevc,
    fact: (facts) => facts.codecTag,
    wanted: (tags) => anyOf(tags),
    show: (tag) => tag,
    holds: (tags, tag) => tags.includes(tag),
  }),
  max_video_bitrate: ruleAbout({
    title: 'video bitrate',
    flag: '--max-bitrate',
    hint: (kbps) => `--max-bitrate ${kbps}k`,
    fact: (facts) => facts.videoKbps,
    wanted: (kbps) => `at most ${kbpsText(kbps)}`,
    show: kbpsText,
    holds: (kbps, found) => found <= kbps,
  }),
  min_video_bitrate: ruleAbout({
    title: 'video bitrate',
    flag: '--bitrate',
    hint: 'a higher --quality; fine where the picture needs no more',
    advice: true,
    fact: (facts) => facts.videoKbps,
    wanted: (kbps) => `at least ${kbpsText(kbps)}`,
    show: kbpsText,
    holds: (kbps, found) => found >= kbps,
  }),
  // Less than the advice is no fault by itself: a file made by quality spends what its picture needs. Far less is worth a remark.
  recommended_video_bitrate: ruleAbout({
    title: 'video bitrate',
    flag: '--bitrate',
    hint: 'more is wasted, much less shows; less is fine where the picture needs no more',
    advice: true,
    fact: (facts) => (facts.width === undefined || facts.height === undefined ? undefined : facts.videoKbps),
    wanted: (table, facts) => {
      const row = adviceFor(table, facts);
      return row ? adviceText(row) : "the platform's table for this size";
    },
    show: kbpsText,
    holds: (table, found, facts) => {
      const row = adviceFor(table, facts);
      return row === undefined || (found >= row.min_kbps * table.too_little && found <= row.max_kbps);
    },
  }),
};
