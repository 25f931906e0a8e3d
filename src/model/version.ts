declare const __VERSION__: string | undefined;

/** The package's version, put in by the build; `0.0.0-source` where the sources run unbuilt. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
