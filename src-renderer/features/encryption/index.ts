// What the settings take of the keys.

export { EncryptionSection } from './EncryptionSection.tsx';
