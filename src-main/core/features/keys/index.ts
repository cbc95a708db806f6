// What other features may call of the console's keys.
export { type Custody, createCustody } from './custody.ts';
export { BadKeyFile, type KeyFile, type KeyPurpose, parseKeyFile } from './key-file.ts';
export { type KeyRing, openKeyRing, WrongMasterKey } from './key-ring.ts';
export {
  findMasterKey,
  type MasterKeyPorts,
  MasterKeyUnavailable,
  masterByPassphrase,
  masterOf,
  namesOfGiven,
  type PassphraseKdf,
  PassphraseNeeded,
} from './master-key.ts';
export { formatRecoveryKey, parseRecoveryKey } from './recovery-key.ts';
export { masterByRecoveryKey } from './recovery-wrap.ts';
export { createSubjectKeys, type SubjectKeys, SubjectShredded } from './subject-keys.ts';
