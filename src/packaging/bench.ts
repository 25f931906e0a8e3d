import type { Checks } from './check.ts';
import type { PackageFiles } from './ports.ts';
import type { PieceReader } from './read-pieces.ts';

/** What the judges of both kinds work with. */
export interface Bench {
  readonly files: PackageFiles;
  readonly reader: PieceReader;
  readonly checks: Checks;
}
