import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { makePackage } from '../support/made-packages.ts';
import { edit, loadFiles } from '../support/package-folder.ts';
import { expectRefusal, fresh, listing, sg, shown } from '../support/run-cli.ts';

interface Found {
  readonly valid: boolean;
  readonly issues: readonly Readonly<Record<'severity' | 'code' | 'message' | 'path' | 'hint', string>>[];
  readonly manifests: readonly string[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly path: string }[];
  readonly error_code: string | null;
}

async function validate(code: number, folder: string, ...more: readonly string[]): Promise<Found> {
  const run = await sg(['validate', '--package', folder, ...more, '--json']);
  expect(run.code, shown(run)).toBe(code);
  expect(run.stderr, shown(run)).toBe('');
  const found: Found = JSON.parse(run.stdout);
  expect(found.valid).toBe(code === 0);
  for (const issue of found.issues)
    expect(Object.keys(issue).sort()).toEqual(['code', 'hint', 'message', 'path', 'severity']);
  return found;
}
const codes = ({ issues }: Found) => issues.filter(({ severity }) => severity === 'error').map(({ code }) => code);

describe('validate --package', () => {
  test('finds nothing wrong in transport streams, whose size only a probe tells, and changes nothing', async () => {
    const folder = makePackage(fresh(), 'hls-ts');
    const before = listing(folder);
    const found = await validate(0, folder);
    expect(found.manifests).toEqual(['master.m3u8']);
    expect(found.checks.filter(({ name }) => name === 'resolution')).toMatchObject([{ ok: true }]);
    expect(found.checks.filter(({ name }) => name === 'video_range')).toMatchObject([{ ok: true }]);
    expect(listing(folder)).toEqual(before);
  });

  test('needs no ffprobe where headers say all', async () => {
    const folder = makePackage(fresh(), 'dash');
    await validate(0, folder, '--ffprobe', '/no/ffprobe');
  });

  test('lists all that is wrong, with what would work, and exits 4', async () => {
    const folder = makePackage(fresh(), 'hls-fmp4');
    rmSync(join(folder, 's2.m4s'));
    truncateSync(join(folder, 's1.m4s'), 20_000);
    const found = await validate(4, folder);
    expect(codes(found)).toEqual(expect.arrayContaining(['package_uri_exists', 'package_segment_structure']));
    expect(found.issues.every(({ hint }) => hint !== '')).toBe(true);
    expect(found.error_code).toBe('RULES');
    const page = await sg(['validate', '--package', folder]);
    expect(page.code, shown(page)).toBe(4);
    expect(page.stdout).toMatch(/^error: s2\.m4s: file: missing, though v\.m3u8 names it/m);
    expect(page.stdout.trimEnd().split('\n').at(-1)).toMatch(/^not valid: \d+ errors?/);
  });

  test('follows no link out of the folder', async () => {
    const folder = makePackage(fresh(), 'hls-ts');
    rmSync(join(folder, 's1.ts'));
    symlinkSync(clip(), join(folder, 's1.ts'));
    expect(codes(await validate(4, folder))).toContain('package_uri_exists');
  });

  test('says of what is no package that it is none, and exits 3', async () => {
    const folder = fresh();
    expect((await validate(3, folder)).error_code).toBe('INPUT');
    mkdirSync(join(folder, 'media'));
    writeFileSync(join(folder, 'media', 'film.mp4'), 'x');
    const found = await validate(3, folder);
    expect(found.issues[0]?.message).toContain('is no package');
    expect(codes(await validate(3, join(folder, 'gone')))).toEqual(['bad_input']);
    expect((await validate(3, join(folder, 'media', 'film.mp4'))).issues[0]?.message).toContain('is a file');
  });

  test('refuses what means nothing beside it', async () => {
    const folder = fresh();
    expect(codes(await validate(2, folder, '--crf', '20'))).toContain('flag_without_meaning');
    expectRefusal(await sg(['validate', clip(), '--package', folder]), 2);
    expectRefusal(await sg(['validate', '--package', folder, '--file', clip()]), 2);
  });

  test('reads hostile manifests without opening what they name', async () => {
    const folder = fresh();
    writeFileSync(
      join(folder, 'a.m3u8'),
      '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
    );
    writeFileSync(
      join(folder, 'b.mpd'),
      '<!DOCTYPE MPD [<!ENTITY a SYSTEM "file:///etc/passwd">]><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">&a;</MPD>',
    );
    const found = await validate(4, folder);
    expect(codes(found)).toEqual(expect.arrayContaining(['package_uri_inside', 'package_manifest_form']));
    expect(JSON.stringify(found)).not.toContain('root:');
    expect(loadFiles(folder).size).toBe(2);
  });

  test('has the claim and the truth in its words', async () => {
    const folder = makePackage(fresh(), 'dash-with-hls');
    const files = loadFiles(folder);
    edit(files, 'master.m3u8', 'avc1.4d400c', 'avc1.640028');
    writeFileSync(join(folder, 'master.m3u8'), files.get('master.m3u8') ?? '');
    const found = await validate(4, folder);
    const [issue] = found.issues.filter(({ code }) => code === 'package_codecs');
    expect(issue?.message).toContain('avc1.640028');
    expect(issue?.message).toContain('avc1.4d400c');
    expect(issue?.path).toBe('master.m3u8');
  });
});
