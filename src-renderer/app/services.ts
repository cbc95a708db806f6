// What the application hands to its screens: the session and the appearance. Everything else a feature needs it imports itself.

import { createContext, useContext } from 'react';
import type { AppearanceStore } from './appearance.ts';
import type { Session } from './session.ts';

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
