// What the settings take of the backups.

export { BackupsSection } from './BackupsSection.tsx';
