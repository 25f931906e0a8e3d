/** Runs an ffmpeg that only looks at a source and returns what it said, at level info. */
export type LookAt = (args: readonly string[]) => Promise<string>;
