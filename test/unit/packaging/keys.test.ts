import { describe, expect, it } from 'vitest';
import { readPlaylist } from '../../../src/packaging/hls-read.ts';
import { judgePackage } from '../../../src/packaging/judge-package.ts';
import { type Files, portOf } from '../../support/package-folder.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const playlist = (key: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:${key}\n#EXTINF:2,\ns1.ts\n#EXT-X-ENDLIST\n`;

async function keyIssues(key: string, more: readonly (readonly [string, Uint8Array])[] = []) {
  const files: Files = new Map([['v/p.m3u8', bytesOf(playlist(key))], ['v/s1.ts', new Uint8Array(1600)], ...more]);
  const decoder = { probe: async () => undefined, picture: async () => undefined };
  const { issues } = await judgePackage(portOf(files), decoder);
  return issues.filter(({ code }) => code === 'package_key').map(({ severity, message }) => `${severity}: ${message}`);
}

describe('keys of a playlist', () => {
  it.each(['https://keys.example/1', 'skd://1', '//keys.example/1', 'data:text/plain;base64,AAAA'])(
    'at %s are another host’s business',
    async (uri) => {
      expect(await keyIssues(`METHOD=AES-128,URI="${uri}"`)).toEqual([]);
    },
  );

  it('are 16 bytes where they lie in the folder, beside the playlist that names them', async () => {
    const key = 'METHOD=AES-128,URI="key.bin"';
    expect(await keyIssues(key, [['v/key.bin', new Uint8Array(16)]])).toEqual([]);
    expect((await keyIssues(key, [['v/key.bin', new Uint8Array(32)]])).join()).toMatch(
      /^error: .*32 bytes in v\/key\.bin/,
    );
    expect((await keyIssues(key, [['key.bin', new Uint8Array(16)]])).join()).toMatch(
      /^warning: .*key\.bin, which is not/,
    );
  });

  it.each(['/keys/1', '../../key.bin'])('at %s, outside of the folder, are worth a word', async (uri) => {
    expect((await keyIssues(`METHOD=AES-128,URI="${uri}"`)).join()).toMatch(/^warning: /);
  });

  it('have an address, and an IV that is a number', () => {
    expect(readPlaylist(playlist('METHOD=AES-128')).faults.join()).toMatch(/METHOD=AES-128 has no URI/);
    expect(readPlaylist(playlist('METHOD=NONE')).faults).toEqual([]);
    expect(readPlaylist(playlist('METHOD=AES-128,URI="k",IV=12')).faults.join()).toMatch(/IV=12/);
    expect(readPlaylist(playlist(`METHOD=AES-128,URI="k",IV=0x${'0f'.repeat(16)}`)).faults).toEqual([]);
  });
});
