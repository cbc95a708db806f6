// What the application hands to its screens: the session and the appearance, and with them who is signed in and what they may do.

import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { Permission } from '../../src-shared/permissions.ts';
import type { AppearanceStore } from './appearance.ts';
import { mayDo, type Phase, type Session, type SessionFacts } from './session.ts';

export interface Services {
  readonly session: Session;
  readonly appearance: AppearanceStore;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('useServices needs a ServicesContext above it');
  return services;
}

/** Who is signed in. Only screens use it, and screens are mounted only while somebody is. */
export function useSessionFacts(): SessionFacts {
  const phase = useStore(useServices().session.store);
  if (phase.kind !== 'signed-in') throw new Error(`nobody is signed in: ${phase.kind}`);
  return phase.facts;
}

// Of a page without a console behind it, such as the one-file verifier: nobody ever signs in.
const nobody = createStore<Phase>(() => ({ kind: 'loading' }));

/** May the one who is signed in do this? What is not allowed is left out, not shown as disabled. */
export function useMayDo(permission: Permission): boolean {
  const services = useContext(ServicesContext);
  return mayDo(useStore(services?.session.store ?? nobody), permission);
}
