import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { Transform } from 'node:stream';

const TYPES: Readonly<Record<string, string>> = {
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.mpd': 'application/dash+xml',
  '.ts': 'video/mp2t',
  '.vtt': 'text/vtt',
  '.jpg': 'image/jpeg',
  '.html': 'text/html',
  '.js': 'text/javascript',
};

/** A web server for a package that a player fetches: ranges, and as slow as a test wants it. */
export class PackageServer {
  /** Bytes a second of each answer; undefined: as fast as it goes. */
  bytesPerSecond: number | undefined;
  /** Paths that were asked for, in order; what failed too. */
  readonly asked: { readonly path: string; readonly status: number }[] = [];
  readonly #server: Server;
  readonly #root: string;
  /** Answers beside the package: pages and scripts. */
  readonly #extra: ReadonlyMap<string, string>;

  constructor(root: string, extra: ReadonlyMap<string, string>) {
    this.#root = root;
    this.#extra = extra;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const extra = this.#extra.get(path);
    const type = TYPES[extname(path)] ?? 'video/mp4';
    if (extra !== undefined) {
      response.writeHead(200, { 'content-type': type }).end(extra);
      return;
    }
    const file = join(this.#root, path);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined || path.includes('..')) {
      this.asked.push({ path, status: 404 });
      response.writeHead(404).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
    const status = range ? 206 : 200;
    this.asked.push({ path, status });
    response.writeHead(status, {
      'content-type': type,
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    });
    createReadStream(file, { start, end, highWaterMark: 8192 }).pipe(this.#throttle()).pipe(response);
  }

  #throttle(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _, done) => {
        const rate = this.bytesPerSecond;
        if (rate === undefined) done(null, chunk);
        else setTimeout(() => done(null, chunk), (chunk.length / rate) * 1000);
      },
    });
  }
}
