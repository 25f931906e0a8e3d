import { readdirSync, readFileSync } from 'node:fs';
import { decide } from '../../src/app/decide.ts';
import { readLayers } from '../../src/app/layers.ts';
import type { Analyses } from '../../src/model/analyses.ts';
import { errorOfIssues, type Issue } from '../../src/model/errors.ts';
import type { MediaInfo } from '../../src/model/media.ts';
import type { Plan } from '../../src/model/plan.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { planCut } from '../../src/plan/ladder.ts';
import { pictureRendition, soundStep } from '../../src/plan/rendition.ts';
import type { ResolvedExport } from '../../src/plan/resolved.ts';
import { verdictsToIssues } from '../../src/presets/judge.ts';
import { mediaOf, readSource } from './source-file.ts';

const FOLDER = new URL('cases/', import.meta.url);

/** A request and its source, as a file of `cases/` has it. */
export interface GoldenCase {
  readonly about: string;
  /** Name of a file in `sources/`. */
  readonly source: string;
  /** A file name; absent: the output is named by the pattern. */
  readonly output?: string;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Encoders that the ffmpeg of this case lacks. */
  readonly without?: readonly string[];
  readonly threads?: number;
  /** It is one rung of a package with segments of about so many seconds; its plan begins with the package's sound. */
  readonly segment_sec?: number;
  /** What analyses would find of the source. */
  readonly analyses?: Analyses;
}

export interface PlannedCase {
  /** Undefined where the request is refused. */
  readonly plan: Plan | undefined;
  readonly resolved: ResolvedExport | undefined;
  readonly issues: readonly Issue[];
  readonly refusal: string | undefined;
}

const ENCODERS = ['libvpx', 'libx264', 'libx265', 'libvpx-vp9', 'libsvtav1', 'libaom-av1', 'prores_ks', 'dnxhd'];

export const caseNames = (): readonly string[] =>
  readdirSync(FOLDER)
    .map((name) => name.replace(/\.json$/, ''))
    .sort();

export function readCase(name: string): GoldenCase {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

/** Plans a case by the functions that the program itself uses; what it would measure comes from the described source. */
export function planCase(golden: GoldenCase, outFolder = '/out', media?: MediaInfo): PlannedCase {
  const source = readSource(golden.source);
  const layers = readLayers(
    {
      issues: [],
      configPath: '/media/.sg-exportrc.json',
      configValues: golden.config ?? {},
      environment: golden.env ?? {},
      history: { listPresets: () => [] },
    },
    golden.flags ?? {},
  );
  const early = errorOfIssues(layers.issues);
  if (early) return { plan: undefined, resolved: undefined, issues: layers.issues, refusal: early.code };
  const found = media ?? mediaOf(source);
  const decision = decide({
    media: found,
    layers,
    destination: golden.output
      ? { kind: 'file', path: `${outFolder}/${golden.output}` }
      : { kind: 'folder', path: outFolder },
    encoders: ENCODERS.filter((encoder) => !golden.without?.includes(encoder)),
    analyses: {
      ...(source.interlaced ? { interlace: { interlaced: true, confidence: 1, judged: 50 } } : {}),
      ...golden.analyses,
    },
    threads: golden.threads,
    now: { date: '2026-11-21', timestamp: '20261121T143005' },
  });
  const issues = [...layers.issues, ...decision.issues, ...verdictsToIssues(decision.verdicts, '--platform')];
  const error = errorOfIssues(issues);
  if (error || !decision.resolved)
    return { plan: undefined, resolved: decision.resolved, issues, refusal: error?.code };
  const { resolved } = decision;
  const plan =
    golden.segment_sec === undefined
      ? buildPlan(resolved, found, issues)
      : rungPlan(resolved, found, issues, golden.segment_sec);
  return { plan, resolved, issues, refusal: undefined };
}

/** A rung as a package makes it, behind the step that makes its sound. */
function rungPlan(resolved: ResolvedExport, media: MediaInfo, issues: readonly Issue[], segmentSec: number): Plan {
  const cut = planCut(resolved.video.frameRate ?? { num: 25, den: 1 }, segmentSec);
  const plan = buildPlan(pictureRendition(resolved, cut), media, issues);
  const names = resolved.audio.map((_, n) => `audio_${n + 1}.mp4`);
  return { ...plan, steps: [soundStep(resolved, resolved.audio, names, media), ...plan.steps] };
}
