import { readFileSync, writeFileSync } from 'node:fs';

/** Mastering display and content light level as an MP4's boxes, equal to x265's parameters of the tests. ISO/IEC 14496-12. */
function boxes(): Buffer {
  const box = Buffer.alloc(44);
  box.writeUInt32BE(32, 0);
  box.write('mdcv', 4, 'latin1');
  const points = [8500, 39850, 6550, 2300, 35400, 14600, 15635, 16450];
  for (const [n, value] of points.entries()) box.writeUInt16BE(value, 8 + 2 * n);
  box.writeUInt32BE(10_000_000, 24);
  box.writeUInt32BE(50, 28);
  box.writeUInt32BE(12, 32);
  box.write('clli', 36, 'latin1');
  box.writeUInt16BE(1000, 40);
  box.writeUInt16BE(203, 42);
  return box;
}

/** Puts a box into the sample description of an H.265 MP4 with its index behind. */
export function boxIntoMp4(from: string, to: string, added: Buffer): void {
  const film = readFileSync(from);
  let at = film.indexOf('mdat');
  for (const name of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'hvc1']) {
    at = film.indexOf(name, at + 4, 'latin1');
    film.writeUInt32BE(film.readUInt32BE(at - 4) + added.length, at - 4);
  }
  const end = at - 4 + film.readUInt32BE(at - 4) - added.length;
  writeFileSync(to, Buffer.concat([film.subarray(0, end), added, film.subarray(end)]));
}

/** Puts both in: ffmpeg itself writes none that no container had. */
export const mdcvIntoMp4 = (from: string, to: string): void => boxIntoMp4(from, to, boxes());
