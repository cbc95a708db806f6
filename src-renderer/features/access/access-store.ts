// API keys and sessions as the console lists them. A new key's text is handed to the dialog that shows it once and is never kept here.

import { createStore } from 'zustand/vanilla';
import type { ApiKey } from '../../../src-shared/contract/access.ts';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { onForget } from '../../app/forget.ts';

export type SessionRow = Output<'sessions.list'>['items'][number];

export interface Listed<Row> {
  readonly rows: readonly Row[] | undefined;
  /** More rows exist than are listed. */
  readonly isCut: boolean;
  readonly problem: string | undefined;
}

interface AccessState {
  readonly keys: Listed<ApiKey>;
  readonly sessions: Listed<SessionRow>;
}

const nothing = { rows: undefined, isCut: false, problem: undefined };
const empty: AccessState = { keys: nothing, sessions: nothing };
const most = 500;

export const accessStore = createStore<AccessState>(() => empty);
onForget(() => accessStore.setState(empty, true));

export async function loadKeys(): Promise<void> {
  try {
    const { items, next_cursor: next } = await call('keys.list', { limit: most });
    accessStore.setState({ keys: { rows: items, isCut: next !== null, problem: undefined } });
  } catch (error) {
    accessStore.setState(({ keys }) => ({ keys: { ...keys, problem: failureWords(error) } }));
  }
}

export async function loadSessions(): Promise<void> {
  try {
    const { items, next_cursor: next } = await call('sessions.list', { limit: most });
    accessStore.setState({ sessions: { rows: items, isCut: next !== null, problem: undefined } });
  } catch (error) {
    accessStore.setState(({ sessions }) => ({ sessions: { ...sessions, problem: failureWords(error) } }));
  }
}

export async function createKey(key: CallInput<'keys.create'>): Promise<Output<'keys.create'>> {
  const made = await call('keys.create', key);
  await loadKeys();
  return made;
}

export async function revokeKey(id: string): Promise<void> {
  await call('keys.revoke', { id });
  await loadKeys();
}

/** Ends each; what could not be ended is said by its name. */
export async function endSessions(
  ids: readonly string[],
): Promise<{ readonly ended: number; readonly refused: number }> {
  const outcomes = await Promise.allSettled(ids.map((id) => call('sessions.end', { id })));
  await loadSessions();
  const ended = outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
  return { ended, refused: outcomes.length - ended };
}
