import { readFileSync } from 'node:fs';
import { runTool } from '../ffmpeg/spawn.ts';
import { renderNodes } from './render-nodes.ts';

/** A graphics device as the system knows it. Whether it encodes is another question. */
export interface Gpu {
  readonly name: string;
  readonly vendor: 'nvidia' | 'intel' | 'amd' | 'unknown';
  /** `/dev/dri/renderD128`; null for those that only a driver's own tool tells of. */
  readonly device: string | null;
  /** Why the system itself cannot use it. */
  readonly problem: string | null;
}

const VENDORS: Readonly<Record<string, Gpu['vendor']>> = { '0x10de': 'nvidia', '0x8086': 'intel', '0x1002': 'amd' };
const ASK_TIMEOUT_SEC = 10;

function vendorOf(device: string): Gpu['vendor'] {
  try {
    const id = readFileSync(`/sys/class/drm/${device.slice('/dev/dri/'.length)}/device/vendor`, 'utf8').trim();
    return VENDORS[id] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/** NVIDIA's devices by its own tool: a container may have them without any node under /dev/dri. */
async function nvidiaGpus(signal: AbortSignal): Promise<readonly Gpu[]> {
  const told = await runTool({ program: 'nvidia-smi', args: ['-L'], timeoutSec: ASK_TIMEOUT_SEC, signal });
  if (told.outcome === 'not-started') return [];
  const named = told.stdout.split('\n').flatMap((line) => /^GPU \d+: (.+?)(?: \(UUID: .*\))?$/.exec(line)?.[1] ?? []);
  if (named.length > 0) return named.map((name) => ({ name, vendor: 'nvidia', device: null, problem: null }));
  const problem = (told.stderr || told.stdout).split('\n')[0] || `nvidia-smi ended with ${told.exitCode}`;
  return [{ name: 'NVIDIA', vendor: 'nvidia', device: null, problem }];
}

/** The graphics devices of this machine. */
export async function findGpus(signal: AbortSignal): Promise<readonly Gpu[]> {
  const nvidia = await nvidiaGpus(signal);
  const nodes = renderNodes().map((device): Gpu => {
    const vendor = vendorOf(device);
    return { name: `${vendor === 'unknown' ? 'graphics' : vendor} device`, vendor, device, problem: null };
  });
  // One device is not told twice.
  return [...nvidia, ...nodes.filter((node) => node.vendor !== 'nvidia' || nvidia.length === 0)];
}
