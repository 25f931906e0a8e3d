import { existsSync } from 'node:fs';

/** Tests from outside run bin/sg-export.js, which needs the build. */
export default function assertBuilt(): void {
  if (!existsSync(new URL('../dist/cli.js', import.meta.url))) {
    throw new Error('dist/cli.js is missing: run `npm run setup` (npm test does it by itself)');
  }
}
