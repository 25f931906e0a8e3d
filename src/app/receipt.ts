import type { Verification } from '../model/events.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { VERSION } from '../model/version.ts';
import type { RuleVerdict } from '../presets/judge.ts';

export interface ReceiptParts {
  readonly exportId: string;
  readonly plan: Plan;
  readonly toolchain: Toolchain;
  readonly commands: readonly (readonly string[])[];
  readonly source: FileStamp;
  /** The file that `--subtitles` named. */
  readonly subtitles: { readonly path: string; readonly sha256: string } | undefined;
  readonly output: FileStamp;
  /** The pictures beside it. */
  readonly thumbnails: readonly FileStamp[];
  /** Of all that shapes them, but for the film. */
  readonly thumbnailsHash: string;
  readonly requestHash: string;
  readonly verification: Verification;
  readonly rules: readonly RuleVerdict[];
  readonly allowed: readonly string[];
  readonly warnings: readonly string[];
  readonly createdAt: string;
}

const stampJson = (stamp: FileStamp) => ({
  path: stamp.path,
  bytes: stamp.bytes,
  mtime_ns: stamp.mtimeNs,
  inode: stamp.inode,
  sha256: stamp.sha256,
});

/** The delivery receipt: what was made of what, by which commands and programs, and every check and rule with its verdict. */
export function receiptText(parts: ReceiptParts): string {
  const { plan, toolchain } = parts;
  return `${JSON.stringify(
    {
      receipt_version: 1,
      created_at: parts.createdAt,
      export_id: parts.exportId,
      source: stampJson(parts.source),
      ...(parts.subtitles ? { subtitles: parts.subtitles } : {}),
      output: stampJson(parts.output),
      ...(parts.thumbnails.length > 0
        ? { thumbnails: parts.thumbnails.map(stampJson), thumbnails_hash: parts.thumbnailsHash }
        : {}),
      request_hash: parts.requestHash,
      settings: plan.settings,
      settings_from: plan.settingsFrom,
      versions: {
        sg_export: VERSION,
        node: process.versions.node,
        ffmpeg: toolchain.ffmpeg.version,
        ffprobe: toolchain.ffprobe.version,
      },
      programs: { ffmpeg: toolchain.ffmpeg.path, ffprobe: toolchain.ffprobe.path },
      commands: parts.commands,
      verification: parts.verification,
      rules: parts.rules,
      allowed: parts.allowed,
      warnings: parts.warnings,
    },
    null,
    2,
  )}\n`;
}

function stampOf(raw: unknown): FileStamp | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { path, bytes, mtime_ns, inode, sha256 } = raw as Record<string, unknown>;
  if (typeof path !== 'string' || typeof bytes !== 'number' || typeof sha256 !== 'string') return undefined;
  return { path, bytes, mtimeNs: String(mtime_ns), inode: String(inode), sha256 };
}

/** The pictures of a receipt, whose source is its film. */
function picturesIn(raw: Readonly<Record<string, unknown>>, film: OutputRecord): readonly OutputRecord[] {
  const stamps = Array.isArray(raw.thumbnails) ? raw.thumbnails.map(stampOf) : [];
  return stamps.flatMap((output) =>
    output ? [{ ...film, output, source: film.output, requestHash: String(raw.thumbnails_hash) }] : [],
  );
}

/** Reads a receipt back: its film, then the pictures beside it; nothing where the text is none. */
export function readReceipt(text: string): readonly OutputRecord[] {
  try {
    const raw = JSON.parse(text) as Record<string, unknown>;
    const [source, output] = [stampOf(raw.source), stampOf(raw.output)];
    if (raw.receipt_version !== 1 || !source || !output || typeof raw.request_hash !== 'string') return [];
    const film = { export_id: String(raw.export_id), source, output, requestHash: raw.request_hash };
    return [film, ...picturesIn(raw, film)];
  } catch {
    return [];
  }
}
