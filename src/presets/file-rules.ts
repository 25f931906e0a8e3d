import type { DeliveryFacts } from './facts.ts';
import { anyOf, plain, type RuleKinds, ruleAbout } from './rule-kind.ts';

/** Sound ends a packet after the picture: a film of 140 s measures 140.02 s, and no platform minds. */
const DURATION_TOLERANCE_SEC = 0.1;

/** Rounded up, so that a byte above a limit never reads like the limit. */
function sizeText(bytes: number): string {
  for (const [unit, name] of [
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const) {
    if (bytes >= unit) return `${Math.ceil((bytes / unit) * 100) / 100} ${name}`;
  }
  return `${bytes} bytes`;
}

function durationText(sec: number): string {
  if (sec < 120) return `${plain(sec)} s`;
  const [hours, minutes, rest] = [Math.floor(sec / 3600), Math.floor((sec % 3600) / 60), sec % 60];
  return [hours && `${hours} h`, minutes && `${minutes} min`, rest && `${plain(rest)} s`].filter(Boolean).join(' ');
}

/** Atoms, edit lists and fragments are things of MP4 and MOV. */
export function isMp4Family({ container }: DeliveryFacts): boolean | undefined {
  return container === undefined ? undefined : container === 'mp4' || container === 'mov';
}

const yesNo = (yes: string, no: string) => (value: boolean) => (value ? yes : no);

/** Rules about the file as a whole. */
export const FILE_RULES: RuleKinds<
  | 'container'
  | 'max_file_size'
  | 'min_file_size'
  | 'max_duration'
  | 'min_duration'
  | 'moov_at_front'
  | 'no_edit_list'
  | 'fragmented'
> = {
  container: ruleAbout({
    title: 'container',
    flag: '--container',
    advice: true,
    hint: (allowed) => `--container ${allowed[0]}`,
    fact: (facts) => facts.container,
    wanted: (allowed) => anyOf(allowed),
    show: (name) => name,
    holds: (allowed, name) => allowed.includes(name),
  }),
  max_file_size: ruleAbout({
    title: 'file size',
    flag: '--quality',
    hint: 'a lower --quality or --resolution, or a shorter part',
    fact: (facts) => facts.bytes,
    wanted: (mb) => `at most ${sizeText(mb * 1e6)}`,
    show: sizeText,
    holds: (mb, bytes) => bytes <= mb * 1e6,
  }),
  min_file_size: ruleAbout({
    title: 'file size',
    flag: '--quality',
    hint: 'a higher --quality',
    fact: (facts) => facts.bytes,
    wanted: (mb) => `at least ${sizeText(mb * 1e6)}`,
    show: sizeText,
    holds: (mb, bytes) => bytes >= mb * 1e6,
  }),
  max_duration: ruleAbout({
    title: 'duration',
    flag: '--duration',
    hint: (sec) => `--duration ${sec}`,
    fact: (facts) => facts.durationSec,
    wanted: (sec) => `at most ${durationText(sec)}`,
    show: durationText,
    holds: (sec, found) => found <= sec + DURATION_TOLERANCE_SEC,
  }),
  min_duration: ruleAbout({
    title: 'duration',
    flag: '--duration',
    hint: 'a longer part of the source',
    fact: (facts) => facts.durationSec,
    wanted: (sec) => `at least ${durationText(sec)}`,
    show: durationText,
    holds: (sec, found) => found >= sec - DURATION_TOLERANCE_SEC,
  }),
  moov_at_front: ruleAbout({
    title: 'index at the front',
    flag: '--platform',
    hint: 'export it again, or ffmpeg -c copy -movflags +faststart',
    concerns: isMp4Family,
    fact: (facts) => facts.moovAtFront,
    wanted: () => 'moov before mdat',
    show: yesNo('moov before mdat', 'moov at the end'),
    holds: (_, atFront) => atFront,
  }),
  no_edit_list: ruleAbout({
    title: 'edit lists',
    flag: '--platform',
    hint: 'export it again with this platform',
    concerns: isMp4Family,
    fact: (facts) => facts.hasEditList,
    wanted: () => 'none',
    show: yesNo('present', 'none'),
    holds: (_, present) => !present,
  }),
  fragmented: ruleAbout({
    title: 'fragments',
    flag: '--fragmented',
    hint: 'leave --fragmented out',
    concerns: isMp4Family,
    fact: (facts) => facts.fragmented,
    wanted: () => 'one piece',
    show: yesNo('fragmented', 'one piece'),
    holds: (_, fragmented) => !fragmented,
  }),
};
