import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ffmpeg } from './clips.ts';

/** Two bytes of CEA-608, field 1 (`A` and a blank, with parity), as ATSC A/53 puts them into H.264: SEI of ITU-T T.35. */
const PAYLOAD = Buffer.from('b50031474139340341ff' + 'fcc120' + 'ff', 'hex');
const SEI = Buffer.concat([Buffer.from([0, 0, 0, 1, 6, 4, PAYLOAD.length]), PAYLOAD, Buffer.from([0x80])]);
const START = Buffer.from([0, 0, 1]);
const SLICES = [1, 5];

/** The stream with captions in front of each picture. It must have one slice for each. */
function withCaptions(stream: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = stream.indexOf(START); at >= 0; at = stream.indexOf(START, at + 3)) {
    if (!SLICES.includes((stream[at + 3] ?? 0) & 0x1f)) continue;
    const begin = stream[at - 1] === 0 ? at - 1 : at;
    parts.push(stream.subarray(from, begin), SEI);
    from = begin;
  }
  return Buffer.concat([...parts, stream.subarray(from)]);
}

/** Makes `clip.mp4` in a folder: a second of film with closed captions within its pictures. */
export function captionedFilm(folder: string): string {
  const [plain, captioned, film] = ['plain.h264', 'captioned.h264', 'clip.mp4'].map((name) => join(folder, name));
  if (!plain || !captioned || !film) throw new Error('no paths');
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-x264-params',
    'slices=1:threads=1',
    '-pix_fmt',
    'yuv420p',
  ];
  ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=1', ...encoder, plain]);
  writeFileSync(captioned, withCaptions(readFileSync(plain)));
  ffmpeg(['-r', '25', '-i', captioned, '-c', 'copy', film]);
  return film;
}
