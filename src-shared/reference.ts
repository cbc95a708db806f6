// The reference document, made from the contract: operations, permissions and audit types in tables.
import { auditTypes } from './audit-types.ts';
import { declarationOf, type OperationName, operationNames } from './contract/contract.ts';
import { problems } from './contract/problems.ts';
import { builtInRoles, namedOnly, permissions } from './permissions.ts';

/** The text of docs/reference.md. */
export function referenceDocument(): string {
  const named = [...namedOnly].map(code).join(', ');
  return [
    '# Reference',
    '',
    'Made from the contract; a test fails when this file is not what the contract says (`npx vitest run test/contract -u` writes it anew).',
    '',
    '## Operations',
    '',
    table(['Operation', 'Request', 'What it does', 'Who may', 'Audit entry'], operationNames.map(operationRow)),
    '',
    '## Permissions',
    '',
    `A scope or role holds patterns: \`*\`, \`alerts.*\`, \`*.read\` or an exact name. No pattern in an API key gives ${named}: they must be named.`,
    '',
    table(
      ['Permission', 'Allows to'],
      Object.entries(permissions).map(([name, text]) => [code(name), text]),
    ),
    '',
    '## Roles',
    '',
    table(
      ['Role', 'For', 'Allows', 'Denies'],
      Object.entries(builtInRoles).map(([name, role]) => [
        code(name),
        role.description,
        role.allow.map(code).join(' '),
        role.deny.map(code).join(' '),
      ]),
    ),
    '',
    '## Audit entries',
    '',
    table(
      ['Type', 'When'],
      Object.entries(auditTypes).map(([name, text]) => [code(name), text]),
    ),
    '',
    '## Problems',
    '',
    table(
      ['Code', 'Status', 'Title'],
      Object.entries(problems).map(([name, row]) => [code(name), String(row.status), row.title]),
    ),
    '',
  ].join('\n');
}

function operationRow(name: OperationName): string[] {
  const declared = declarationOf(name);
  const marks = [declared.stepUp ? 'fresh second factor' : '', declared.reveals ? 'answer holds a secret' : ''].filter(
    Boolean,
  );
  return [
    code(name),
    code(`${declared.method} ${declared.path}`),
    declared.summary + (marks.length === 0 ? '' : ` (${marks.join(', ')})`),
    who(name),
    typeof declared.audit === 'string' ? code(declared.audit) : `none: ${declared.audit.none}`,
  ];
}

function who(name: OperationName): string {
  const { access } = declarationOf(name);
  switch (access.kind) {
    case 'open':
      return 'anybody';
    case 'setup':
      return 'holder of the set-up link';
    case 'pending':
      return 'holder of the temporary token';
    case 'session':
      return 'any session or key';
    case 'permission':
      return code(access.permission);
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
