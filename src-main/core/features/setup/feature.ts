// Set-up as a feature: from an unclaimed console to a signed-in owner, a step at a time, each of them kept.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { KeyProtection, SetupStep, setupOperations } from '../../../../src-shared/contract/setup.ts';
import {
  brokenRules,
  loadCommonPasswords,
  normalisePassword,
  passwordRules,
} from '../../../../src-shared/password-rules.ts';
import { type Handlers, prepared, refuse } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { Access } from '../access/index.ts';
import { formatRecoveryKey } from '../keys/index.ts';
import type { Claims } from './claims.ts';
import { findFact, setFact } from './facts.ts';
import { setupMigrations } from './migrations.ts';
import { nextStep, requireStep } from './steps.ts';

export type CertificateDescription = Output<'setup.certificate'>;

export type MachineDescription = {
  dataFolder(): string;
  /** @throws ProblemError when the folder can't be used or already holds a console */
  chooseFolder(path: string): void;
  readonly folderFixed: boolean;
  freeBytes(): number | null;
  /** Where the API answers, for the curl lines. */
  certificate(): CertificateDescription;
};

export type SetupParts = {
  readonly host: Host;
  readonly claims: Claims;
  readonly machine: MachineDescription;
  keychain(): { available: boolean; detail: string };
  keyGivenBy(): KeyProtection | null;
  /** undefined until `keys` is done. */
  store(): Store | undefined;
  /** How the vault is unlocked, while it is locked. */
  lockedWith(): 'passphrase' | 'token' | undefined;
  access(): Access;
  /** Makes keys and store and opens the console. */
  create(input: { protection: KeyProtection; passphrase: string | undefined; consoleName: string }): Promise<void>;
  instanceId(): string;
  issueRecoveryKey(): Uint8Array;
  verifierKey(): string;
};

export const defaultConsoleName = 'Gatehouse';

/** Set-up can end another way than by its own steps: then whoever ended it says how far it is. */
export type Setup = Feature & { readState(claimedByYou: boolean): Output<'setup.state'> };

export function createSetup(parts: SetupParts): Setup {
  const { host, claims } = parts;
  let creating = false;
  const state = (tx: ReadTx): Output<'setup.state'> => stateOf(nextStep(tx), true);

  function readState(claimedByYou: boolean): Output<'setup.state'> {
    const unlockWith = parts.lockedWith();
    if (unlockWith !== undefined)
      return { phase: 'locked', step: null, claimed_by_you: false, unlock_with: unlockWith };
    const store = parts.store();
    if (store === undefined) return stateOf('keys', claimedByYou);
    return stateOf(store.readAll(nextStep), claimedByYou);
  }

  function owner(tx: ReadTx): string {
    const id = findFact(tx, 'owner_id');
    if (id === undefined) throw new ProblemError('setup/order', 'make the owner account first');
    return id;
  }

  function markDone(tx: WriteTx, step: SetupStep, now: number): void {
    if (step === 'second_factor') setFact(tx, 'second_factor_done', '1', now);
    if (step === 'recovery') setFact(tx, 'recovery_done', '1', now);
    if (step === 'certificate') setFact(tx, 'certificate_done', '1', now);
    if (step === 'source') setFact(tx, 'source_done', '1', now);
  }

  const handlers: Handlers<typeof setupOperations> = {
    'setup.state': async (call) => readState(call.principal.kind === 'setup'),

    async 'setup.claim'(call, input) {
      if (parts.store()?.readAll(nextStep) === null)
        throw new ProblemError('setup/done', 'the console is already set up; sign in');
      const token = claims.claim(input.token);
      const claimed = readState(true);
      if (input.cookie === undefined && call.via !== 'window') return { token, state: claimed };
      call.grant({ token, expiresAt: call.now + 24 * 3_600_000, purpose: 'setup' });
      return { state: claimed };
    },

    async 'setup.options'() {
      return {
        data_folder: parts.machine.dataFolder(),
        folder_fixed: parts.machine.folderFixed,
        free_bytes: parts.machine.freeBytes(),
        keychain: parts.keychain(),
        key_given_by: parts.keyGivenBy(),
        console_name: parts.store()?.readAll((tx) => findFact(tx, 'console_name')) ?? defaultConsoleName,
      };
    },

    async 'setup.keys'(call, input) {
      if (parts.store() !== undefined)
        throw new ProblemError('setup/order', 'keys and store are already made; go on with the next step');
      if (input.data_folder !== undefined && input.data_folder !== parts.machine.dataFolder()) {
        if (parts.machine.folderFixed) {
          throw new ProblemError(
            'request/invalid',
            'data_folder: it is fixed here; set GATEHOUSE_HOME and start again to use another',
          );
        }
        parts.machine.chooseFolder(input.data_folder);
      }
      // Wrapping the key takes a while: a second call meanwhile would write other keys over those that the store is made with.
      if (creating) throw new ProblemError('setup/order', 'keys and store are being made already; wait for them');
      creating = true;
      try {
        await parts.create({
          protection: input.protection,
          passphrase: input.passphrase,
          consoleName: input.console_name ?? defaultConsoleName,
        });
      } finally {
        creating = false;
      }
      call.entry.resource = { type: 'console', id: parts.instanceId() };
      call.entry.details = {
        step: 'keys',
        protection: input.protection,
        console_name: input.console_name ?? defaultConsoleName,
      };
      return { state: readState(true), instance_id: parts.instanceId() };
    },

    'setup.owner': prepared({
      async before(_call, input) {
        return host.hasher.hash(await acceptPassword(input.username, input.password));
      },
      run(tx, call, input, passwordHash) {
        requireStep(tx, 'owner');
        const user = parts
          .access()
          .createUser(tx, { username: input.username, passwordHash, role: 'admin', now: call.now });
        setFact(tx, 'owner_id', user.id, call.now);
        call.entry.resource = { type: 'user', id: user.id };
        call.entry.details = { username: user.username, role: 'admin' };
        return { state: state(tx) };
      },
    }),

    'setup.second_factor'(tx, call) {
      requireStep(tx, 'second_factor');
      call.entry.resource = { type: 'user', id: owner(tx) };
      return parts.access().beginTotp(tx, owner(tx), call.now);
    },

    'setup.second_factor_verify'(tx, call, input) {
      requireStep(tx, 'second_factor');
      call.entry.resource = { type: 'user', id: owner(tx) };
      if (!parts.access().verifyTotpEnrolment(tx, owner(tx), input.code, call.now)) {
        return refuse(
          new ProblemError(
            'access/code',
            'the code is wrong; check that the clock of your device is right, and try the next code',
          ),
        );
      }
      markDone(tx, 'second_factor', call.now);
      return { state: state(tx) };
    },

    'setup.recovery_kit'(tx, call) {
      requireStep(tx, 'recovery');
      call.entry.details = { step: 'recovery' };
      // Until one code is confirmed the kit can be made again: what was shown before is void then.
      return {
        recovery_codes: parts.access().issueRecoveryCodes(tx, owner(tx), call.now),
        recovery_key: formatRecoveryKey(parts.issueRecoveryKey()),
        verifier_key: parts.verifierKey(),
        console_name: findFact(tx, 'console_name') ?? defaultConsoleName,
        created_at: new Date(call.now).toISOString(),
      };
    },

    'setup.recovery_confirm'(tx, call, input) {
      requireStep(tx, 'recovery');
      call.entry.details = { step: 'recovery_confirm' };
      if (!parts.access().hasRecoveryCode(tx, owner(tx), input.code)) {
        return refuse(new ProblemError('access/code', 'that is not one of the codes; type any one of the ten'));
      }
      markDone(tx, 'recovery', call.now);
      return { state: state(tx) };
    },

    'setup.certificate': async () => parts.machine.certificate(),

    'setup.step_done'(tx, call, input) {
      requireStep(tx, input.step);
      call.entry.details = { step: input.step };
      markDone(tx, input.step, call.now);
      return { state: state(tx) };
    },

    'setup.finish'(tx, call, input) {
      requireStep(tx, 'finish');
      const userId = owner(tx);
      setFact(tx, 'finished', '1', call.now);
      const kind = call.via === 'window' ? 'window' : input.cookie === true ? 'console' : 'api';
      const session = parts
        .access()
        .startSession(tx, { userId, kind, origin: call.origin, now: call.now, steppedUpAt: call.now });
      call.entry.resource = { type: 'user', id: userId };
      call.entry.details = { step: 'finish' };
      tx.afterCommit(() => claims.close());
      if (kind === 'api') return { ok: true, token: session.token };
      call.grant({ token: session.token, expiresAt: session.expiresAt, purpose: 'session' });
      return { ok: true };
    },
  };

  return { name: 'setup', migrations: setupMigrations, scopedTables: [], handlers, readState };
}

function stateOf(step: SetupStep | null, claimedByYou: boolean): Output<'setup.state'> {
  if (step === null) return { phase: 'done', step: null, claimed_by_you: false };
  return { phase: step === 'keys' && !claimedByYou ? 'unclaimed' : 'in_progress', step, claimed_by_you: claimedByYou };
}

/** @returns the password as it is hashed. @throws ProblemError access/password-rules naming every broken rule, request/invalid */
export async function acceptPassword(username: string, password: string): Promise<string> {
  const broken = brokenRules(password, username, await loadCommonPasswords());
  if (broken.length > 0) {
    const words = broken.map((rule) => passwordRules[rule]);
    throw new ProblemError('access/password-rules', `a password needs ${words.join(', ')}`, {
      fields: broken.map((rule) => ({ path: 'password', message: `needs ${passwordRules[rule]}` })),
    });
  }
  return normalisePassword(password);
}
