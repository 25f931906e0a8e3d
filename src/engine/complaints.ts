/** What ffmpeg's stderr says went wrong. Its exit code proves nothing: it is 0 for a truncated source and a full disk. */
export interface Complaints {
  readonly diskFull: boolean;
  /** Lines about the source: broken, cut short, or not decodable. */
  readonly source: readonly string[];
  /** The lines that tell why ffmpeg failed, best first. */
  readonly reasons: readonly string[];
}

const DISK_FULL = /No space left on device|Disk quota exceeded|ENOSPC/i;
const LEVEL = /\[(error|fatal|panic)\]/;
/** Said of the output, or of the device that it is made on, not of the source. */
const OUTPUT_SIDE =
  /^\[(mp4|mov|ipod|webm|matroska|null|libx26[45]|libvpx[\w-]*|libsvtav1|libaom-av1|prores_ks|dnxhd|\w+_(?:nvenc|qsv|vaapi|amf|videotoolbox|cuda)|AVHW\w+|hwupload|hwdownload|aac|libopus|libmp3lame|flac|out#\S*|vost#\S*|aost#\S*|enc:\S*) @ [^\]]*\]/;
/** Native AAC is a decoder and an encoder under one name: these are the decoder's sentences. */
const AAC_DECODER = /^\[aac @ [^\]]*\].*(exhausted|Error decoding|channel element|Reserved bit|Prediction|decode)/i;
const SOURCE_WARNINGS =
  /(corrupt (decoded|input|packet)|File ended prematurely|partial file|Packet corrupt|concealing \d+|truncated|Invalid data found when processing input|error while decoding|Error while decoding|Error submitting (a )?packet to decoder)/i;
/** What decoders say of a capture that starts in the middle of a GOP, until the first keyframe. */
const MID_GOP =
  /(non-existing PPS|decode_slice_header error|no frame!|Missing reference picture|reference picture missing|Could not find ref with POC|co located POCs unavailable|mmco: unref short failure|Invalid frame dimensions 0x0|illegal short term buffer state)/i;
/** The index entry is MXF's: ffmpeg's own muxer writes one too few for a film that ends on B-frames, and all of it is decoded. */
const HARMLESS =
  /(non.?monoton|deprecated pixel format|Thread message queue|Queue input is backward|Timestamps are unset|Starting new cluster|VBV|Guessed Channel Layout|First pass|track \d+: codec frame size|number of frames|max_analyze_duration|Could not find codec parameters for stream \d+ \(Subtitle|Unsupported codec with id \d+ for input stream|Consider increasing the value|index entry \d+ \+ TemporalOffset -?\d+ = -?\d+, which is out of bounds)/i;

const strip = (line: string): string =>
  line
    .replace(/\[(\w[\w.:,#-]*) @ 0x[0-9a-f]+\]\s*/g, '$1: ')
    .replace(/\[(error|fatal|panic|warning)\]\s*/g, '')
    .trim();

/** Sorts ffmpeg's lines. `midGop`: the source is known to start before its first keyframe. */
export function readComplaints(lines: readonly string[], midGop: boolean): Complaints {
  const source: string[] = [];
  const reasons: string[] = [];
  let diskFull = false;
  for (const line of lines) {
    if (DISK_FULL.test(line)) diskFull = true;
    if (HARMLESS.test(line) || (midGop && MID_GOP.test(line))) continue;
    const severe = LEVEL.test(line);
    const outputSide = OUTPUT_SIDE.test(line) && !AAC_DECODER.test(line);
    if (severe) reasons.push(strip(line));
    const aboutSource = SOURCE_WARNINGS.test(line) || (severe && /^\[\w/.test(line) && !LEVEL.test(line.slice(0, 8)));
    if (
      aboutSource &&
      !outputSide &&
      !/Error (initializing|opening|while opening|writing)|Conversion failed/i.test(line)
    )
      source.push(strip(line));
  }
  return { diskFull, source, reasons: reasons.filter((line) => !/^Conversion failed/.test(line)) };
}
