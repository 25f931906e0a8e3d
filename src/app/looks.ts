import type { LookAt } from '../analysis/look.ts';
import type { SourceStamp } from '../engine/ports.ts';
import { probeMedia } from '../ffmpeg/probe.ts';
import { stampFile } from '../files/stamp.ts';
import { type Issue, SgError } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Moment } from '../plan/naming.ts';
import type { DeliveryFacts } from '../presets/facts.ts';
import type { Platform } from '../presets/platform.ts';
import type { Session } from './call.ts';
import { measureDelivery } from './measure-delivery.ts';
import { momentNow } from './moment.ts';
import { type LookResult, lookResultWith } from './ports.ts';
import { isText, type SourceCache } from './source-cache.ts';
import { firstOfContent, type KnownSource } from './source-content.ts';
import { sourceIssues } from './source-issues.ts';
import { readSubtitleFile } from './subtitle-file.ts';
import { findToolchain } from './toolchain.ts';

/** A source's identity, taken before its first byte is read, and what is in it. */
export interface Examined extends KnownSource {
  readonly media: MediaInfo;
}

type SubtitleLook = Awaited<ReturnType<typeof readSubtitleFile>>;

/** What is asked of files and programs before a decision. Several exports that share it ask each question once. */
export interface Looks {
  /** The moment that names of outputs tell. */
  readonly now: Moment;
  readonly signal: AbortSignal;
  toolchain(requiredEncoder: string | undefined): Promise<Toolchain>;
  /** `input` is the source as typed, for messages. */
  examine(input: string, path: string, toolchain: Toolchain): Promise<Examined>;
  /** Looks at the source of that path; what was seen of its content before is not looked at again. */
  lookAt(toolchain: Toolchain, path: string, cache: SourceCache): LookAt;
  subtitleFile(values: Parameters<typeof readSubtitleFile>[1], toolchain: Toolchain): Promise<SubtitleLook>;
  measured(media: MediaInfo, platform: Platform, toolchain: Toolchain): Promise<DeliveryFacts>;
  sourceIssues(media: MediaInfo, tolerate: boolean): Promise<readonly Issue[]>;
}

async function examine(
  { history }: Session,
  { input, sourcePath }: { readonly input: string; readonly sourcePath: string },
  toolchain: Toolchain,
  signal: AbortSignal,
): Promise<Examined> {
  const sourceStamp = await stampFile(sourcePath).catch((cause: unknown) => {
    throw new SgError('INPUT', `${input} went away`, { cause });
  });
  let known: Promise<SourceStamp> | undefined;
  const content = () => {
    known ??= firstOfContent(history, { sourcePath, sourceStamp }, signal);
    return known;
  };
  return { sourcePath, sourceStamp, content, media: await probeMedia(toolchain.ffprobe.path, sourcePath, { signal }) };
}

/** What the filters said: before that, ffmpeg describes the file, with whatever its tags say of people and places. */
const saidByFilters = (text: string): string => text.slice(Math.max(0, text.indexOf('[Parsed_')));

async function rememberLook(
  args: readonly string[],
  path: string,
  cache: SourceCache,
  look: (args: readonly string[]) => Promise<LookResult>,
): Promise<string> {
  // The file may have another name by then.
  const nameless = args.map((arg) => (arg === `file:${path}` ? 'file:' : arg));
  const found = await cache.remember('look', [nameless], isText, async () => {
    const { text, whole } = await look(args);
    return { value: saidByFilters(text), passing: !whole };
  });
  return found.value;
}

/** Answers of one command, each asked for when it is first needed. */
export function looksOnce(session: Session, signal: AbortSignal, now: Moment = momentNow()): Looks {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(question: readonly unknown[], ask: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(question);
    // The question says what kind of answer it has.
    const known = answers.get(key) as Promise<T> | undefined;
    const answer = known ?? ask();
    if (!known) answers.set(key, answer);
    return answer;
  };
  return {
    now,
    signal,
    toolchain: (encoder) => once(['toolchain', encoder], () => findToolchain(session, signal, encoder)),
    examine: (input, path, toolchain) =>
      once(['examine', path, toolchain.ffprobe.path], () =>
        examine(session, { input, sourcePath: path }, toolchain, signal),
      ),
    lookAt: (toolchain, path, cache) => {
      const look = lookResultWith(toolchain, signal);
      return (args) => once(['look', toolchain.ffmpeg.path, args], () => rememberLook(args, path, cache, look));
    },
    subtitleFile: (values, toolchain) =>
      once(['subtitles', values.subtitles, toolchain.ffprobe.path], () =>
        readSubtitleFile(session, values, toolchain.ffprobe.path, signal),
      ),
    measured: (media, platform, toolchain) =>
      once(['measured', media.path, platform.platform_id, toolchain.ffmpeg.path], () =>
        measureDelivery(media, platform, toolchain, signal),
      ),
    sourceIssues: (media, tolerate) => once(['source', media.path, tolerate], () => sourceIssues(media, tolerate)),
  };
}
