// HashiCorp Vault or OpenBao as secret provider: one field of one KV version 2 secret for each setting, read with a token that is kept alive.
import type { ProviderAnswer, ProviderFault, SecretProvider } from '../../core/features/settings/secret-provider.ts';
import type { Clock, Randomness, Timers } from '../../core/ports.ts';
import { parseValue, UnexpectedAnswer } from './vault-answers.ts';
import { createVaultExchange, statusWords, VaultFault } from './vault-exchange.ts';
import { createVaultLine, type VaultAddress, type VaultResponse } from './vault-request.ts';
import { createVaultSession, type VaultAuth } from './vault-session.ts';

export type VaultOptions = VaultAddress & {
  readonly namespace: string | undefined;
  /** undefined: none was given, and each question is answered by what to set. */
  readonly auth: VaultAuth | undefined;
  /** Where the KV version 2 engine is mounted. */
  readonly mount: string;
  /** Folder of our secrets in it. */
  readonly path: string;
};

const withoutAuth: ProviderFault = {
  state: 'forbidden',
  detail: 'no credentials: set VAULT_TOKEN, VAULT_ROLE_ID with VAULT_SECRET_ID, or VAULT_KUBERNETES_ROLE',
};

/** @param ports timers that keep the process alive: a start waits for what it asked. */
export function createVaultClient(
  options: VaultOptions,
  ports: { readonly clock: Clock; readonly random: Randomness; readonly timers: Timers },
): SecretProvider {
  const { auth } = options;
  const host = new URL(options.address).host;
  const exchange = createVaultExchange({
    ...ports,
    line: createVaultLine(options),
    host,
    namespace: options.namespace,
    secrets: () => session?.secrets() ?? [],
  });
  const session =
    auth === undefined ? undefined : createVaultSession({ ...ports, auth, exchange: () => exchange, turn: inTurn });
  const pathOf = (key: string): string => `${options.mount}/data/${options.path}/${key}`;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let works = false;

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    waiting += 1;
    const mine = queue.then(run).finally(() => {
      waiting -= 1;
    });
    queue = mine.catch(() => undefined);
    return mine;
  }

  async function readOne(key: string): Promise<ProviderAnswer> {
    if (session === undefined) throw new VaultFault(withoutAuth.state, withoutAuth.detail, { final: true });
    const question = { method: 'GET', path: encoded(pathOf(key)) } as const;
    let token = await session.token();
    let response = await exchange.ask({ ...question, token });
    if (response.status === 403) {
      const another = await session.replace(token);
      if (another !== undefined) {
        token = another;
        response = await exchange.ask({ ...question, token });
      }
    }
    if (response.status === 403) throw await forbidden(key, token);
    if (response.status !== 200 && response.status !== 404)
      throw new VaultFault('failing', exchange.safe(`${pathOf(key)}: ${statusWords(host, response)}`), {
        final: false,
      });
    const value = read(key, response);
    return value === undefined ? { kind: 'absent' } : { kind: 'value', value };
  }

  function read(key: string, response: VaultResponse): string | undefined {
    try {
      return parseValue(response);
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer)) throw error;
      throw new VaultFault('failing', exchange.safe(`${pathOf(key)} at ${host}: ${error.message}`), {
        final: false,
        cause: error,
      });
    }
  }

  /** A token that is no longer good and a policy that says no look the same; the token can be asked about itself. */
  async function forbidden(key: string, token: string): Promise<VaultFault> {
    const own = await exchange.ask({ method: 'GET', path: 'auth/token/lookup-self', token });
    if (own.status === 200 || auth?.kind !== 'token') {
      const allowed = `add to its policy: path "${options.mount}/data/${options.path}/*" { capabilities = ["read"] }`;
      return new VaultFault('forbidden', `${host} does not allow reading ${pathOf(key)}; ${allowed}`, { final: false });
    }
    return new VaultFault(
      'forbidden',
      `${host} does not take VAULT_TOKEN: it has expired, was revoked, or is of another namespace`,
      {
        final: true,
      },
    );
  }

  async function readAll(keys: readonly string[]): Promise<ReadonlyMap<string, ProviderAnswer>> {
    const answers = new Map<string, ProviderAnswer>();
    let over: ProviderFault | undefined;
    for (const key of keys) {
      if (over !== undefined) {
        answers.set(key, { kind: 'fault', fault: over });
        continue;
      }
      try {
        answers.set(key, await readOne(key));
      } catch (error) {
        if (!(error instanceof VaultFault)) throw error;
        answers.set(key, { kind: 'fault', fault: error.fault });
        if (error.final) over = error.fault;
      }
    }
    works = over === undefined;
    const refused = [...answers.values()].some(({ kind }) => kind === 'fault');
    if (!refused) session?.accepted();
    return answers;
  }

  return {
    address: options.address,
    namespace: options.namespace ?? null,
    auth: auth?.kind ?? null,
    pathOf,
    read: (keys) => inTurn(() => readAll(keys)),
    token: () => session?.lease() ?? { expiresAt: null, renewable: null },
    async close() {
      // Whoever stops waits for nothing: what is under way is broken off, and its token ends by itself.
      if (waiting > 0) exchange.close();
      await session?.close(works && waiting === 0);
      exchange.close();
    },
  };
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
