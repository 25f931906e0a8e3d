import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { StreamPackage } from '../../src/packaging/package.ts';
import { packageManifests } from '../../src/packaging/package-manifests.ts';
import { asRanges, sampleAudio, samplePackage, sampleVideo } from '../support/sample-package.ts';

// Manifests against the schema of ISO/IEC 23009-1 itself, which is not ours to hand on: SG_EXPORT_DASH_SCHEMA names a DASH-MPD.xsd
// of the third edition or a later one (https://github.com/MPEGGroup/DASHSchema).

const SCHEMA = process.env.SG_EXPORT_DASH_SCHEMA;

function whyNot(): string | undefined {
  if (SCHEMA === undefined) return 'SG_EXPORT_DASH_SCHEMA names no DASH-MPD.xsd';
  if (!existsSync(SCHEMA)) return `${SCHEMA} (SG_EXPORT_DASH_SCHEMA) is not there`;
  if (spawnSync('xmllint', ['--version']).error)
    return 'xmllint is not installed (Debian: apt-get install libxml2-utils)';
  return undefined;
}

const missing = whyNot();
if (missing) console.warn(`tests of manifests against DASH's schema: skipped, ${missing}`);

/** What the schema needs of XLink, so that nothing is fetched: attributes that no manifest of ours has. */
const XLINK = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
  ${['type', 'href', 'show', 'actuate'].map((name) => `<xs:attribute name="${name}" type="xs:string"/>`).join('\n  ')}
</xs:schema>`;

const cenc = { method: 'cenc', kid: '00112233445566778899AABBCCDDEEFF', keyUri: 'key.bin' } as const;
const single = sampleVideo('v720p', 720);
const header = { init: { path: 'v720p.mp4', range: { offset: 0, length: 800 } } };
const PACKAGES: Readonly<Record<string, StreamPackage>> = {
  'one of everything': samplePackage(),
  'DASH alone': samplePackage({ kind: 'dash', subtitles: [], images: [] }),
  'an index of byte ranges': samplePackage({
    video: [
      { ...single, ...header, index: { offset: 800, length: 92 }, segments: asRanges(single.segments, 'v720p.mp4') },
    ],
  }),
  'a list of byte ranges': samplePackage({
    video: [{ ...single, ...header, segments: asRanges(single.segments, 'v720p.mp4') }],
  }),
  'common encryption': samplePackage({
    video: [sampleVideo('v', 720, { encryption: cenc })],
    audio: [sampleAudio('en', 'en', { encryption: cenc })],
  }),
  'every role of sound': samplePackage({
    audio: (['main', 'alternate', 'commentary', 'description'] as const).map((role, n) =>
      sampleAudio(`a${n}`, 'en', { role, channels: n === 3 ? 8 : 2, isDefault: n === 0 }),
    ),
  }),
};

describe.skipIf(missing !== undefined)("DASH's schema", () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg-export-schema-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function complaints(manifest: string): string {
    const schema = readFileSync(SCHEMA ?? '', 'utf8').replace(
      /schemaLocation="[^"]*xlink[^"]*"/,
      'schemaLocation="xlink.xsd"',
    );
    writeFileSync(join(folder, 'DASH-MPD.xsd'), schema);
    writeFileSync(join(folder, 'xlink.xsd'), XLINK);
    writeFileSync(join(folder, 'manifest.mpd'), manifest);
    const args = ['--nonet', '--noout', '--schema', 'DASH-MPD.xsd', 'manifest.mpd'];
    const { status, stderr } = spawnSync('xmllint', args, { cwd: folder, encoding: 'utf8' });
    return status === 0 ? '' : stderr || `exit ${status}`;
  }

  const manifestOf = (pack: StreamPackage): string =>
    packageManifests(pack).find(({ path }) => path.endsWith('.mpd'))?.text ?? '';

  test.each(Object.entries(PACKAGES))('holds of %s', (_, pack) => {
    expect(complaints(manifestOf(pack))).toBe('');
  });

  test('does not hold of what is no manifest', () => {
    const wrong = manifestOf(samplePackage()).replace('maxWidth="1280"', 'maxWidth="wide"');
    expect(complaints(wrong)).toMatch(/maxWidth/);
  });
});
