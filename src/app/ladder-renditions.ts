import { basename } from 'node:path';
import { planAttempts } from '../plan/attempts.ts';
import type { Cut } from '../plan/ladder.ts';
import { pictureRendition } from '../plan/rendition.ts';
import { type FilmedRung, planSheets } from '../plan/stream-sheets.ts';
import type { Prepared } from './call.ts';
import type { RequestedExport } from './multi-request.ts';
import type { PlannedPackage } from './planned-package.ts';

/** The same export as a rendition of a package: its picture alone, cut where all are cut. */
export function asRendition(prepared: Prepared, cut: Cut): Prepared {
  const { resolved, plan, media } = prepared;
  if (!resolved || !plan) return prepared;
  const attempts = prepared.attempts.map((one) => ({ ...one, resolved: pictureRendition(one.resolved, cut) }));
  return { ...prepared, resolved: pictureRendition(resolved, cut), attempts, plan: planAttempts(attempts, media) };
}

/** The same with the sheets that will be made of its smallest rung. `exports`: of all packages. */
export function withSheets(
  planned: PlannedPackage,
  exports: readonly { readonly asked: RequestedExport; readonly prepared: Prepared | undefined }[],
): PlannedPackage {
  if (!planned.ladder.hasThumbnails) return planned;
  const own = exports.filter(({ asked }) => asked.folder === planned.scratch);
  const rungs = own.flatMap(({ prepared }): readonly FilmedRung[] => {
    const { resolved, plan } = prepared ?? {};
    return resolved && plan ? [{ film: basename(plan.destination), video: resolved.video }] : [];
  });
  const { timeline, video } = planned.resolved;
  if (!video.frameRate) return planned;
  return { ...planned, sheets: planSheets(rungs, timeline.durationSec, planned.cut, video.frameRate) };
}
