// The NDJSON of a scan read back as findings: of this console's scan or of another tool that writes the same fields. Anybody may have
// written the file.
import { z } from 'zod';
import type { ScanFinding } from '../../../src-shared/contract/alerts.ts';
import { inWords } from '../../../src-shared/contract/issue-words.ts';
import { instantIn } from '../../../src-shared/contract/values.ts';

const line = z.object({
  rule_id: z.string().min(1).max(200),
  title: z.string().min(1),
  level: z.enum(['informational', 'info', 'low', 'medium', 'high', 'critical']),
  tags: z.array(z.string()).default([]),
  file: z.string().min(1),
  record: z.int().min(0),
  time: instantIn.nullable().default(null),
  event: z.record(z.string(), z.unknown()),
});

/** @returns the finding, or why there is none in the line. */
export function parseFindingLine(text: string): ScanFinding | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  const outcome = line.safeParse(value, { error: inWords });
  if (!outcome.success) {
    const [issue] = outcome.error.issues;
    return `${issue?.path.join('.') || 'finding'}: ${issue?.message ?? 'does not fit'}`;
  }
  const { title, tags, file, ...rest } = outcome.data;
  return {
    ...rest,
    title: title.slice(0, 500),
    tags: tags.slice(0, 100).map((tag) => tag.slice(0, 200)),
    file: file.slice(-4_000),
  };
}
