import { expect, test } from 'vitest';
import type { PackageResult } from '../../../src/model/events.ts';
import { columnsOf } from '../../../src/ui/columns.ts';
import { packageSummary, packageText } from '../../../src/ui/package-summary.ts';
import { result } from './samples.ts';

const made = (folder: string, more: Partial<PackageResult> = {}): PackageResult => ({
  ...{ kind: 'hls', folder, manifest: `${folder}/master.m3u8`, manifests: [`${folder}/master.m3u8`] },
  ...{ files: Array.from({ length: 33 }, (_, n) => `${folder}/${n}`), bytes: 12_900_000 },
  renditions: { video: 4, audio: 2, text: 1 },
  ...more,
});
const rung = (label: string) => ({ result: result({ output_files: [], shared: 'decode' }), label, mediaSec: 60 });
const sharing = { exports: 4, decodes: 1, decodes_saved: 3, sounds_saved: 0, saved_cpu_seconds: 2.5 };

test('rungs by their names, and the folder with what is in it', () => {
  const lines = packageSummary(
    [rung('video_1080p_h264')],
    12,
    sharing,
    { made: [made('/out/film_hls')], wanted: 1 },
    {},
  );
  expect(lines).toEqual([
    'Rung                 Size    Bitrate  Duration  Speed  Shared',
    'video_1080p_h264  12.3 MB  1646 kbps      1:00   1.5x  decode',
    'film_hls: 4 rungs, 2 audio tracks, 1 subtitle track; 33 files, 12.9 MB',
    '0:12',
    'shared: one decode for 4 rungs; about 2.5 s of processor time saved',
  ]);
});

test('several folders, one of them not made, and one there already', () => {
  const packages = [
    made('/out/a_hls', { skipped: true }),
    made('/out/b_hls', { renditions: { video: 1, audio: 0, text: 0 } }),
  ];
  const lines = packageSummary([rung('a'), rung('b')], 12, null, { made: packages, wanted: 3 }, { width: 60 });
  expect(lines.slice(3)).toEqual([
    'a_hls: 4 rungs, 2 audio tracks, 1 subtitle track; 33 files, 12.9 MB; already there',
    'b_hls: 1 rung; 33 files, 12.9 MB',
    '2 packages, 25.8 MB; 1 not made; 0:12',
  ]);
  for (const line of lines.slice(0, 3)) expect(columnsOf(line)).toBeLessThanOrEqual(60);
});

test('a name with an escape sequence does nothing to the terminal', () => {
  expect(packageText(made('/out/a\u001b[31m_hls'))).not.toContain('\u001b');
});
