#!/usr/bin/env node
// No syntax newer than Node 10 here: an old Node must get as far as the sentence that names the Node it needs.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `sg-export needs Node 20.19 or newer; this is Node ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exit(5);
}

// From Node 22.1 on, compiled code can be kept between runs, which shortens every start.
const builtin = process.getBuiltinModule ? process.getBuiltinModule('node:module') : {};
if (builtin.enableCompileCache) builtin.enableCompileCache();

import('../dist/cli.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/dist[\\/]cli\.js/.test(error.message)) throw error;
  process.stderr.write('sg-export is not built yet (dist/cli.js is missing): run `npm run setup` in its folder.\n');
  process.exit(5);
});
