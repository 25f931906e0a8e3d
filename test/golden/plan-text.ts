import { shellWord } from '../../src/app/dry-run.ts';
import { type ExitName, exitCodeOf, type Issue } from '../../src/model/errors.ts';
import type { Expectation, Plan, Step } from '../../src/model/plan.ts';
import { lookArgs, samplingsOf, takeArgs, thumbnailsOf } from '../../src/plan/thumbnails.ts';
import type { GoldenCase, PlannedCase } from './golden-case.ts';

const isOption = (arg: string): boolean => /^-[a-z]/i.test(arg);

/** An option and its values on a line of their own: a change of one is a change of one line. */
function commandLines(step: Step): readonly string[] {
  const groups: string[][] = [
    [...Object.entries(step.env ?? {}).map(([key, value]) => `${key}=${shellWord(value)}`), 'ffmpeg'],
  ];
  step.args.forEach((arg, i) => {
    if (isOption(arg) || i === step.args.length - 1) groups.push([shellWord(arg)]);
    else groups.at(-1)?.push(shellWord(arg));
  });
  return groups.map((group, i) => `${i === 0 ? '' : '  '}${group.join(' ')}${i < groups.length - 1 ? ' \\' : ''}`);
}

function fields(entries: readonly (readonly [string, unknown])[]): readonly string[] {
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  return entries.map(([key, value]) => `  ${key.padEnd(width)}  ${JSON.stringify(value)}`);
}

function expectationLines({ video, audio, subtitles, ...file }: Expectation): readonly string[] {
  const known = (one: object) => Object.entries(one).filter(([, value]) => value !== undefined);
  return [
    ...fields(known(file)),
    ...fields(known(video).map(([key, value]) => [`video.${key}`, value])),
    ...audio.map((track, n) => `  audio.${n}  ${JSON.stringify(track)}`),
    ...subtitles.map((track, n) => `  subtitle.${n}  ${JSON.stringify(track)}`),
  ];
}

/** The commands of the pictures beside the film, for its first sampling and places that a choice might make. */
function thumbnailLines({ thumbnails, product, destination }: Plan): readonly string[] {
  if (!thumbnails) return [];
  const [sampling = { stepSec: 0, keyframesOnly: false }] = samplingsOf(thumbnails);
  const places = Array.from({ length: thumbnails.count }, (_, n) => 7 * n + 3);
  const step = (id: string, args: readonly string[]) => [
    `thumbnails, ${id}`,
    ...commandLines({ id, stage: 'optimization', args, mediaSec: 0, writes: [], readsSource: false }),
    '',
  ];
  return [
    ...step('looked at', lookArgs(product, sampling)),
    ...step('taken', takeArgs(product, sampling, places, thumbnails, thumbnails.filters)),
    ...thumbnailsOf(destination, thumbnails).map(({ scratch, path }) => `  ${scratch} -> ${path}`),
    '',
  ];
}

const issueLine = ({ severity, code, path, message, hint }: Issue): string =>
  `  ${severity} ${code} [${path}] ${message}${hint ? ` (${hint})` : ''}`;

/** What takes over where a device fails: only its commands, as the rest is the same or the software's own. */
function insteadLines({ instead }: Plan): readonly string[] {
  if (!instead) return [];
  return [
    '',
    `where its ${instead.after} fails: ${instead.how}`,
    ...instead.plan.steps.flatMap((step) => commandLines(step)),
    ...insteadLines(instead.plan),
  ];
}

function planLines(plan: Plan): readonly string[] {
  const settings = Object.entries(plan.settings).flatMap(([key, value]) => {
    const from = plan.settingsFrom[key];
    // What nobody set and what is off says nothing.
    if (from === 'default' && (value === null || value === false)) return [];
    return `  ${key.padEnd(20)} ${JSON.stringify(value)}${from ? `  (${from})` : ''}`;
  });
  return [
    ...Object.entries(plan.texts).flatMap(([name, text]) => [
      `text ${name}`,
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      '',
    ]),
    ...plan.steps.flatMap((step) => [
      `step ${step.id}: stage ${step.stage}, ${step.mediaSec} s, writes ${step.writes.join(', ')}`,
      ...commandLines(step),
      '',
    ]),
    ...thumbnailLines(plan),
    `destination ${plan.destination}`,
    `estimate    ${plan.estimatedBytes} bytes`,
    '',
    'expectation',
    ...expectationLines(plan.expectation),
    '',
    'settings (and what set them)',
    ...settings,
    ...insteadLines(plan),
  ];
}

const isExit = (name: string): name is ExitName => name !== '';

/** A case as its golden file has it: request, findings, commands, expectation, settings. */
export function planText(golden: GoldenCase, { plan, issues, refusal }: PlannedCase): string {
  const layer = (name: string, values: object | undefined) =>
    values ? [`${name.padEnd(8)}${JSON.stringify(values)}`] : [];
  return [
    `# ${golden.about}`,
    `source  ${golden.source}${golden.output ? ` -> ${golden.output}` : ''}`,
    ...layer('flags', golden.flags),
    ...layer('env', golden.env),
    ...layer('config', golden.config),
    ...layer('without', golden.without),
    ...(golden.hardware ? [`hardware ${JSON.stringify(golden.hardware)}`] : []),
    '',
    ...(issues.length > 0 ? ['findings', ...issues.map(issueLine), ''] : []),
    ...(refusal && isExit(refusal) ? [`refused: ${refusal}, exit ${exitCodeOf(refusal)}`] : []),
    ...(plan ? planLines(plan) : []),
    '',
  ].join('\n');
}
