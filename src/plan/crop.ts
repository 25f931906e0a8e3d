import type { Analyses } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { CropBox } from '../model/media.ts';
import type { CropSpec } from '../model/option-values.ts';
import { warn, wrong } from './finding.ts';
import type { Size } from './geometry.ts';

/** What is cut from the upright picture before anything else happens to it: nothing, a box, or its bars. */
export function planCrop(
  spec: CropSpec | undefined,
  bars: Analyses['bars'],
  picture: Size,
): { readonly crop: CropBox | undefined; readonly issues: readonly Issue[] } {
  if (!spec || spec.kind === 'off') return { crop: undefined, issues: [] };
  const whole = `${picture.width}x${picture.height}`;
  if (spec.kind === 'auto') {
    const box = bars?.box;
    if (!box) return { crop: undefined, issues: [] };
    const what = `black bars are cut: ${box.width}x${box.height} of ${whole} is delivered`;
    return { crop: box, issues: [warn('bars_cropped', '--crop', what, '--crop off keeps them')] };
  }
  const { width, height, x, y } = spec;
  if (x + width > picture.width || y + height > picture.height) {
    const what = `--crop ${width}:${height}:${x}:${y} reaches outside the picture, which is ${whole}`;
    const issue = wrong('crop_outside', '--crop', what, 'give width:height:x:y within it, or auto');
    return { crop: undefined, issues: [issue] };
  }
  return { crop: { width, height, x, y }, issues: [] };
}
