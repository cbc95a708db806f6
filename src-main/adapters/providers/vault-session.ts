// The token for Vault: got by signing in or given, kept alive by renewing it at two thirds of its life, got anew where that isn't possible.
import { utf8 } from '../../base/bytes.ts';
import { Secret } from '../../base/secret.ts';
import type { Clock, Timers } from '../../core/ports.ts';
import { type Lease, parseLease, parseLookup, UnexpectedAnswer } from './vault-answers.ts';
import { statusWords, type VaultExchange, VaultFault } from './vault-exchange.ts';
import type { VaultResponse } from './vault-request.ts';

export type VaultAuth =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'approle'; readonly mount: string; readonly roleId: string; readonly secretId: Secret }
  /** The service account's token is read at each sign-in: Kubernetes replaces it. */
  | { readonly kind: 'kubernetes'; readonly mount: string; readonly role: string; readJwt(): string };

export type VaultSession = {
  /** A token that hasn't expired as far as we know. @throws VaultFault */
  token(): Promise<string>;
  /**
   * Vault refused `token`: gets another, once.
   * @returns undefined where none can be had, or where a fresh one was refused a moment ago.
   */
  replace(token: string): Promise<string | undefined>;
  /** Nothing was refused: signing in again after a refusal makes sense from now on. */
  accepted(): void;
  lease(): { expiresAt: number | null; renewable: boolean | null };
  /** What must not be shown. */
  secrets(): readonly string[];
  /** @param giveBack Vault is there: a token of our own is revoked. */
  close(giveBack: boolean): Promise<void>;
};

type Held = {
  readonly token: Secret;
  readonly expiresAt: number | null;
  readonly renewable: boolean | null;
  readonly signedIn: boolean;
};

/** A role whose policies don't allow what we ask costs one sign-in in such a time, not one a check: secret ids may be counted. */
const signInAgainMs = 10 * 60_000;
const renewAgainMs = 30_000;
/** setTimeout's bound is 24.8 days; whoever sleeps meanwhile looks at the clock again. */
const longestTimerMs = 12 * 3_600_000;
/** A renewal that adds less than this has met the token's greatest age. */
const leastGainMs = 1_000;

export function createVaultSession(parts: {
  readonly auth: VaultAuth;
  readonly exchange: () => VaultExchange;
  readonly clock: Clock;
  readonly timers: Timers;
  /** One thing at a time: a renewal and a question must not both sign in. */
  turn<T>(run: () => Promise<T>): Promise<T>;
}): VaultSession {
  const { auth, clock, timers } = parts;
  let held: Held | undefined;
  let lastJwt = '';
  let refusedFreshAt: number | undefined;
  let timer: Disposable | undefined;
  let closed = false;

  function hold(lease: Lease, signedIn: boolean): Held {
    held?.token.destroy();
    held = {
      token: new Secret(utf8(lease.token)),
      expiresAt: lease.leaseMs === 0 ? null : clock.now() + lease.leaseMs,
      renewable: lease.renewable,
      signedIn,
    };
    plan(lease.leaseMs === 0 ? undefined : (lease.leaseMs * 2) / 3);
    return held;
  }

  function plan(delayMs: number | undefined): void {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (closed || delayMs === undefined || held === undefined) return;
    if (auth.kind === 'token' && held.renewable !== true) return;
    const dueAt = clock.now() + delayMs;
    const look = (): void => {
      const left = dueAt - clock.now();
      if (left > 0) timer = timers.after(Math.min(left, longestTimerMs), look);
      else void parts.turn(keepAlive);
    };
    look();
  }

  async function keepAlive(): Promise<void> {
    if (closed || held === undefined) return;
    try {
      if (held.renewable === true) await renew(held);
      else await signIn();
    } catch (error) {
      // Whoever reads next is told; here it's tried again while the token lives.
      if (!(error instanceof VaultFault)) throw error;
      const { expiresAt } = held;
      plan(
        expiresAt !== null && expiresAt > clock.now() ? Math.min(renewAgainMs, expiresAt - clock.now()) : renewAgainMs,
      );
    }
  }

  async function renew(before: Held): Promise<void> {
    const exchange = parts.exchange();
    const response = await exchange.ask({
      method: 'POST',
      path: 'auth/token/renew-self',
      token: reveal(before.token),
      body: {},
    });
    if (response.status !== 200) {
      // Revoked, expired, or not allowed to renew itself.
      if (auth.kind === 'token') held = { ...before, renewable: false };
      else await signIn();
      return;
    }
    const next = hold(
      understood(() => parseLease(response), 'renewing the token', exchange),
      before.signedIn,
    );
    const gained = (next.expiresAt ?? Number.POSITIVE_INFINITY) - (before.expiresAt ?? 0);
    if (gained >= leastGainMs) return;
    if (auth.kind !== 'token') await signIn();
    else {
      held = { ...next, renewable: false };
      plan(undefined);
    }
  }

  async function signIn(): Promise<Held> {
    if (auth.kind === 'token') return lookUp(auth.token);
    const exchange = parts.exchange();
    const response = await exchange.ask(
      auth.kind === 'approle'
        ? {
            method: 'POST',
            path: `auth/${auth.mount}/login`,
            body: { role_id: auth.roleId, secret_id: reveal(auth.secretId) },
          }
        : { method: 'POST', path: `auth/${auth.mount}/login`, body: { role: auth.role, jwt: jwtOf(auth) } },
    );
    if (response.status !== 200) throw refusedSignIn(exchange, response);
    return hold(
      understood(() => parseLease(response), 'signing in', exchange),
      true,
    );
  }

  function jwtOf(kubernetes: Extract<VaultAuth, { kind: 'kubernetes' }>): string {
    try {
      lastJwt = kubernetes.readJwt();
      return lastJwt;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new VaultFault('forbidden', words, { final: true, cause: error });
    }
  }

  function refusedSignIn(exchange: VaultExchange, response: VaultResponse): VaultFault {
    const what =
      auth.kind === 'approle' ? 'VAULT_ROLE_ID and VAULT_SECRET_ID' : 'the service account or VAULT_KUBERNETES_ROLE';
    const state = [400, 403].includes(response.status) ? 'forbidden' : 'failing';
    return new VaultFault(
      state,
      exchange.safe(`signing in with ${what} was refused: ${statusWords(exchange.host, response)}`),
      { final: true },
    );
  }

  /** A given token says how long it lives, if its policies let it ask; if not, the first reading shows what it's worth. */
  async function lookUp(token: Secret): Promise<Held> {
    const exchange = parts.exchange();
    const response = await exchange.ask({ method: 'GET', path: 'auth/token/lookup-self', token: reveal(token) });
    if (response.status === 200) {
      const { leaseMs, renewable } = understood(() => parseLookup(response), 'looking the token up', exchange);
      return hold({ token: reveal(token), leaseMs, renewable }, false);
    }
    held = { token: new Secret(utf8(reveal(token))), expiresAt: null, renewable: null, signedIn: false };
    return held;
  }

  function expired({ expiresAt }: Held): boolean {
    return expiresAt !== null && expiresAt <= clock.now();
  }

  return {
    async token() {
      // A given token that should have expired is shown all the same: the server's clock decides.
      const usable = held !== undefined && (auth.kind === 'token' || !expired(held)) ? held : await signIn();
      return reveal(usable.token);
    },
    async replace(token) {
      if (auth.kind === 'token') {
        held?.token.destroy();
        held = undefined;
        return undefined;
      }
      if (refusedFreshAt !== undefined && clock.now() - refusedFreshAt < signInAgainMs) return undefined;
      refusedFreshAt = clock.now();
      const next = reveal((await signIn()).token);
      return next === token ? undefined : next;
    },
    accepted() {
      refusedFreshAt = undefined;
    },
    lease: () => ({ expiresAt: held?.expiresAt ?? null, renewable: held?.renewable ?? null }),
    secrets: () => [
      ...(held === undefined ? [] : [reveal(held.token)]),
      ...(auth.kind === 'token' ? [reveal(auth.token)] : []),
      ...(auth.kind === 'approle' ? [reveal(auth.secretId)] : []),
      lastJwt,
    ],
    async close(giveBack) {
      closed = true;
      plan(undefined);
      const last = held;
      held = undefined;
      // So that it doesn't live on unused. A given token is somebody else's.
      if (giveBack && last?.signedIn === true && !expired(last)) {
        await parts.exchange().tell({
          method: 'POST',
          path: 'auth/token/revoke-self',
          token: reveal(last.token),
          body: {},
        });
      }
      last?.token.destroy();
      lastJwt = '';
    },
  };
}

function reveal(secret: Secret): string {
  return Buffer.from(secret.reveal()).toString('utf8');
}

function understood<T>(parse: () => T, doing: string, exchange: VaultExchange): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer)) throw error;
    throw new VaultFault('failing', exchange.safe(`${doing} at ${exchange.host}: ${error.message}`), {
      final: true,
      cause: error,
    });
  }
}
