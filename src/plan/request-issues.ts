import { containerOfExtension } from '../codecs/containers.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { ContainerId } from '../model/option-values.ts';
import { OPTIONS, propertyOf } from '../model/options.ts';
import type { Layered } from '../presets/layers.ts';
import { extensionOf } from './destination.ts';
import { wrong } from './finding.ts';
import type { Target } from './target.ts';

/** What is wrong with a request whatever its source is. */
export function requestIssues({ values, from }: Layered, container: ContainerId): readonly Issue[] {
  const issues: Issue[] = [];
  if (values.skipExisting && values.name?.includes('{timestamp}')) {
    const what = '--skip-existing does not go with {timestamp} in --name: no such file ever exists';
    issues.push(wrong('timestamp_never_exists', '--name', what, '{date}, or no --skip-existing', 'USAGE'));
  }
  if (values.minSsim !== undefined && values.verify !== 'full') {
    const what = '--min-ssim is measured by --verify full only';
    issues.push(wrong('min_ssim_needs_full', '--min-ssim', what, 'add --verify full'));
  }
  if (values.minSsim !== undefined && values.minSsim > 1) {
    issues.push(wrong('min_ssim_range', '--min-ssim', `--min-ssim ${values.minSsim} is out of range`, '0 to 1'));
  }
  if (from.fragmented === 'flag' && values.fragmented && container !== 'mp4' && container !== 'mov') {
    const what = `--fragmented is a kind of MP4: ${container} is written as it goes anyway`;
    issues.push(wrong('fragmented_container', '--fragmented', what, 'leave it out, or write .mp4'));
  }
  // A platform that takes only so much is a maximum too.
  if (from.sizePriority === 'flag' && values.maxSize === undefined && values.platform === undefined) {
    const what = '--size-priority says how far --max-size may go, and there is none';
    issues.push(wrong('size_priority_alone', '--size-priority', what, 'add --max-size SIZE'));
  }
  if (values.overwrite && values.skipExisting && from.overwrite === from.skipExisting) {
    const what = '--overwrite and --skip-existing contradict each other';
    issues.push(wrong('overwrite_and_skip', '--overwrite', what, 'give one of them', 'USAGE'));
  }
  return issues;
}

/** Options that ask for another picture, other sound or another part than the source's. */
const SHAPING_GROUPS: readonly string[] = ['Picture', 'Sound and tracks', 'Part of the source'];

/** A copy of the source can stand in for the output only where it would be that output. */
export function keptSourceIssues(media: MediaInfo, { values, from }: Layered, target: Target): readonly Issue[] {
  if (values.ifLarger !== 'keep-source') return [];
  const flag = '--if-larger';
  const [asked] = OPTIONS.filter(({ name, group }) => SHAPING_GROUPS.includes(group) || name === 'platform')
    .filter(({ name }) => from[propertyOf(name)] !== undefined)
    .map(({ name }) => name);
  if (asked !== undefined) {
    const what = `${flag} keep-source does not go with --${asked}: a copy of the source is not what that asks for`;
    return [wrong('keep_source_asked_otherwise', flag, what, '--if-larger fail')];
  }
  const own = containerOfExtension(extensionOf(media.path) ?? '');
  if (own?.id === target.container.id) return [];
  const what = `${flag} keep-source: the source is no ${target.container.name}, so a copy of it cannot stand in`;
  return [wrong('keep_source_container', flag, what, "an output in the source's own container, or --if-larger fail")];
}
