// The wizard: which step is shown, what was typed, what the console answered. The order of the steps is the console's; it survives
// reloads there. Secrets of the kit and the factor are kept only while their step is shown.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput, OperationName, Output } from '../../../src-shared/contract/contract.ts';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { failureWords, fieldMessages, ProblemFailure } from '../../api/failures.ts';
import type { SetupState } from '../../app/session.ts';

export const wizardSteps = [
  'start',
  'keys',
  'owner',
  'second_factor',
  'recovery',
  'certificate',
  'source',
  'finish',
] as const;
export type WizardStep = (typeof wizardSteps)[number];

export const stepTitles: Readonly<Record<WizardStep, string>> = {
  start: 'Start',
  keys: 'Data and keys',
  owner: 'Owner account',
  second_factor: 'Second factor',
  recovery: 'Recovery kit',
  certificate: 'Certificate',
  source: 'First source',
  finish: 'Finish',
};

export type FirstSource = 'import' | 'api' | 'later';

export interface SetUpState {
  readonly console: SetupState;
  /** A step that is shown instead of the console's next one: Start before the first, or one that Back went to. */
  readonly shown: WizardStep | undefined;
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAt: number | undefined;
  /** What a step shows could not be read: asks again. */
  readonly retry: (() => void) | undefined;
  readonly options: Output<'setup.options'> | undefined;
  readonly enrolment: Output<'setup.second_factor'> | undefined;
  readonly kit: Output<'setup.recovery_kit'> | undefined;
  readonly certificate: Output<'setup.certificate'> | undefined;
  readonly consoleName: string | undefined;
  readonly dataFolder: string | undefined;
  readonly protection: KeyProtection | undefined;
  readonly username: string;
  readonly firstSource: FirstSource;
}

export interface SetUpDependencies {
  call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>>;
  readonly asCookie: boolean;
  /** The session store follows the console's state too. */
  moved(state: SetupState): void;
  /** Set-up is over and the owner signed in; says what to show first. */
  finished(firstSource: FirstSource): Promise<void>;
  now(): number;
}

export interface SetUp {
  readonly store: StoreApi<SetUpState>;
  change(
    drafts: Partial<Pick<SetUpState, 'consoleName' | 'dataFolder' | 'protection' | 'username' | 'firstSource'>>,
  ): void;
  claim(token: string): Promise<void>;
  begin(): void;
  back(): void;
  loadOptions(): Promise<void>;
  makeKeys(passphrase: string | undefined): Promise<void>;
  makeOwner(password: string): Promise<void>;
  loadSecondFactor(): Promise<void>;
  verifySecondFactor(code: string): Promise<void>;
  loadKit(): Promise<void>;
  confirmKit(code: string): Promise<void>;
  loadCertificate(): Promise<void>;
  passStep(step: 'certificate' | 'source'): Promise<void>;
  finish(): Promise<void>;
}

/** Steps that ask for nothing can be looked at again; those that made something cannot be made undone. */
const before: Partial<Record<WizardStep, WizardStep>> = { keys: 'start', source: 'certificate', finish: 'source' };

export function shownStep(state: Pick<SetUpState, 'console' | 'shown'>): WizardStep {
  return state.shown ?? state.console.step ?? 'start';
}

export function canGoBack(state: Pick<SetUpState, 'console' | 'shown'>): boolean {
  return before[shownStep(state)] !== undefined;
}

export function createSetUp(dependencies: SetUpDependencies, first: SetupState): SetUp {
  const { call, moved } = dependencies;
  const store = createStore<SetUpState>(() => ({
    console: first,
    // Who resumes is not asked again whether to begin.
    shown: first.step === 'keys' || first.step === null ? 'start' : undefined,
    isBusy: false,
    problem: undefined,
    fields: {},
    retryAt: undefined,
    retry: undefined,
    options: undefined,
    enrolment: undefined,
    kit: undefined,
    certificate: undefined,
    consoleName: undefined,
    dataFolder: undefined,
    protection: undefined,
    username: '',
    firstSource: 'import',
  }));
  const loading = new Set<OperationName>();

  async function attempt(run: () => Promise<void>): Promise<void> {
    const { isBusy, retryAt } = store.getState();
    if (isBusy || (retryAt !== undefined && retryAt > dependencies.now())) return;
    store.setState({ isBusy: true, problem: undefined, fields: {}, retryAt: undefined, retry: undefined });
    try {
      await run();
    } catch (error) {
      await fail(error, undefined);
    } finally {
      store.setState({ isBusy: false });
    }
  }

  async function fail(error: unknown, retry: (() => void) | undefined): Promise<void> {
    const seconds = error instanceof ProblemFailure ? error.problem.retry_after_seconds : undefined;
    store.setState({
      problem: failureWords(error),
      fields: fieldMessages(error),
      retryAt: seconds === undefined ? undefined : dependencies.now() + seconds * 1000,
      retry,
    });
    await followOrder(error);
  }

  /** Another window went on with the wizard: show where it is instead of refusing for ever. */
  async function followOrder(error: unknown): Promise<void> {
    if (!(error instanceof ProblemFailure) || !(error.is('setup/order') || error.is('setup/done'))) return;
    const state = await call('setup.state', {}).catch(() => undefined);
    if (state !== undefined) show(state);
  }

  /** What a step showed is dropped with it. */
  function show(state: SetupState): void {
    store.setState({ console: state, shown: undefined, enrolment: undefined, kit: undefined, retry: undefined });
    moved(state);
  }

  /** Loads once, although effects of the page may ask twice: for the factor a second answer would be another secret. */
  async function load<N extends OperationName>(
    name: N,
    take: (output: Output<N>) => void,
    input: CallInput<N>,
  ): Promise<void> {
    if (loading.has(name)) return;
    loading.add(name);
    try {
      take(await call(name, input));
    } catch (error) {
      await fail(error, () => {
        store.setState({ problem: undefined, retry: undefined });
        void load(name, take, input);
      });
    } finally {
      loading.delete(name);
    }
  }

  const cookie = dependencies.asCookie ? ({ cookie: true } as const) : {};

  return {
    store,
    change: (drafts) => store.setState(drafts),
    claim: (token) =>
      attempt(async () => {
        const { state } = await call('setup.claim', { token, ...cookie });
        show(state);
        if (state.step === 'keys') store.setState({ shown: 'start' });
      }),
    begin: () => store.setState({ shown: undefined, problem: undefined }),
    back: () => store.setState((state) => ({ shown: before[shownStep(state)], problem: undefined, fields: {} })),
    loadOptions: () =>
      load(
        'setup.options',
        (options) => {
          const { protection, consoleName } = store.getState();
          store.setState({
            options,
            consoleName: consoleName ?? options.console_name,
            protection: options.key_given_by ?? protection ?? (options.keychain.available ? 'keychain' : 'passphrase'),
          });
        },
        {},
      ),
    makeKeys: (passphrase) =>
      attempt(async () => {
        const { protection = 'keychain', consoleName, dataFolder } = store.getState();
        const { state } = await call('setup.keys', {
          protection,
          ...(passphrase === undefined ? {} : { passphrase }),
          ...(consoleName === undefined ? {} : { console_name: consoleName }),
          ...(dataFolder === undefined ? {} : { data_folder: dataFolder }),
        });
        show(state);
      }),
    makeOwner: (password) =>
      attempt(async () => {
        const { state } = await call('setup.owner', { username: store.getState().username.trim(), password });
        show(state);
      }),
    loadSecondFactor: () => load('setup.second_factor', (enrolment) => store.setState({ enrolment }), {}),
    verifySecondFactor: (code) =>
      attempt(async () => {
        const { state } = await call('setup.second_factor_verify', { code });
        show(state);
      }),
    loadKit: () => load('setup.recovery_kit', (kit) => store.setState({ kit }), {}),
    confirmKit: (code) =>
      attempt(async () => {
        const { state } = await call('setup.recovery_confirm', { code: code.trim() });
        show(state);
      }),
    loadCertificate: () => load('setup.certificate', (certificate) => store.setState({ certificate }), {}),
    async passStep(step) {
      const { console: known, shown } = store.getState();
      // Looked at again: the console is further already.
      if (known.step !== step) {
        const next = shown === 'certificate' && known.step !== 'source' ? 'source' : undefined;
        store.setState({ shown: next, problem: undefined });
        return;
      }
      await attempt(async () => {
        const { state } = await call('setup.step_done', { step });
        show(state);
      });
    },
    finish: () =>
      attempt(async () => {
        await call('setup.finish', cookie);
        await dependencies.finished(store.getState().firstSource);
      }),
  };
}
