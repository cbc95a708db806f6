// Questions to Vault with patience: bounded retries, what its status codes mean, and no secret of ours in what is said about it.
import type { ProviderFault } from '../../core/features/settings/secret-provider.ts';
import type { Clock, Randomness, Timers } from '../../core/ports.ts';
import { errorWords, parseHealth, UnexpectedAnswer } from './vault-answers.ts';
import { type VaultLine, type VaultResponse, VaultUnreachable } from './vault-request.ts';

/** The question stays without answer. `final`: the next question would fare no better. */
export class VaultFault extends Error {
  override readonly name = 'VaultFault';
  readonly fault: ProviderFault;
  readonly final: boolean;

  constructor(state: ProviderFault['state'], detail: string, options: { final: boolean; cause?: unknown }) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.fault = { state, detail };
    this.final = options.final;
  }
}

export type Question = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, unknown>>;
};

export type VaultExchange = {
  readonly host: string;
  /** The answer to the question itself (200, 204, 400, 403, 404 …). @throws VaultFault */
  ask(question: Question): Promise<VaultResponse>;
  /** One try, whatever comes back. */
  tell(question: Question): Promise<void>;
  /** Words about Vault as they may be shown. */
  safe(text: string): string;
  /** Ends what is under way, without answer. */
  close(): void;
};

export type VaultExchangeParts = {
  readonly line: VaultLine;
  readonly host: string;
  readonly namespace: string | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
  /** What must not come back in words of Vault or of whoever stands in its place. */
  secrets(): readonly string[];
};

const tries = 3;
const firstWaitMs = 200;
const longestWaitMs = 2_000;
/** Shorter ones are found in any sentence. */
const leastHidden = 4;
/** A longer Retry-After isn't waited for, but heeded: nothing is asked until then, and at most so long. */
const longestQuietMs = 10 * 60_000;

export function createVaultExchange(parts: VaultExchangeParts): VaultExchange {
  const { line, host, namespace, clock } = parts;
  let quietUntil = 0;
  let closed = false;

  function send({ method, path, token, body }: Question): Promise<VaultResponse> {
    return line.send({
      method,
      path,
      headers: {
        ...(token === undefined ? {} : { 'x-vault-token': token }),
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => void parts.timers.after(ms, resolve));
  }

  // Half of it by chance: many consoles that lost the same Vault must not come back in step.
  function pause(attempt: number): Promise<void> {
    const full = Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
    return wait(full / 2 + (full / 2) * ((parts.random.bytes(1)[0] ?? 0) / 256));
  }

  function safe(text: string): string {
    return parts
      .secrets()
      .reduce((said, secret) => (secret.length < leastHidden ? said : said.replaceAll(secret, '[secret]')), text);
  }

  function failing(detail: string, options: { final: boolean; cause?: unknown }): VaultFault {
    return new VaultFault('failing', safe(detail), options);
  }

  /** Why it answers with an error of its own. @throws VaultFault unless it says that it could answer. */
  async function requireHealth(): Promise<void> {
    let response: VaultResponse;
    try {
      // Belongs to the root namespace and needs no token.
      response = await line.send({ method: 'GET', path: 'sys/health', headers: {}, body: undefined });
      parseHealth(response);
    } catch (error) {
      // Not to be had, or not Vault's: the error stands as it is.
      if (error instanceof VaultUnreachable || error instanceof UnexpectedAnswer) return;
      throw error;
    }
    const final = true;
    if (response.status === 503) throw new VaultFault('sealed', `${host} is sealed; unseal it`, { final });
    if (response.status === 501)
      throw new VaultFault('sealed', `${host} is not initialised; initialise and unseal it`, { final });
    if (response.status === 472)
      throw failing(`${host} is a disaster recovery secondary; set VAULT_ADDR to the primary`, { final });
    if (response.status === 474) throw failing(`${host} is a standby that cannot reach its active node`, { final });
    if (response.status === 530) throw failing(`${host} was removed from its cluster`, { final });
  }

  async function limited(response: VaultResponse, mayTryAgain: boolean): Promise<void> {
    const ms = retryAfterMs(response.retryAfter, clock.now());
    if (mayTryAgain && ms <= longestWaitMs) return wait(Math.max(ms, firstWaitMs));
    quietUntil = clock.now() + Math.min(Math.max(ms, longestWaitMs), longestQuietMs);
    throw failing(
      `${host} limits how often it may be asked; asked again in ${Math.ceil((quietUntil - clock.now()) / 1000)} s`,
      {
        final: true,
      },
    );
  }

  async function ask(question: Question): Promise<VaultResponse> {
    if (clock.now() < quietUntil) throw failing(`${host} limits how often it may be asked`, { final: true });
    for (let attempt = 1; ; attempt++) {
      const last = attempt === tries || closed;
      let response: VaultResponse;
      try {
        response = await send(question);
      } catch (error) {
        if (!(error instanceof VaultUnreachable)) throw error;
        if (last || !error.again)
          throw new VaultFault('unreachable', safe(error.message), { final: true, cause: error });
        await pause(attempt);
        continue;
      }
      if (response.status === 429) {
        await limited(response, !last);
        continue;
      }
      // 412: a replica that has not caught up yet.
      if (response.status < 500 && response.status !== 412) return response;
      if (attempt === 1) await requireHealth();
      if (last) throw failing(statusWords(host, response), { final: true });
      await pause(attempt);
    }
  }

  return {
    host,
    ask,
    async tell(question) {
      try {
        await send(question);
      } catch (error) {
        if (!(error instanceof VaultUnreachable)) throw error;
      }
    },
    safe,
    close() {
      closed = true;
      line.close();
    },
  };
}

export function statusWords(host: string, response: VaultResponse): string {
  const words = errorWords(response);
  return `${host} answered with status ${response.status}${words === '' ? '' : `: ${words}`}`;
}

/** RFC 9110 section 10.2.3: seconds or a date; nothing usable counts as none. */
function retryAfterMs(text: string | undefined, now: number): number {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
