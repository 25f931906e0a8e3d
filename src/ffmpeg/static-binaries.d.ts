// Both packages are optional: a failed download at install time removes them, and their types with them.
declare module 'ffmpeg-static' {
  const path: string | null;
  export default path;
}
declare module 'ffprobe-static' {
  const binary: { readonly path: string };
  export default binary;
}
