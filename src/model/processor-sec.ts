/** Processor seconds of a whole ffmpeg, as it says itself where it runs with `-benchmark`. */
export function processorSec(said: string): number | undefined {
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(said) ?? [];
  return user === undefined || system === undefined ? undefined : Number(user) + Number(system);
}
