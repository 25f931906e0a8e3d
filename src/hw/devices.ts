import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { isExecutable, onPath } from '../ffmpeg/guard.ts';
import type { DeviceAddress, GpuVendor } from '../model/hardware.ts';

/** A graphics device as the system knows it. Whether it encodes is another question. */
export interface Gpu extends DeviceAddress {
  readonly name: string;
  readonly vendor: GpuVendor;
  /** As its maker counts: `535.104.05`; null where nobody says. */
  readonly driver: string | null;
  /** Why the system itself cannot use it. */
  readonly problem: string | null;
}

type Found = Omit<Gpu, 'number'>;

/** What a look at the file system tells: as good as free, and enough to know that there is nothing. */
export interface MachineFacts {
  /** Nothing here could be a graphics device. */
  readonly none: boolean;
  /** Changes with devices and drivers. */
  readonly key: string;
}

const VENDORS: Readonly<Record<string, GpuVendor>> = { '0x10de': 'nvidia', '0x8086': 'intel', '0x1002': 'amd' };
const ASK_TIMEOUT_SEC = 10;
const NVIDIA_VERSION = '/proc/driver/nvidia/version';
const NVIDIA_CARDS = '/proc/driver/nvidia/gpus';
const VAAPI_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu/dri',
  '/usr/lib/aarch64-linux-gnu/dri',
  '/usr/lib64/dri',
  '/usr/lib/dri',
];
/** CUDA's devices under the Windows subsystem for Linux. */
const WSL_DEVICE = '/dev/dxg';
/** Encoders' runtimes where a system shows no devices as files: their presence is the device's. */
const RUNTIMES: readonly (readonly [vendor: GpuVendor, name: string, path: string])[] = [
  ['amd', 'AMD graphics (AMF runtime)', 'C:\\Windows\\System32\\amfrt64.dll'],
  ['intel', 'Intel graphics (Quick Sync runtime)', 'C:\\Windows\\System32\\libmfxhw64.dll'],
  ['intel', 'Intel graphics (oneVPL runtime)', 'C:\\Windows\\System32\\libmfx64-gen.dll'],
];
const VISIBLE = ['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'LIBVA_DRIVER_NAME'] as const;

const namesIn = (folder: string, pattern: RegExp): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
};

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Devices that VA-API and Quick Sync open. */
const renderNodes = (): readonly string[] => namesIn('/dev/dri', /^renderD\d+$/).map((name) => join('/dev/dri', name));
const nvidiaFiles = (): readonly string[] => namesIn('/dev', /^nvidia\d+$/);
const systemFile = (node: string, name: string): string =>
  read(`/sys/class/drm/${node.slice('/dev/dri/'.length)}/device/${name}`);
const vendorOf = (node: string): GpuVendor => VENDORS[systemFile(node, 'vendor')] ?? 'unknown';
/** NVIDIA's cards by their places on the bus, with their models. */
const nvidiaCards = (): readonly string[] =>
  namesIn(NVIDIA_CARDS, /^/).map(
    (place) => `${place} ${read(join(NVIDIA_CARDS, place, 'information')).split('\n')[0]}`,
  );

/** VA-API's drivers, which are no part of the kernel's: their names and times. */
function vaapiDrivers(): readonly string[] {
  const folders = [...(process.env.LIBVA_DRIVERS_PATH ?? '').split(':').filter(Boolean), ...VAAPI_FOLDERS];
  return folders.flatMap((folder) =>
    namesIn(folder, /_drv_video\.so$/).map((name) => {
      const info = statSync(join(folder, name), { throwIfNoEntry: false });
      return `${name} ${info?.size} ${info?.mtimeMs}`;
    }),
  );
}
const nvidiaTool = (): string | undefined => onPath('nvidia-smi').find(isExecutable);
const runtimes = () => (process.platform === 'win32' ? RUNTIMES.filter(([, , path]) => existsSync(path)) : []);

/** Looks at files only; starts nothing. */
export function machineFacts(): MachineFacts {
  const nodes = renderNodes();
  const cards = nvidiaFiles();
  const tool = nvidiaTool();
  const wsl = existsSync(WSL_DEVICE);
  const libraries = runtimes();
  const apple = process.platform === 'darwin';
  const info = tool === undefined ? undefined : statSync(tool, { throwIfNoEntry: false });
  return {
    none: nodes.length + cards.length + libraries.length === 0 && !tool && !wsl && !apple,
    key: JSON.stringify([
      ...[process.platform, process.arch, read(NVIDIA_VERSION), wsl, cards, nvidiaCards()],
      ...[nodes.map((node) => `${node} ${systemFile(node, 'vendor')} ${systemFile(node, 'device')}`)],
      // The kernel's version is that of its graphics drivers.
      ...(nodes.length > 0 ? [release(), vaapiDrivers()] : []),
      ...libraries.map(([, , path]) => path),
      ...[tool, info?.size, info?.mtimeMs, VISIBLE.map((name) => process.env[name])],
    ]),
  };
}

/** Loaded where there is somebody to ask: the listings of a machine without a device do not pay for it. */
const ask: typeof import('../ffmpeg/spawn.ts').runTool = async (call) =>
  (await import('../ffmpeg/spawn.ts')).runTool(call);

async function nvidiaDriver(tool: string, signal: AbortSignal): Promise<string | null> {
  const told = /Kernel Module\s+(?:for \S+\s+)?(\d[\d.]+)/.exec(read(NVIDIA_VERSION))?.[1];
  if (told) return told;
  const args = ['--query-gpu=driver_version', '--format=csv,noheader'];
  const asked = await ask({ program: tool, args, timeoutSec: ASK_TIMEOUT_SEC, signal });
  return /^\d+\.[\d.]+$/.exec(asked.stdout.split('\n')[0]?.trim() ?? '')?.[0] ?? null;
}

/** NVIDIA's devices by its own tool: a container may have them without any node under /dev/dri. */
async function nvidiaGpus(signal: AbortSignal): Promise<readonly Found[]> {
  const nameless = (ordinal: number, problem: string | null): Found => {
    const driver = /Kernel Module\s+(?:for \S+\s+)?(\d[\d.]+)/.exec(read(NVIDIA_VERSION))?.[1] ?? null;
    return { name: 'NVIDIA', vendor: 'nvidia', ordinal, node: undefined, driver, problem };
  };
  const tool = nvidiaTool();
  if (!tool) return nvidiaFiles().map((_, ordinal) => nameless(ordinal, null));
  const told = await ask({ program: tool, args: ['-L'], timeoutSec: ASK_TIMEOUT_SEC, signal });
  if (told.outcome === 'not-started') return [];
  const named = told.stdout.split('\n').flatMap((line) => /^GPU \d+: (.+?)(?: \(UUID: .*\))?$/.exec(line)?.[1] ?? []);
  if (named.length === 0) {
    const said = (told.stderr || told.stdout).split('\n')[0] || `nvidia-smi ended with ${told.exitCode}`;
    return [nameless(0, told.outcome === 'timeout' ? `nvidia-smi did not answer within ${ASK_TIMEOUT_SEC} s` : said)];
  }
  const driver = await nvidiaDriver(tool, signal);
  return named.map((name, ordinal) => ({ name, vendor: 'nvidia', ordinal, node: undefined, driver, problem: null }));
}

function nodeGpus(): readonly Found[] {
  const counts = new Map<GpuVendor, number>();
  return renderNodes().map((node) => {
    const vendor = vendorOf(node);
    const ordinal = counts.get(vendor) ?? 0;
    counts.set(vendor, ordinal + 1);
    const driver = /^DRIVER=(.+)$/m.exec(systemFile(node, 'uevent'))?.[1];
    const name = `${vendor === 'unknown' ? 'graphics' : vendor} device`;
    return { name, vendor, ordinal, node, driver: driver ?? null, problem: null };
  });
}

const appleGpus = (): readonly Found[] =>
  process.platform === 'darwin'
    ? [{ name: 'Apple media engine', vendor: 'apple', ordinal: 0, node: undefined, driver: null, problem: null }]
    : [];

const runtimeGpus = (): readonly Found[] =>
  runtimes().map(([vendor, name]) => ({ name, vendor, ordinal: 0, node: undefined, driver: null, problem: null }));

/** The graphics devices of this machine, numbered. */
export async function findGpus(signal: AbortSignal): Promise<readonly Gpu[]> {
  const nvidia = await nvidiaGpus(signal);
  // One device is not told twice.
  const nodes = nodeGpus().filter(({ vendor }) => vendor !== 'nvidia' || nvidia.length === 0);
  const runtime = runtimeGpus().filter(({ vendor }, at, all) => all.findIndex((one) => one.vendor === vendor) === at);
  return [...nvidia, ...nodes, ...appleGpus(), ...runtime].map((gpu, number) => ({ ...gpu, number }));
}
