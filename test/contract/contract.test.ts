// The contract looked at from both sides: all that is declared is implemented and documented, all that is documented is declared.
import { expect, test } from 'vitest';
import { auditTypes } from '../../src-shared/audit-types.ts';
import { contract, declarationOf, operationNames } from '../../src-shared/contract/contract.ts';
import { openApiDocument } from '../../src-shared/openapi.ts';
import { builtInRoles, patternCovers, permissionNames, permissions } from '../../src-shared/permissions.ts';
import { referenceDocument } from '../../src-shared/reference.ts';
import { createTestConsole } from '../support/console.ts';

const document = openApiDocument({ version: '1.2.3', serverUrl: 'https://127.0.0.1:9443' }) as {
  paths: Record<string, Record<string, { operationId?: string }>>;
};

test('every operation says what it does, what it takes and answers, who may call it and what it leaves in the log', () => {
  for (const name of operationNames) {
    const declared = declarationOf(name);
    expect(declared.summary.length, name).toBeGreaterThan(10);
    expect(declared.path, name).toMatch(/^\/[a-z0-9/{}_.-]+(?:\{\w+\+\})?$/);
    expect(declared.input, name).toBeDefined();
    expect(declared.output, name).toBeDefined();
    if (declared.access.kind === 'permission') expect(permissions, name).toHaveProperty([declared.access.permission]);
    if (typeof declared.audit === 'string') expect(auditTypes, name).toHaveProperty([declared.audit]);
    else expect(declared.audit.none.length, name).toBeGreaterThan(5);
  }
});

test('no two operations share an address', () => {
  const addresses = operationNames.map(
    (name) => `${declarationOf(name).method} ${declarationOf(name).path.replace(/\{\w+\+?\}/g, '{}')}`,
  );
  expect(new Set(addresses).size).toBe(addresses.length);
});

test('every path parameter is a field of the input', () => {
  for (const name of operationNames) {
    const { path, input } = declarationOf(name);
    for (const [, field] of path.matchAll(/\{(\w+)\+?\}/g))
      expect(Object.keys(input.def && 'shape' in input ? (input.shape as object) : {}), name).toContain(field);
  }
});

test('the OpenAPI document names every operation, and nothing else', () => {
  const documented = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((operation) => operation.operationId),
  );
  for (const name of operationNames) expect(documented).toContain(name);
  expect(documented.filter((id) => id !== undefined && !(id in contract) && id !== 'console.stream')).toEqual([]);
});

test('every operation has a handler', async () => {
  await using console = await createTestConsole();
  for (const name of operationNames) {
    const answer = await console.core.dispatch({
      operation: name,
      via: 'system',
      origin: { ip: null, userAgent: null },
      credential: { kind: 'none' },
      input: { nonsense: true },
      traceId: '0'.repeat(32),
    });
    // Input is refused before the handler runs; a missing handler would be an internal error.
    if (answer.kind === 'problem') expect(answer.problem.code, name).not.toBe('internal');
  }
});

test('there are at least 25 permissions, each described, and every pattern of a built-in role covers some', () => {
  expect(permissionNames.length).toBeGreaterThanOrEqual(25);
  for (const [name, role] of Object.entries(builtInRoles)) {
    for (const pattern of [...role.allow, ...role.deny]) {
      expect(
        permissionNames.some((permission) => patternCovers(pattern, permission)),
        `${name}: ${pattern}`,
      ).toBe(true);
    }
  }
});

test('the reference document says what the contract says', async () => {
  await expect(referenceDocument()).toMatchFileSnapshot('../../docs/reference.md');
});
