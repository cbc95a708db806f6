// Shows a bundle that another screen has at hand in the Verifier.

import { navigate } from '../../app/navigation.ts';
import { verifier } from './verify-state.ts';

export function openInVerifier(name: string, bundle: Blob): void {
  verifier.verify(new File([bundle], name));
  navigate({ screen: 'verify' });
}
