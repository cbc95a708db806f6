// JSON within a Fernet token: an object of names, each with its value or with an object of the secret's fields.
import { decodeUtf8Strict } from '../../../../src-shared/evidence/bytes.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { parseStrictJson } from '../../../../src-shared/evidence/strict-json.ts';
import { FernetError, openFernet, parseFernetKey } from '../../../base/fernet.ts';
import type { ImportFile } from './import-file.ts';

const maximumDepth = 4;

export function readFernetJson(token: string, key: string): ImportFile {
  try {
    const { plain } = openFernet(parseFernetKey(key.trim()), token.trim());
    try {
      return readJson(decodeUtf8Strict(plain));
    } finally {
      plain.fill(0);
    }
  } catch (error) {
    if (error instanceof FernetError) return { records: [], faults: [{ line: undefined, message: error.message }] };
    if (error instanceof FormatError) {
      const message = 'what the token holds is not UTF-8 text';
      return { records: [], faults: [{ line: undefined, message }] };
    }
    throw error;
  }
}

function readJson(text: string): ImportFile {
  try {
    const value = parseStrictJson(text, { maximumDepth });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormatError('no object', 0);
    const records = Object.entries(value).map(([name, entry]) => ({
      line: undefined,
      name,
      fields: typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? entry : { value: entry },
    }));
    return { records, faults: [] };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const line = text.slice(0, error.offset).split('\n').length;
    const message = 'expected a JSON object of names, each of them once, with their values';
    return { records: [], faults: [{ line, message }] };
  }
}
