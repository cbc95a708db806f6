// Starts the verifying worker: a file of this console, built beside the page. The content policy lets no script address be made out of
// text, so the one address there is goes through a policy of its own, which knows no other.

import type { VerifyReply } from './verify-messages.ts';
import type { VerifyWorker } from './verify-store.ts';
import workerAddress from './verify-worker.ts?worker&url';

interface ScriptAddressPolicy {
  createScriptURL(address: string): string;
}
interface TrustedTypesFactory {
  createPolicy(name: string, rules: ScriptAddressPolicy): ScriptAddressPolicy;
}
declare global {
  interface Window {
    /** Where the browser knows trusted types; elsewhere the content policy alone holds. */
    readonly trustedTypes?: TrustedTypesFactory;
  }
}

// SECURITY: anything but the built worker is refused here, also if somebody should one day hand an address in.
const rules: ScriptAddressPolicy = {
  createScriptURL(address) {
    if (address !== workerAddress) throw new TypeError('only the verifying worker may be started');
    return address;
  },
};
let policy: ScriptAddressPolicy | undefined;

export function startVerifyWorker(onReply: (reply: VerifyReply) => void): VerifyWorker {
  // A name can be given to a policy once.
  policy ??= window.trustedTypes?.createPolicy('gatehouse-verify-worker', rules) ?? rules;
  const worker = new Worker(policy.createScriptURL(workerAddress), { type: 'module', name: 'verify' });
  worker.addEventListener('message', (event: MessageEvent<VerifyReply>) => onReply(event.data));
  worker.addEventListener('error', () => onReply({ kind: 'stopped' }));
  return worker;
}
