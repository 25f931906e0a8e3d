/** The composition root: what the commands can ask for, with the real world behind it. Loaded lazily, because it is heavy. */
export type { Prepared } from './app/call.ts';
export { listCodecs, showCodec } from './app/codecs.ts';
export { compareFilms } from './app/compare.ts';
export { makeDemoClip } from './app/demo-clip.ts';
export { multiScript, packagesScript } from './app/dry-run.ts';
export { type Estimate, estimateExport } from './app/estimate.ts';
export { exportMany } from './app/many.ts';
export { type MultiOutcome, type MultiWatcher, runMulti } from './app/multi.ts';
export { foldersOf } from './app/multi-places.ts';
export { type PreparedMulti, prepareMulti } from './app/multi-prepare.ts';
export { type MultiRequest, readMultiRequest } from './app/multi-request.ts';
export { checkResume, findUnfinished, resumedRequest } from './app/multi-resume.ts';
export * from './app/one-export.ts';
export { scriptedPackage } from './app/package-run.ts';
export { type Repaired, repairFile } from './app/repair.ts';
export { validateFile, validateRequest } from './app/validate.ts';
export { validatePackage } from './app/validate-package.ts';
/** An export's own part of the app, which loads without the rest. */
export type OneExport = typeof import('./app/one-export.ts');
/** The listings' own part of the app, which loads without the rest. */
export type Listings = typeof import('./app/listings.ts');
