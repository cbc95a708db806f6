// What the rest of the program may use of the mirrors.
export { createMirrors, type Mirrors } from './feature.ts';
export { type Mirror, MirrorFault, type MirrorLevel, type MirrorRecord } from './mirror.ts';
