// What the settings take of retention.

export { RetentionSection } from './RetentionSection.tsx';
