// The one list of permissions and the built-in roles made of them. A role is a set of patterns; deny wins over allow (spec 01).

export const permissions = {
  'events.write': 'send events and import logs',
  'events.read': 'search and read events',
  'detections.read': 'see detectors, their parameters and their cases',
  'detections.manage': 'change detectors, exceptions and rule packs',
  'exceptions.permanent': 'make exceptions from rules that never end',
  'alerts.read': 'see alerts and their evidence',
  'alerts.triage': 'acknowledge, close, assign and annotate alerts',
  'alerts.load': 'load what a scan of log files found, as alerts',
  'incidents.read': 'see incidents',
  'incidents.manage': 'open, change and close incidents',
  'response.read': 'see blocks, locks and lockdown',
  'response.run': 'block, lock, end sessions, run playbooks',
  'audit.read': 'read the audit log',
  'audit.export': 'export signed audit bundles',
  'audit.checkpoint': 'sign a checkpoint on demand',
  'audit.verify': 'verify bundles',
  'secrets.read': "see secrets' names and metadata",
  'secrets.reveal': "read secrets' values",
  'secrets.manage': 'create, change, rotate and delete secrets',
  'users.read': 'see users, roles and who holds what',
  'users.manage': 'create, change, unlock and disable users',
  'sessions.read': "see everybody's sessions",
  'sessions.manage': "end everybody's sessions",
  'keys.read': 'see API keys (never the key itself)',
  'keys.manage': 'create and revoke API keys',
  'settings.read': 'see settings',
  'settings.manage': 'change settings',
  'encryption.read': 'see encryption keys: versions, age, due dates (never a key)',
  'encryption.manage': 'rotate encryption keys, change their protection, lock the vault',
  'backups.read': 'see backups',
  'backups.manage': 'make, verify and restore backups',
  'compliance.read': 'see controls, evidence and reports',
  'compliance.manage': 'attest, attach evidence, run checks',
  'privacy.read': 'see data subject requests',
  'privacy.manage': 'answer, erase and export for data subjects',
  'readiness.read': 'see and run readiness checks',
  'vulnerabilities.read': 'see vulnerability reports',
  'vulnerabilities.manage': 'handle vulnerability reports',
  'notifications.manage': 'change notification channels',
  'metrics.read': 'read /metrics',
  'console.read': "see the console's own state",
} as const satisfies Record<string, string>;

export type Permission = keyof typeof permissions;

/** Never given by `*` or `*.read` in an API key: these must be named (spec 01, step-up). */
export const namedOnly: ReadonlySet<Permission> = new Set<Permission>([
  'audit.export',
  'secrets.reveal',
  'encryption.manage',
  'backups.manage',
  'privacy.manage',
]);

export type Role = {
  readonly description: string;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
};

export const builtInRoles = {
  admin: { description: 'everything', allow: ['*'], deny: [] },
  analyst: {
    description: 'events, detections, alerts, incidents, response',
    allow: ['events.*', 'detections.*', 'alerts.*', 'incidents.*', 'response.*', 'console.read'],
    deny: [],
  },
  operator: {
    description: 'runs actions, without secrets and users',
    allow: ['events.read', 'alerts.*', 'incidents.*', 'response.*', 'readiness.read', 'console.read'],
    deny: ['secrets.*', 'users.*'],
  },
  privacy_officer: {
    description: 'data subject requests and retention',
    allow: ['privacy.*', 'compliance.read', 'audit.read', 'console.read'],
    deny: ['secrets.*'],
  },
  auditor: {
    description: 'reads everything but secret values, exports and verifies evidence',
    allow: ['*.read', 'audit.export', 'audit.verify'],
    deny: ['secrets.reveal'],
  },
  viewer: {
    description: 'reads without secrets, users and audit',
    allow: ['*.read'],
    deny: ['secrets.*', 'users.*', 'audit.*', 'sessions.*', 'keys.*'],
  },
} as const satisfies Record<string, Role>;

export type RoleName = keyof typeof builtInRoles;

export const permissionNames = Object.keys(permissions) as readonly Permission[];
export const roleNames = Object.keys(builtInRoles) as readonly RoleName[];

/** Is `pattern` one of the forms `*`, `resource.*`, `*.action` or an exact permission? */
export function isPermissionPattern(pattern: string): boolean {
  if (pattern === '*') return true;
  return permissionNames.some((name) => patternCovers(pattern, name));
}

/** Does `pattern` cover `name`? `*` covers all, `alerts.*` a resource, `*.read` an action. */
export function patternCovers(pattern: string, name: Permission): boolean {
  if (pattern === '*' || pattern === name) return true;
  const [resource, action] = name.split('.');
  return pattern === `${resource}.*` || pattern === `*.${action}`;
}

/** The permissions that `allow` gives and `deny` does not take back. */
export function resolvePatterns(allow: readonly string[], deny: readonly string[] = []): ReadonlySet<Permission> {
  return new Set(
    permissionNames.filter(
      (name) =>
        allow.some((pattern) => patternCovers(pattern, name)) && !deny.some((pattern) => patternCovers(pattern, name)),
    ),
  );
}

/** What an API key's scopes give: as patterns, but the named-only permissions need their exact name. */
export function resolveScopes(scopes: readonly string[]): ReadonlySet<Permission> {
  // Asked for on every request with a key; keys are few and their scopes never change.
  const question = scopes.join(' ');
  const known = resolvedScopes.get(question);
  if (known !== undefined) return known;
  const exact = new Set(scopes);
  const resolved = new Set(
    permissionNames.filter((name) =>
      namedOnly.has(name) ? exact.has(name) : scopes.some((scope) => patternCovers(scope, name)),
    ),
  );
  if (resolvedScopes.size >= mostResolved) resolvedScopes.clear();
  resolvedScopes.set(question, resolved);
  return resolved;
}

const mostResolved = 1_000;
const resolvedScopes = new Map<string, ReadonlySet<Permission>>();
