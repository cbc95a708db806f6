// Command lines for detectors: a shell hands the program exactly what stood in the form, whatever was typed there.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exceptLine, extendLine, suppressLine } from '../../../src-renderer/features/detections/cli-lines.ts';

const id = '0199a000-0000-7000-8000-00000000000f';

/** What a program is given by a shell. */
function argumentsOf(line: string): string[] {
  const { stdout, status } = spawnSync('sh', ['-c', `set -- ${line}; printf '%s\\0' "$@"`], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\0').slice(0, -1);
}

test('plain values stand as they are', () => {
  expect(
    exceptLine({
      rule: null,
      conditions: [{ field: 'ip_address|cidr', value: '10.0.0.0/8' }],
      reason: 'tills',
      span: '30',
    }),
  ).toBe("gatehouse rules except all --if='ip_address|cidr=10.0.0.0/8' --reason=tills --days=30");
  expect(extendLine(id, 'never', '')).toBe(`gatehouse rules extend ${id} --never`);
  expect(suppressLine(id, { fields: ['ip_address', 'actor'], minutes: 60, missing: 'as_null' })).toBe(
    `gatehouse rules suppress ${id} --by=ip_address --by=actor --for=60m --missing=null`,
  );
});

test('nothing that is typed becomes another argument, or a command', () => {
  const typed = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  const hostile = fc.oneof(
    typed,
    fc.constantFrom("'; rm -rf /; '", '$(id)', '`id`', '--off', '-x', '\n', '!!', '\\', '*'),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (field, value, reason) => {
      expect(argumentsOf(exceptLine({ rule: id, conditions: [{ field, value }], reason, span: '7' }))).toEqual([
        'gatehouse',
        'rules',
        'except',
        id,
        `--if=${field}=${value}`,
        `--reason=${reason}`,
        '--days=7',
      ]);
    }),
    { numRuns: 60 },
  );
});
