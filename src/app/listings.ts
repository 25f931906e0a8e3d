/** What the listing commands can ask for. Apart from app.ts, and loaded alone, because a listing should not wait for the engine. */
export { listCodecs, showCodec } from './codecs.ts';
export { cancelJob, findJob, JOB_STATUSES, jobRow, listJobs } from './jobs.ts';
export { openSession } from './session.ts';
