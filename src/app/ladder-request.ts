import { type Issue, SgError } from '../model/errors.ts';
import { parseBitrate } from '../model/units.ts';
import { readRungs, SEGMENT_SEC, type WantedRung } from '../plan/ladder.ts';
import type { MultiSettings, RawSettings } from '../presets/job.ts';

/** A package for streaming, as it is asked for. */
export interface LadderRequest {
  readonly kind: 'hls' | 'dash' | 'cmaf';
  /** Undefined: the published ladder, fitted to the source. */
  readonly rungs: readonly WantedRung[] | undefined;
  readonly segmentSec: number;
  readonly perTitle: boolean;
  readonly isSingleFile: boolean;
  readonly format: 'fmp4' | 'ts';
  /** Sheets of small pictures for players' seek bars. */
  readonly hasThumbnails: boolean;
  readonly encryption: EncryptionRequest | undefined;
}

/** The key itself is read where it is used, and goes nowhere else. */
interface EncryptionRequest {
  readonly method: 'aes-128' | 'cenc';
  /** As typed. */
  readonly keyFile: string;
  readonly keyUri: string;
}

function usage(code: string, message: string, path: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}

/** Settings of an export that a package decides, or has no place for: by their keys, with what would work. */
const NOT_WITH_LADDER: Readonly<Record<string, string>> = {
  name: 'the folder is called after its source: --output-folder says where it goes',
  report: 'sg-export compare writes the page of one film',
  receipt: 'a package has no receipt',
  depfile: 'a package has no depfile',
  if_larger: 'leave it out',
  keep_times: 'leave it out',
  thumbnails: 'a package has a track of thumbnails of its own; sg-export export makes pictures beside a film',
  thumbnail_count: 'a package has a track of thumbnails of its own; sg-export export makes pictures beside a film',
  platform: 'platforms take single films: --export makes them',
  resolution: '--rungs says the sizes',
  resolution_limit: '--rungs says the sizes',
  fit: 'rungs have the shape of the source; --crop changes it',
  bitrate: '--rungs 1080p:5000k says the rates',
  max_bitrate: '--rungs 1080p:5000k says the rates',
  two_pass: 'leave it out',
  target_size: '--rungs says the rates',
  max_size: '--rungs says the rates',
  target_quality: '--crf or --quality says the quality below the maximum of each rung',
  container: '--segment-format says what the segments are',
  fragmented: 'leave it out: segments are fragments',
};

const dashed = (key: string): string => `--${key.replaceAll('_', '-')}`;

function settingIssues(settings: RawSettings): readonly Issue[] {
  const refused = Object.keys(NOT_WITH_LADDER).filter((key) => settings[key] !== undefined && settings[key] !== false);
  const issues = refused.map((key) =>
    usage('not_with_ladder', `${dashed(key)} does not go with --ladder`, dashed(key), NOT_WITH_LADDER[key] ?? ''),
  );
  const { codec, audio_codec: sound, mode } = settings;
  if (typeof codec === 'string' && ['copy', 'prores', 'dnxhr', 'dnxhd'].includes(codec.toLowerCase())) {
    const what = `--ladder makes renditions in h264, h265, vp9 or av1, not in ${codec}`;
    issues.push(usage('ladder_codec', what, '--codec', '--codec h264'));
  }
  if (typeof sound === 'string' && !['aac', 'none'].includes(sound.toLowerCase())) {
    const what = `--ladder makes sound in aac, which all players of streams take, not in ${sound}`;
    issues.push(usage('ladder_audio_codec', what, '--audio-codec', '--audio-codec aac or none'));
  }
  if (typeof mode === 'string' && !['crf', 'vbr'].includes(mode.toLowerCase())) {
    const hint = '--mode crf (constant quality under a maximum) or vbr (an average under a maximum)';
    issues.push(usage('ladder_mode', `--mode ${mode} does not go with --ladder`, '--mode', hint));
  }
  return issues;
}

const WITH_LADDER: readonly (readonly [key: keyof MultiSettings, flag: string])[] = [
  ['rungs', '--rungs'],
  ['segment', '--segment'],
  ['perTitle', '--per-title'],
  ['singleFile', '--single-file'],
  ['segmentFormat', '--segment-format'],
  ['thumbnailTrack', '--thumbnail-track'],
  ['encrypt', '--encrypt'],
  ['keyFile', '--key-file'],
  ['keyUri', '--key-uri'],
];

function encryptionOf(multi: MultiSettings, issues: Issue[]): EncryptionRequest | undefined {
  const { encrypt: method, keyFile, keyUri } = multi;
  if (method === undefined) {
    const flag = keyFile === undefined ? '--key-uri' : '--key-file';
    if (keyFile !== undefined || keyUri !== undefined)
      issues.push(usage('key_without_encrypt', `${flag} encrypts nothing by itself`, flag, 'add --encrypt aes-128'));
    return undefined;
  }
  if (keyFile === undefined || keyUri === undefined) {
    const flag = keyFile === undefined ? '--key-file' : '--key-uri';
    const hint = 'openssl rand 16 > key.bin; --encrypt aes-128 --key-file key.bin --key-uri https://example.com/key';
    issues.push(usage('key_missing', `--encrypt ${method} wants ${flag}`, flag, hint));
    return undefined;
  }
  if (/[\p{Cc}"]/u.test(keyUri)) {
    const what = '--key-uri cannot hold quotes or line ends: playlists have no way to write them';
    issues.push(usage('key_uri_unwritable', what, '--key-uri', 'percent-encode them'));
  }
  return { method, keyFile, keyUri };
}

function combinationIssues(multi: MultiSettings, settings: RawSettings): readonly Issue[] {
  const issues: Issue[] = [];
  const { ladder, segment, segmentFormat, singleFile, encrypt } = multi;
  if (settings.skip_existing === true && encrypt !== undefined) {
    const what =
      '--skip-existing does not go with --encrypt: nothing of a key is kept, by which it could be known again';
    issues.push(usage('skip_encrypted', what, '--skip-existing', 'leave it out; --overwrite makes the package again'));
  }
  if (segment !== undefined && (segment < SEGMENT_SEC.min || segment > SEGMENT_SEC.max)) {
    const what = `--segment ${segment} is out of range: segments last ${SEGMENT_SEC.min} to ${SEGMENT_SEC.max} seconds`;
    issues.push(usage('segment_out_of_range', what, '--segment', `--segment ${SEGMENT_SEC.default}`));
  }
  if (segmentFormat === 'ts' && ladder !== 'hls') {
    const what = '--segment-format ts goes with --ladder hls only: DASH and CMAF are made of fragmented MP4';
    issues.push(usage('ts_needs_hls', what, '--segment-format', 'leave it out'));
  }
  if (segmentFormat === 'ts' && singleFile) {
    const what = '--single-file does not go with --segment-format ts';
    issues.push(usage('ts_single_file', what, '--single-file', 'leave one of them out'));
  }
  if (encrypt === 'aes-128' && ladder !== 'hls') {
    const what = '--encrypt aes-128 encrypts whole segments, which only HLS knows';
    issues.push(usage('aes_needs_hls', what, '--encrypt', '--ladder hls'));
  }
  if (encrypt === 'cenc' && segmentFormat === 'ts') {
    const what = '--encrypt cenc encrypts samples of fragmented MP4, not of MPEG-TS';
    issues.push(usage('cenc_needs_fmp4', what, '--encrypt', '--encrypt aes-128, or leave out --segment-format ts'));
  }
  return issues;
}

/** Reads what concerns a package; undefined where none is asked for. Everything wrong is a finding. */
export function readLadder(
  multi: MultiSettings,
  settings: RawSettings,
  hasExports: boolean,
  issues: Issue[],
): LadderRequest | undefined {
  if (multi.ladder === undefined) {
    const stray = WITH_LADDER.find(([key]) => multi[key] !== undefined && multi[key] !== false);
    if (stray)
      issues.push(
        usage('needs_ladder', `${stray[1]} goes with --ladder only`, stray[1], 'add --ladder hls, dash or cmaf'),
      );
    return undefined;
  }
  if (hasExports) {
    const what = '--ladder decides its own exports';
    issues.push(usage('ladder_and_exports', what, '--export', 'leave out --export, or the exports of the job file'));
  }
  issues.push(...settingIssues(settings), ...combinationIssues(multi, settings));
  const read = multi.rungs === undefined ? undefined : readRungs(multi.rungs, parseBitrate);
  issues.push(...(read?.issues ?? []));
  return {
    kind: multi.ladder,
    rungs: read?.wanted,
    segmentSec: multi.segment ?? SEGMENT_SEC.default,
    perTitle: multi.perTitle === true,
    isSingleFile: multi.singleFile === true,
    format: multi.segmentFormat ?? 'fmp4',
    hasThumbnails: multi.thumbnailTrack ?? multi.encrypt === undefined,
    encryption: encryptionOf(multi, issues),
  };
}

/** A key as people keep it: 16 bytes, or their 32 hex digits in text. Throws SgError USAGE without a word of what it holds. */
export function keyOfFile(bytes: Buffer, typed: string): Buffer {
  if (bytes.length === 16) return bytes;
  const text = bytes.length < 200 ? bytes.toString('latin1').trim() : '';
  if (/^[0-9a-f]{32}$/i.test(text)) return Buffer.from(text, 'hex');
  throw new SgError('USAGE', `--key-file ${typed} holds no key`, {
    hint: 'a key is 16 bytes, or 32 hex digits: openssl rand 16 > key.bin',
  });
}
