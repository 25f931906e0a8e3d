import { SgError } from '../model/errors.ts';
import type { Verification } from '../model/events.ts';
import type { SizeLimit } from '../model/plan.ts';
import { formatBytes } from '../model/units.ts';
import type { Run } from './run.ts';
import { expectSameSource } from './same-source.ts';
import { VerifyError } from './verify-error.ts';

/** A copy has its source's errors: they are the source's fault, and with --tolerate-errors they are delivered. Throws SgError ENCODE. */
export function judgeCopy({ plan, options, warnings }: Run, verification: Verification): Verification {
  const failed = verification.checks.filter((check) => !check.ok);
  const damaged = failed.length > 0 && failed.every(({ name }) => name.startsWith('decode'));
  if (plan.settings.video_codec !== 'copy' || !damaged) return verification;
  const what = `the source has decode errors, which a copy keeps: ${failed[0]?.actual}`;
  if (!options.tolerateErrors)
    throw new SgError('ENCODE', what, { hint: '--tolerate-errors delivers it with a warning' });
  warnings.push(what);
  return { ...verification, ok: true, checks: verification.checks.map((check) => ({ ...check, ok: true })) };
}

/** How large a file is can only be known now: a platform that refuses it gets none, and the destination stays as it was. */
export function judgeSize({ plan, warnings }: Run, bytes: number): void {
  const exceeded = (plan.sizeLimits ?? []).filter((limit) => bytes > limit.bytes);
  const says = ({ reason }: SizeLimit) => `the output has ${formatBytes(bytes)}: ${reason}`;
  const refusing = exceeded.find(({ refuses }) => refuses);
  if (refusing) throw new SgError('TARGET', says(refusing), { hint: refusing.hint });
  warnings.push(...exceeded.map((limit) => `${says(limit)} (${limit.hint})`));
}

/** What is true of a delivery that is its source, byte for byte. */
const COPY_OF_SOURCE = {
  ...{ kept_source: true, video_codec: 'copy', encoder: 'copy', audio_codec: 'copy', mode: 'copy', frame_rate: 'copy' },
  ...{
    crf: null,
    video_bitrate_kbps: null,
    max_bitrate_kbps: null,
    audio_bitrate_kbps: null,
    quality: null,
    speed: null,
  },
} as const;

/** A file that is larger than what it was made from is never a silent success. Returns the bytes of what is delivered. */
export async function judgeAgainstSource(run: Run, bytes: number): Promise<number> {
  const { plan, options, ports, workspace, warnings } = run;
  const source = options.source.bytes;
  if (bytes <= source) return bytes;
  const [made, there] = [formatBytes(bytes), formatBytes(source)];
  const sizes = made === there ? `${bytes} bytes against ${source}` : `${made} against ${there}`;
  const what = `the output is larger than its source: ${sizes}`;
  if (options.ifLarger === 'fail')
    throw new SgError('TARGET', `${what} (--if-larger fail)`, { hint: 'a lower --quality, or --if-larger warn' });
  if (options.ifLarger === 'warn') {
    warnings.push(what);
    return bytes;
  }
  await ports.copyFile(plan.source, workspace.file(plan.product));
  await expectSameSource(run);
  run.plan = { ...plan, settings: { ...plan.settings, ...COPY_OF_SOURCE } };
  warnings.push(`${what}: a copy of the source is delivered`);
  return source;
}

/** The checks of the encode that was given up say nothing of the source's copy. */
export async function sameAsSource({ plan, ports, signal }: Run, sha256: string): Promise<Verification> {
  const expected = await ports.sha256(plan.source, signal);
  const checks = [{ name: 'same bytes as the source', expected, actual: sha256, ok: expected === sha256 }];
  if (expected !== sha256) throw new VerifyError({ ok: false, checks });
  return { ok: true, checks };
}
