// What the rest of the core may call of the data subjects.
export { createSubjects } from './feature.ts';
