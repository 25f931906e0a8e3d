import type { Output } from './listener.ts';

/** Writes until the reader goes away. */
export interface QuietPipe {
  write(text: string): void;
  close(): void;
}

const READER_GONE = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'EIO']);

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
};

/**
 * A reader that has seen enough (`| head -1`, a closed terminal) is no error: the run goes on and nothing more is
 * written. Any other failure of the stream is thrown on.
 */
export function quietPipe(output: Output): QuietPipe {
  let gone = false;
  const failed = (error: unknown): void => {
    gone = true;
    if (!READER_GONE.has(codeOf(error))) throw error;
  };
  output.on('error', failed);
  return {
    write(text) {
      if (gone) return;
      try {
        output.write(text);
      } catch (error) {
        failed(error);
      }
    },
    close() {
      // The error of the last write may come after this call: only a later listener may take over.
      setImmediate(() => output.off('error', failed)).unref();
    },
  };
}
