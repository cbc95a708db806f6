// What the rest of the core may call of encryption.
export { createEncryption, type Encryption } from './feature.ts';
export { likelyPageVersions, settlePageKey } from './page-rotation.ts';
export { createVaultLock, type UnlockToken } from './vault-lock.ts';
