// What a list says of a rule file without compiling it.
import { techniquesOf } from '../../../engine/rules/output.ts';
import { readSource } from '../../../engine/rules/read-source.ts';
import { RuleError } from '../../../engine/rules/rule-error.ts';
import type { RuleSource } from '../../../engine/rules/rule-info.ts';
import type { Outline } from './rules-table.ts';

/** null of a file that can't be read. */
export function outlineOf(source: RuleSource): Outline | null {
  try {
    const { documents } = readSource(source, {});
    return {
      detectors: documents
        .filter(({ body, raw }) => body.kind !== 'filter' && typeof raw === 'object')
        .map(({ id, title, level, tags }) => ({ id, title, severity: level, techniques: techniquesOf(tags) })),
    };
  } catch (error) {
    if (error instanceof RuleError) return null;
    throw error;
  }
}
