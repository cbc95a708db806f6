// Who may set up a new console: whoever holds the one-time link. Kept in memory only; a restart prints a new link.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { equalBytes, toBase64Url } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import type { Credential } from '../../dispatch/arrival.ts';
import type { Principal } from '../../dispatch/principal.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Randomness } from '../../ports.ts';

export type Claims = {
  /** Makes a link's token; the one before is void. */
  issue(): string;
  /** Spends the link. @returns the claim's own token. @throws ProblemError setup/link, setup/claimed */
  claim(token: string): string;
  identify(credential: Credential): Principal | ProblemError;
  /** Set-up is over: nothing opens it again. */
  close(): void;
};

export function createClaims(random: Randomness): Claims {
  // Only hashes are kept: what a core dump or a heap snapshot shows doesn't open the console.
  let link: Uint8Array | undefined;
  let holder: Uint8Array | undefined;

  function fits(hash: Uint8Array | undefined, token: string): boolean {
    return hash !== undefined && equalBytes(hash, sha256(token));
  }

  return {
    issue() {
      const token = toBase64Url(random.bytes(32));
      link = sha256(token);
      holder = undefined;
      return token;
    },
    claim(token) {
      if (link === undefined && holder !== undefined) {
        throw new ProblemError(
          'setup/claimed',
          'this link was used already; if that was not you, stop Gatehouse and start it again for a new one',
        );
      }
      if (!fits(link, token)) {
        throw new ProblemError(
          'setup/link',
          'this setup link is not valid; use the one that the terminal printed last',
        );
      }
      link = undefined;
      const own = `ghw_${toBase64Url(random.bytes(32))}`;
      holder = sha256(own);
      return own;
    },
    identify(credential) {
      if (credential.kind === 'token' && fits(holder, credential.token))
        return { kind: 'setup', workspace: defaultWorkspace };
      return new ProblemError('access/unauthenticated', 'open the setup link that the terminal printed');
    },
    close() {
      link = undefined;
      holder = undefined;
    },
  };
}
