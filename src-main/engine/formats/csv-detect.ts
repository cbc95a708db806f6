// Is a text a CSV file with a header that says what the columns are? Decided by the first rows.
import { delimiterOf, splitRow } from './csv.ts';
import { timeNames } from './json.ts';

const timeColumns = new Set([...timeNames, 'timecreated', 'systemtime', 'utctime', 'eventtime'].map(plain));

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

/**
 * A header of at least two different names, one of them that of a time, and rows that mostly have as many columns.
 * @param lines the first ones; a row of several lines only weakens the sign.
 */
export function looksLikeCsv(lines: readonly string[]): boolean {
  const [header, ...rows] = lines.map((line) => line.replace(/\r$/, '')).filter((line) => line.trim() !== '');
  if (header === undefined || header.length > 16_384) return false;
  const delimiter = delimiterOf(header);
  const names = splitRow(header, delimiter).map((name) => name.trim());
  if (names.length < 2 || new Set(names).size < names.length || names.some((name) => name.length > 100)) return false;
  if (!names.some((name) => timeColumns.has(plain(name)))) return false;
  const fitting = rows.filter((row) => splitRow(row, delimiter).length === names.length).length;
  return fitting * 2 >= rows.length;
}
