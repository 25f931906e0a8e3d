import type { MediaInfo } from '../model/media.ts';
import type { Step } from '../model/plan.ts';
import type { ResolvedExport } from './resolved.ts';

/** Pictures that players take for a cover in Matroska, by ffprobe's names: https://www.matroska.org/technical/attachments.html */
const COVERS: Readonly<Record<string, { readonly name: string; readonly mime: string }>> = {
  mjpeg: { name: 'cover.jpg', mime: 'image/jpeg' },
  png: { name: 'cover.png', mime: 'image/png' },
};

const isCover = (codec: string | undefined): boolean => COVERS[codec ?? ''] !== undefined;

/** The source's cover, where this container can have it: in Matroska it is an attached file, elsewhere a stream. */
export function coverOf(media: MediaInfo, container: string): number | undefined {
  const pictures = media.video.filter((stream) => stream.attachedPicture);
  return (container === 'mkv' ? pictures.find(({ codec }) => isCover(codec)) : pictures[0])?.index;
}

/** How the cover comes in: as a stream of the source, or written out first and attached. */
export function coverArgs({ extras, container }: ResolvedExport, media: MediaInfo) {
  const { cover, attachments } = extras;
  const nothing = { stream: [], attach: [], step: undefined };
  if (cover === undefined) return nothing;
  if (container !== 'mkv') {
    return { ...nothing, stream: ['-map', `0:${cover}`, '-c:v:1', 'copy', '-disposition:v:1', 'attached_pic'] };
  }
  const file = COVERS[media.video.find(({ index }) => index === cover)?.codec ?? ''];
  if (!file) return nothing;
  const tag = (text: string) => [`-metadata:s:t:${attachments.length}`, text];
  return {
    ...nothing,
    attach: ['-attach', file.name, ...tag(`mimetype=${file.mime}`), ...tag(`filename=${file.name}`)],
    step: {
      args: ['-map', `0:${cover}`, '-c', 'copy', '-frames:v', '1', '-update', '1', '-f', 'image2', file.name],
      name: file.name,
    },
  };
}

/** The step that writes the cover out; `inputArgs` opens the source. */
export function coverSteps(resolved: ResolvedExport, media: MediaInfo, inputArgs: readonly string[]): readonly Step[] {
  const { step } = coverArgs(resolved, media);
  if (!step) return [];
  const args = [...inputArgs, ...step.args];
  return [{ id: 'cover', stage: 'preparation', args, mediaSec: 0, writes: [step.name], readsSource: true }];
}
