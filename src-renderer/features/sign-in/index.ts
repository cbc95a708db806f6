// What the application takes of signing in: the store, its screen, and the lock's form.

export { SignInScreen } from './SignInScreen.tsx';
export { createSignIn, type SignIn } from './sign-in-store.ts';
export { UnlockScreen } from './UnlockScreen.tsx';
export { VaultLockedScreen } from './VaultLockedScreen.tsx';
export { createVaultUnlock } from './vault-unlock-store.ts';
