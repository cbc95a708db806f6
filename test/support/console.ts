// A whole console in a temporary folder, without sockets: the real store, keys, rules and hashing, driven through dispatch.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { generateSync } from 'otplib';
import { createBackupMachine } from '../../src-main/adapters/backups/machine.ts';
import { beginCreation, clearUnfinished, finishCreation } from '../../src-main/adapters/files/creation.ts';
import { copyBeforeMigration } from '../../src-main/adapters/files/migration-copies.ts';
import { readFrameworks, readRules } from '../../src-main/adapters/files/resources.ts';
import { replaceStore } from '../../src-main/adapters/files/restore-swap.ts';
import { createStoreMarks } from '../../src-main/adapters/files/store-marks.ts';
import { lookAtSqlite, openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { createStoreRewrite } from '../../src-main/adapters/sqlite/page-rewrite.ts';
import { createStorePins } from '../../src-main/adapters/sqlite/store-pin.ts';
import { argon2idKdf } from '../../src-main/adapters/vault/passphrase-kdf.ts';
import { toBase64 } from '../../src-main/base/bytes.ts';
import { type Core, createCore } from '../../src-main/core/core.ts';
import { type Answer, type Credential, StreamedDocument } from '../../src-main/core/dispatch/arrival.ts';
import type { Anchor } from '../../src-main/core/features/audit/index.ts';
import type { MasterKeyPorts } from '../../src-main/core/features/keys/master-key.ts';
import type { Mirror } from '../../src-main/core/features/mirrors/index.ts';
import {
  type ConsoleSecretName,
  createSecretValues,
  type OtherSource,
  type SecretProvider,
} from '../../src-main/core/features/settings/index.ts';
import type { Database } from '../../src-main/core/ports.ts';
import { resolveSettings, type SettingSource } from '../../src-main/core/settings.ts';
import type { Locate } from '../../src-main/engine/behaviour/travel.ts';
import { backupThread } from '../../src-main/shells/backup-thread.ts';
import { createBundleMachine } from '../../src-main/shells/bundle-machine.ts';
import { createLogCheck } from '../../src-main/shells/log-check.ts';
import {
  type CallInput,
  declarationOf,
  type OperationName,
  type Output,
  operationNames,
} from '../../src-shared/contract/contract.ts';
import { refusalStatuses } from '../../src-shared/openapi-refusals.ts';
import type { ProblemBody } from '../../src-shared/problem.ts';
import { createTestHost, type TestHost } from './host.ts';
import { temporaryFolder } from './stores.ts';

export const adminPassword = 'Correct-horse9battery';
const rules = readRules(resolve(import.meta.dirname, '../../resources/rules'));

export type TestConsole = AsyncDisposable & {
  readonly core: Core;
  readonly host: TestHost;
  readonly folder: string;
  /** The answer as dispatch gives it. */
  send(operation: OperationName, input: unknown, as?: Credential, ip?: string): Promise<Answer>;
  /** The output; a refusal is thrown as `Refusal`. */
  call<N extends OperationName>(operation: N, input: CallInput<N>, as?: Credential): Promise<Output<N>>;
  /** Signs the first admin in, with the second factor enrolled. */
  signIn(): Promise<{ session: Credential; secret: string }>;
  createKey(scopes: readonly string[], session: Credential): Promise<Credential>;
  code(secret: string): string;
};

export class Refusal extends Error {
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

export type TestConsoleOptions = {
  readonly settings?: ReadonlyMap<string, unknown>;
  readonly folder?: string;
  readonly host?: TestHost;
  /** Leaves the console unclaimed. */
  readonly bare?: boolean;
  /** Where the master key comes from; the key file then has its generations, as in a profile. */
  readonly keys?: Partial<Pick<MasterKeyPorts, 'keychain' | 'given' | 'file'>>;
  /** Typed when the console asks for it. */
  readonly passphrase?: string;
  readonly acceptOlderStore?: boolean;
  /** Looks on, or interferes, between the core and its database. */
  readonly wrapDatabase?: (database: Database) => Database;
  /** The secret provider, and what stands in for it. */
  readonly provider?: SecretProvider;
  readonly secrets?: ReadonlyMap<ConsoleSecretName, OtherSource>;
  readonly anchors?: readonly Anchor[];
  readonly mirrors?: readonly Mirror[];
  readonly locate?: Locate;
  readonly freeBytes?: () => number | null;
  /** Entries of the largest bundle with a report. */
  readonly mostReported?: number;
};

export async function createTestConsole(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const host = options.host ?? createTestHost();
  const { mostReported } = options;
  const folder = options.folder ?? temporaryFolder();
  const keysPath = join(folder, 'keys.json');
  const storePath = join(folder, 'store.db');
  const wrapped = (database: Database): Database => options.wrapDatabase?.(database) ?? database;
  const tokenPath = join(folder, 'unlock.token');
  const resolved = resolveSettings([{ origin: 'flag', values: options.settings ?? new Map() } satisfies SettingSource]);
  const core = createCore({
    host,
    resolved,
    secrets: createSecretValues({
      clock: host.clock,
      log: host.log,
      provider: options.provider,
      other: (name) => options.secrets?.get(name),
    }),
    keys: {
      keychain: {
        probe: () => ({ available: false, detail: 'none in this test' }),
        get: () => undefined,
        set: () => undefined,
        delete: () => undefined,
      },
      file: {
        read: () => (existsSync(keysPath) ? readFileSync(keysPath, 'utf8') : undefined),
        write: (text) => writeFileSync(keysPath, text),
      },
      kdf: argon2idKdf,
      random: host.random,
      given: { environment: toBase64(new Uint8Array(32).fill(5)), keyFile: undefined },
      ...options.keys,
    },
    ruleSources: rules,
    frameworkFiles: () => readFrameworks(resolve(import.meta.dirname, '../../resources/frameworks')),
    anchors: options.anchors ?? [],
    mirrors: options.mirrors ?? [],
    locate: options.locate,
    version: '0.0.0-test',
    machine: {
      dataFolder: () => folder,
      chooseFolder: () => {
        throw new Error('the folder of a test is fixed');
      },
      folderFixed: true,
      freeBytes: options.freeBytes ?? (() => 1e9),
      certificate: () => ({
        ca_pem: '',
        ca_path: '',
        ca_sha256: '',
        server_sha256: '',
        names: [],
        not_after: '2030-01-01T00:00:00.000Z',
        url: '',
        trust: [],
      }),
    },
    openDatabase: (pageKey, checked) => wrapped(openSqlite(storePath, pageKey, checked)),
    lookAtDatabase: (pageKey, path = storePath) => lookAtSqlite(path, pageKey),
    storeMarks: () => createStoreMarks(folder),
    acceptOlderStore: () => options.acceptOlderStore === true,
    storeExists: () => existsSync(storePath),
    creation: {
      begin: () => beginCreation(folder),
      done: () => finishCreation(folder),
      abandon: () => clearUnfinished(folder, host.clock.now()),
    },
    beforeMigration: (copyTo) =>
      copyBeforeMigration(storePath, { version: '0.0.0-test', at: host.clock.now(), copyTo }),
    rewrite: createStoreRewrite(() => storePath),
    backupMachine: createBackupMachine({
      folder: () => folder,
      storePath: () => storePath,
      pin: createStorePins(() => storePath),
      thread: backupThread(),
    }),
    bundleMachine: { ...createBundleMachine(host.clock), ...(mostReported !== undefined && { mostReported }) },
    checkThread: (pageKey) => createLogCheck(() => folder, pageKey),
    replaceStore: (replacement) => replaceStore(folder, replacement),
    unlockToken: {
      write: (token) => writeFileSync(tokenPath, token),
      remove: () => rmSync(tokenPath, { force: true }),
    },
    locked: () => undefined,
    unlocked: async () => undefined,
    apiAddress: () => 'https://127.0.0.1:9443',
    opened: () => undefined,
  });
  if (core.exists()) await core.unlock(options.passphrase);
  else if (options.bare !== true)
    await core.setUpHeadless({ protection: 'environment', username: 'mira', password: adminPassword });

  const none: Credential = { kind: 'none' };
  async function send(operation: OperationName, input: unknown, as: Credential = none, ip = '192.0.2.10') {
    const answer = await core.dispatch({
      operation,
      via: 'https',
      origin: { ip, userAgent: 'test' },
      credential: as,
      input,
      traceId: '0'.repeat(32),
    });
    expectDocumented(operation, answer);
    return answer;
  }
  const console: TestConsole = {
    core,
    host,
    folder,
    send,
    async call<N extends OperationName>(operation: N, input: CallInput<N>, as?: Credential) {
      const answer = await send(operation, input, as);
      if (answer.kind === 'problem') throw new Refusal(answer.problem);
      if (answer.output instanceof StreamedDocument) return (await textOf(answer.output)) as Output<N>;
      return answer.output as Output<N>;
    },
    code: (secret) => generateSync({ secret, epoch: Math.floor(host.clock.now() / 1000) }),
    async signIn() {
      const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
      if (!('mfa_enrollment_required' in first)) throw new Error('expected to be asked for enrolment');
      const { secret } = await console.call('auth.mfa_enable', { token: first.token });
      const done = await console.call('auth.mfa_verify', { token: first.token, code: console.code(secret) });
      if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
      return { session: { kind: 'token', token: done.token, from: 'bearer' }, secret };
    },
    async createKey(scopes, session) {
      const { key } = await console.call('keys.create', { name: 'test', scopes: [...scopes] }, session);
      return { kind: 'token', token: key, from: 'bearer' };
    },
    async [Symbol.asyncDispose]() {
      await core.stop();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  return console;
}

/** Whatever is refused in a test must be a refusal that the API document lists for the operation. */
function expectDocumented(operation: OperationName, answer: Answer): void {
  if (answer.kind !== 'problem' || !operationNames.includes(operation)) return;
  const [tag = ''] = operation.split('.');
  const { status, code } = answer.problem;
  if (!refusalStatuses(tag, declarationOf(operation), true).has(status))
    throw new Error(`${operation} gave ${status} (${code}), which the API document does not list`);
}

/** All of a document that is made while it is sent, of the size that was announced. */
export async function textOf({ size, parts }: StreamedDocument): Promise<string> {
  const read: Uint8Array[] = [];
  for await (const part of parts) read.push(part);
  const bytes = Buffer.concat(read);
  if (bytes.length !== size) throw new Error(`${size} bytes were announced, ${bytes.length} came`);
  return bytes.toString('utf8');
}
