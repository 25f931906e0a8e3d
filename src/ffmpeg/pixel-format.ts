/** Bits of one sample by ffmpeg's pixel format name; 8 where the name does not say more. */
export function bitDepthOf(pixelFormat: string): number {
  const name = pixelFormat.replace(/(le|be)$/, '');
  const packed = /^(?:rgb|bgr|rgba|bgra|bayer_[a-z]{4})(48|64|16)$/.exec(name)?.[1];
  if (packed) return 16;
  if (/^(x2rgb10|x2bgr10|nv20|v30x|xv30|x2)/.test(name)) return 10;
  if (/^(xv36|xyz12)/.test(name)) return 12;
  if (/^gray(a)?f32|f32$/.test(name)) return 32;
  if (/f16$/.test(name)) return 16;
  // yuv420p10, gbrap12, gray10, ya16, p010, p216, y210, y212
  const depth = /^(?:yuva?4\d\dp|yuvj4\d\dp|gbra?p|gray|ya)(\d+)$/.exec(name)?.[1];
  if (depth) return Number(depth);
  const semiPlanar = /^[py][0-4](10|12|16)$/.exec(name)?.[1];
  if (semiPlanar) return Number(semiPlanar);
  return /^mono[wb]$/.test(name) ? 1 : 8;
}

/** Whether a pixel format has an alpha plane. `pal8` may have one, but films in it do not. */
export function hasAlpha(pixelFormat: string): boolean {
  return /^(yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16|yaf|ayuv|vuya|uyva)/.test(pixelFormat);
}
