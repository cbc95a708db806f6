// What the settings take of the mirrors.

export { MirrorsSection } from './MirrorsSection.tsx';
