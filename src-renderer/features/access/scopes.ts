// Scopes of a key as a person picks them: by resource, with wildcards, and always resolved to the permissions they give.

import {
  namedOnly,
  type Permission,
  patternCovers,
  permissionNames,
  permissions,
  resolveScopes,
} from '../../../src-shared/permissions.ts';

export interface ScopeGroup {
  readonly resource: string;
  readonly permissions: readonly { readonly name: Permission; readonly words: string; readonly isNamedOnly: boolean }[];
}

/** What the maker holds, by resource: a key can never grant more. */
export function scopeGroups(held: readonly string[]): readonly ScopeGroup[] {
  const groups = new Map<string, ScopeGroup['permissions'][number][]>();
  for (const name of permissionNames) {
    if (!held.includes(name)) continue;
    const resource = name.split('.')[0] ?? name;
    const listed = groups.get(resource) ?? [];
    listed.push({ name, words: permissions[name], isNamedOnly: namedOnly.has(name) });
    groups.set(resource, listed);
  }
  return Array.from(groups, ([resource, list]) => ({ resource, permissions: list }));
}

export interface ScopePreset {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly scopes: readonly string[];
}

export const scopePresets: readonly ScopePreset[] = [
  { id: 'send', label: 'Send events', detail: 'For a tool that only delivers.', scopes: ['events.write'] },
  { id: 'read', label: 'Read', detail: 'For dashboards; no secrets, no exports.', scopes: ['*.read'] },
  {
    id: 'triage',
    label: 'Work on alerts',
    detail: 'Reads events and alerts, changes alerts.',
    scopes: ['events.read', 'alerts.*'],
  },
];

/** A pattern that covers it, other than its own name. */
export function coveredBy(scopes: readonly string[], name: Permission): string | undefined {
  if (namedOnly.has(name)) return undefined;
  return scopes.find((scope) => scope !== name && patternCovers(scope, name));
}

/** Adds or removes; what a new wildcard covers is taken out, so that each permission stands there for one reason. */
export function toggleScope(scopes: readonly string[], scope: string): readonly string[] {
  if (scopes.includes(scope)) return scopes.filter((each) => each !== scope);
  const rest = scopes.filter((each) => {
    const name = permissionNames.find((candidate) => candidate === each);
    return name === undefined || namedOnly.has(name) || !patternCovers(scope, name);
  });
  return [...rest, scope];
}

/** The permissions that these scopes give. */
export function givenPermissions(scopes: readonly string[]): readonly Permission[] {
  const given = resolveScopes(scopes);
  return permissionNames.filter((name) => given.has(name));
}

/** The console refuses a key that gives more than its maker holds; what would be refused is not offered. */
export function isWithin(scopes: readonly string[], held: readonly string[]): boolean {
  return givenPermissions(scopes).every((name) => held.includes(name));
}
