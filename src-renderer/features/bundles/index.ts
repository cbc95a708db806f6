// The Verifier as the application sees it. It needs no permission and no session: `verify` is also opened before anybody signs in.

import { FileCheck } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export { checkBundle } from './check-bundle.ts';
export { FingerprintWords, fingerprintOf } from './Fingerprint.tsx';
export { openInVerifier } from './open-in-verifier.ts';
export type { ShownVerdict } from './verify-messages.ts';

export const screens: readonly Screen[] = [
  {
    id: 'verify',
    label: 'Bundles & Verify',
    icon: FileCheck,
    group: 'prove',
    keys: 'g v',
    keywords: 'verifier bundle evidence ghbundle',
    load: async () => (await import('./VerifyPage.tsx')).VerifyPage,
  },
];
