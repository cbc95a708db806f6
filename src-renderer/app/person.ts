// Who is signed in, for the screens: name, rights, session. Screens are mounted only while somebody is.

import { useStore } from 'zustand';
import type { Permission } from '../../src-shared/permissions.ts';
import { useServices } from './services.ts';
import { mayDo, type SessionFacts } from './session.ts';

export function useSessionFacts(): SessionFacts {
  const phase = useStore(useServices().session.store);
  if (phase.kind !== 'signed-in') throw new Error(`nobody is signed in: ${phase.kind}`);
  return phase.facts;
}

/** The user name, as alerts and entries write it. */
export function usePerson(): string {
  return useSessionFacts().user.username;
}

/** May the one who is signed in do this? What is not allowed is left out, not shown as disabled. */
export function useMayDo(permission: Permission): boolean {
  return mayDo(useStore(useServices().session.store), permission);
}
