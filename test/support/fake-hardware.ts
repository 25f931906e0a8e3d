import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REAL_FFMPEG, script } from './fake-tools.ts';

/** What the fake does where the real one would use a device: shell commands, in which `encode "$@"` does the work by libx264. */
export interface FakeDevice {
  /** A trial of an encoder. */
  readonly trial?: string;
  /** A trial of the decoder. */
  readonly decode?: string;
  /** The film. */
  readonly film?: string;
  /** nvidia-smi; by default one NVIDIA L4. */
  readonly smi?: string;
}

const SMI = "echo 'GPU 0: NVIDIA L4 (UUID: GPU-1b2c)'";

/** Options of devices and of NVENC, with their values: they mean nothing to libx264. */
const DEVICE_OPTIONS =
  '-rc|-cq|-tune|-forced-idr|-gpu|-coder|-preset|-profile:v|-hwaccel|-hwaccel_output_format|-hwaccel_device|-extra_hw_frames';

const ENCODE = `encode() {
  n=$#
  while [ "$n" -gt 0 ]; do
    a=$1; shift; n=$((n - 1))
    case "$a" in
      ${DEVICE_OPTIONS}) shift; n=$((n - 1)); continue ;;
      h264_nvenc) a=libx264 ;;
      hevc_nvenc) a=libx265 ;;
      *scale_cuda=*|*hwdownload*) a=$(printf %s "$a" | sed -e 's/scale_cuda=w=\\([0-9]*\\):h=\\([0-9]*\\)[^,]*/scale=\\1:\\2/' -e 's/hwdownload,//') ;;
    esac
    set -- "$@" "$a"
  done
  "$real" "$@"
}`;

/** A machine with NVIDIA devices, as far as files and programs tell. */
export interface FakeMachine {
  /** Arguments that name its ffmpeg and a database of its own. */
  readonly tools: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What its ffmpeg was asked on a device, in order: `trial`, `decode`, `film`. */
  readonly asked: () => readonly string[];
  /** Arguments of the films that it was asked for, a line each. */
  readonly films: () => readonly string[];
}

/**
 * An ffmpeg that lists h264_nvenc and hevc_nvenc, and a device to go with it. What runs on the device does as `device` says; all else
 * is the real ffmpeg's.
 */
export function fakeMachine(folder: string, device: FakeDevice = {}): FakeMachine {
  const [log, films] = [join(folder, 'asked.log'), join(folder, 'films.log')];
  writeFileSync(log, '');
  const { trial = 'encode "$@"', decode = 'encode "$@"', film = 'encode "$@"', smi = SMI } = device;
  script(folder, 'nvidia-smi', smi);
  const path = script(
    folder,
    'ffmpeg',
    `real='${REAL_FFMPEG}'
${ENCODE}
for last; do :; done
case "$*" in
  *-encoders*)
    "$real" "$@" | sed '/_nvenc /d'
    echo ' V....D h264_nvenc           NVIDIA NVENC H.264 encoder (codec h264)'
    echo ' V....D hevc_nvenc           NVIDIA NVENC hevc encoder (codec hevc)' ;;
  *hwdownload*) echo decode >> '${log}'; ${decode} ;;
  *_nvenc*)
    case "$last" in
      */trial) echo trial >> '${log}'; ${trial} ;;
      *) echo film >> '${log}'; echo "$*" >> '${films}'; ${film} ;;
    esac ;;
  *) exec "$real" "$@" ;;
esac`,
  );
  const lines = (file: string): readonly string[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  return {
    tools: ['--ffmpeg', path, '--db', join(folder, 'h.db')],
    // Its sessions are its own, whatever else runs here.
    env: { PATH: `${folder}:${process.env.PATH ?? ''}`, TMPDIR: folder },
    asked: () => lines(log),
    films: () => lines(films),
  };
}
