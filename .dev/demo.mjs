// `npm run demo`: the demo on a real clip where the test media are at hand, else on a clip that it makes.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tree.mjs';

const media = process.env.SG_EXPORT_TEST_MEDIA ?? join(ROOT, '../shared/media');
const clip = join(media, 'butterfly_720p_2997_stereo.mp4');
const given = process.argv.slice(2);
const args = given.length > 0 ? given : existsSync(clip) ? [clip] : [];
const { status } = spawnSync(process.execPath, [join(ROOT, 'bin/sg-export.js'), 'demo', ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
