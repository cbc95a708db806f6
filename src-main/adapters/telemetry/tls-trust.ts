// Whom a mirror trusts over TLS, and as whom it shows itself.
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { MirrorFault } from '../../core/features/mirrors/index.ts';

export type TlsTrust = {
  /** PEM of the CAs to trust; the system's where undefined. */
  readonly ca: string | undefined;
  /** PEM of our own certificate with its chain, and its key. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
};

/** @param pin SHA-256 of the one certificate that is taken, in hex: then no CA is asked, and `requirePinned` must be */
export function tlsOptions({ ca, client }: TlsTrust, pin: string | undefined): ConnectionOptions {
  return {
    // SECURITY: said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 for some other program's sake changes nothing here.
    rejectUnauthorized: pin === undefined,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : client),
  };
}

/** SECURITY: before a byte is sent over a connection whose certificate no CA vouched for. @throws MirrorFault */
export function requirePinned(socket: TLSSocket, pin: string | undefined, host: string): void {
  if (pin === undefined) return;
  const { fingerprint256 } = socket.getPeerCertificate();
  if (fingerprint256?.replaceAll(':', '').toLowerCase() === pin) return;
  throw new MirrorFault(`${host} shows another certificate than the pinned one`);
}
