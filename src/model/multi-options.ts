import type { OptionRow } from './option-row.ts';

/** What concerns a `multi` as a whole: flags of `multi`, and keys at the top of its job file. Those of scope `run` also stand in config and environment. */
export const MULTI_OPTIONS: readonly OptionRow[] = [
  {
    name: 'output-folder',
    kind: 'path',
    placeholder: 'FOLDER',
    group: 'Where it goes',
    scope: 'local',
    help: 'where the outputs go; made when the run starts (default: beside each source)',
  },
  {
    name: 'parallel',
    kind: 'int',
    placeholder: 'N',
    atLeast: 1,
    group: 'Several exports',
    scope: 'run',
    help: 'encodes at once (default 3, or 4 of one source that share its decode; 1 = one after the other)',
  },
  {
    name: 'memory',
    kind: 'size',
    placeholder: 'SIZE',
    group: 'Several exports',
    scope: 'run',
    help: 'memory that all encodes together may need; others wait (default: three quarters of what is free)',
  },
  {
    name: 'share',
    kind: 'flag',
    negatable: true,
    group: 'Several exports',
    scope: 'run',
    help: 'decode a source once for exports that run together (default: as many as keep eight cores busy)',
  },
  {
    name: 'fail-fast',
    kind: 'flag',
    group: 'Several exports',
    scope: 'run',
    help: 'stop at the first failure: the other exports are cancelled',
  },
];
