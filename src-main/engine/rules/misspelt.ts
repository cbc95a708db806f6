// Keys of a rule that are most likely misspelt. The specification lets rules have fields of their own, so that they are no errors; one
// that is nearly a field of Sigma, which the rule lacks, is worth saying.
import { nearestName } from '../../../src-shared/nearest.ts';
import { isMap } from './detection.ts';
import { RuleError } from './rule-error.ts';
import { readYamlDocuments } from './yaml-documents.ts';

const ofRule = [
  'title',
  'id',
  'related',
  'name',
  'taxonomy',
  'status',
  'description',
  'license',
  'author',
  'references',
  'date',
  'modified',
  'logsource',
  'detection',
  'correlation',
  'filter',
  'fields',
  'falsepositives',
  'level',
  'tags',
  'scope',
  'gatehouse',
  'action',
];
const inside: Readonly<Record<string, readonly string[]>> = {
  logsource: ['product', 'category', 'service', 'definition'],
  correlation: ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'],
};
/** People don't write more; comparing names takes its time. */
const mostKeys = 60;
const longestKey = 40;
const mostNotes = 20;

/** Notes that begin with the key's path; none of a text that is no YAML. */
export function misspeltKeys(file: string, text: string): string[] {
  let documents: ReturnType<typeof readYamlDocuments>;
  try {
    documents = readYamlDocuments(file, text);
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
  const notes = documents.flatMap(({ value }, index) => {
    if (!isMap(value)) return [];
    const place = documents.length > 1 ? `document ${index + 1}: ` : '';
    return [
      ...among(place, value, ofRule),
      ...Object.entries(inside).flatMap(([section, known]) => {
        const part = value[section];
        return isMap(part) ? among(`${place}${section}.`, part, known) : [];
      }),
    ];
  });
  return notes.slice(0, mostNotes);
}

function among(path: string, map: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  const lacking = known.filter((name) => !Object.hasOwn(map, name));
  const keys = Object.keys(map).slice(0, mostKeys);
  return keys.flatMap((key) => {
    if (known.includes(key) || key.length > longestKey) return [];
    const meant = nearestName(key.toLowerCase(), lacking);
    return meant === undefined
      ? []
      : [`${path}${key}: not a field of Sigma, so it has no effect; did you mean ${meant}?`];
  });
}
