import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { GoldenSource } from './source-file.ts';

/** Makes the clip of a described source in `folder`, once, and returns its path; undefined where ffmpeg cannot make it. */
export function makeClip(source: GoldenSource, folder: string, ffmpeg: string): string | undefined {
  if (!source.make) return undefined;
  const own = `${folder}/${source.file}.d`;
  const path = `${own}/${source.file}`;
  if (existsSync(path)) return path;
  mkdirSync(own, { recursive: true });
  for (const [name, text] of Object.entries(source.texts ?? {})) writeFileSync(`${own}/${name}`, text);
  source.make.forEach((args, i) => {
    const last = i === (source.make ?? []).length - 1;
    const target = last ? [`file:${path}`] : [];
    execFileSync(ffmpeg, ['-hide_banner', '-nostdin', '-y', '-v', 'error', ...args, ...target], {
      cwd: own,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  return path;
}
