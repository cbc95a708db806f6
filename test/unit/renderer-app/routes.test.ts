// The client's route table is a copy of what the contract says, without the schemas (they would bring zod into the page).
// It is written by this test: after a change of the contract run it with `-u`.

import { expect, test } from 'vitest';
import { declarationOf, operationNames } from '../../../src-shared/contract/contract.ts';

function line(name: (typeof operationNames)[number]): string {
  const { method, path, body, document } = declarationOf(name);
  const form = body === 'events' || body === 'bytes' ? `, body: '${body}'` : '';
  const answer = document === undefined ? '' : ", answer: 'text'";
  return `  '${name}': { method: '${method}', path: '${path}'${form}${answer} },`;
}

test('the route table of the client says what the contract says', async () => {
  const text = [
    '// Where each operation lives, taken from the contract by test/unit/renderer-app/routes.test.ts (run it with -u). Do not edit.',
    '',
    "import type { OperationName } from '../../src-shared/contract/contract.ts';",
    "import type { Route } from './route.ts';",
    '',
    'export const routes: Readonly<Record<OperationName, Route>> = {',
    ...operationNames.map(line),
    '};',
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../src-renderer/api/routes.ts');
});
