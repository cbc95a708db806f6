// Percent-decoding of URLs from logs: never throws, bad sequences stay as they are, bytes that aren't UTF-8 become U+FFFD.

/** Decodes `%41` and, in query strings, `+`. */
export function percentDecode(text: string, plusIsSpace: boolean): string {
  const spaced = plusIsSpace && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  return spaced.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

const mostParameters = 100;

/** The parameters of a query string, decoded; a name that occurs again gives a list. At most 100 are kept apart. */
export function queryParameters(query: string): Record<string, string | string[]> {
  const parameters: Record<string, string | string[]> = Object.create(null);
  const parts = query.split('&', mostParameters + 1);
  if (parts.length > mostParameters) {
    parts.length = mostParameters;
    // What is beyond the limit is kept as one text, so that nothing can hide there.
    parts.push(`…=${query.slice(parts.reduce((sum, part) => sum + part.length + 1, 0))}`);
  }
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = percentDecode(equals < 0 ? part : part.slice(0, equals), true);
    const value = equals < 0 ? '' : percentDecode(part.slice(equals + 1), true);
    const before = parameters[name];
    if (before === undefined) parameters[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else parameters[name] = [before, value];
  }
  return parameters;
}
