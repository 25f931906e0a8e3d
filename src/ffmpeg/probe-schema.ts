import * as z from 'zod';

/** What is read of ffprobe's JSON: everything optional, because every version and demuxer leaves something out. */

const text = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);
const tags = z
  .record(z.string(), z.union([z.string(), z.number()]).transform(String))
  .optional()
  .catch(undefined);

const sideData = z.looseObject({
  side_data_type: text,
  displaymatrix: text,
  rotation: text,
  red_x: text,
  red_y: text,
  green_x: text,
  green_y: text,
  blue_x: text,
  blue_y: text,
  white_point_x: text,
  white_point_y: text,
  min_luminance: text,
  max_luminance: text,
  max_content: text,
  max_average: text,
  dv_profile: text,
  dv_bl_signal_compatibility_id: text,
});

const sideDataList = z.array(sideData).optional().catch(undefined);

const colour = { color_range: text, color_primaries: text, color_transfer: text, color_space: text, pix_fmt: text };

const stream = z.looseObject({
  ...colour,
  index: z.number(),
  codec_type: text,
  codec_name: text,
  codec_tag_string: text,
  profile: text,
  width: text,
  height: text,
  level: text,
  sample_aspect_ratio: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  nb_frames: text,
  time_base: text,
  field_order: text,
  has_b_frames: text,
  closed_captions: text,
  start_time: text,
  duration: text,
  bit_rate: text,
  channels: text,
  channel_layout: text,
  sample_rate: text,
  sample_fmt: text,
  bits_per_sample: text,
  bits_per_raw_sample: text,
  extradata_size: text,
  disposition: z.record(z.string(), z.number()).optional().catch(undefined),
  tags,
  side_data_list: sideDataList,
});

const frame = z.looseObject({
  stream_index: z.number().optional().catch(undefined),
  ...colour,
  interlaced_frame: text,
  top_field_first: text,
  side_data_list: sideDataList,
});

const chapter = z.looseObject({ start_time: text, end_time: text, tags });

const format = z.looseObject({
  format_name: text,
  start_time: text,
  duration: text,
  bit_rate: text,
  tags,
});

export const probeSchema = z.looseObject({
  streams: z.array(stream).default([]),
  chapters: z.array(chapter).default([]),
  format: format.optional(),
  /** Of any stream, in the order in which they were decoded. */
  frames: z.array(frame).default([]),
});

export const framesSchema = z.looseObject({ frames: z.array(frame).default([]) });

/** A packet, or what was decoded, where both are listed. */
const listed = z.looseObject({
  type: z.string(),
  stream_index: z.number().optional(),
  codec_type: z.string().optional(),
  pts_time: z.string().optional(),
  dts_time: z.string().optional(),
  duration_time: z.string().optional(),
  flags: z.string().optional(),
});

/** All packets of a film, each before what was decoded of it. */
export const wholeSchema = probeSchema.extend({ packets_and_frames: z.array(listed).default([]) });
export const frameSchema = frame;

export type ProbedSideData = z.infer<typeof sideData>;
export type ProbedStream = z.infer<typeof stream>;
export type ProbedFrame = z.infer<typeof frame>;
export type Probed = z.infer<typeof probeSchema>;
export type Listed = z.infer<typeof listed>;
