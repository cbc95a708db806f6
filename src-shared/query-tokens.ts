// Words of a query as people type them: split at spaces, kept together by quotation marks.

/** Splits at spaces outside quotes. Inside quotes a backslash keeps the character after it. */
export function tokensOf(text: string): { readonly tokens: readonly string[]; readonly isUnclosed: boolean } {
  const tokens: string[] = [];
  let token = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (isQuoted && character === '\\' && at + 1 < text.length) {
      token += character + text[at + 1];
      at += 1;
    } else if (character === '"') {
      isQuoted = !isQuoted;
      token += character;
    } else if (!isQuoted && /\s/.test(character)) {
      if (token !== '') tokens.push(token);
      token = '';
    } else token += character;
  }
  if (token !== '') tokens.push(token);
  return { tokens, isUnclosed: isQuoted };
}

export function unquote(written: string): string {
  let text = '';
  let isQuoted = false;
  for (let at = 0; at < written.length; at += 1) {
    const character = written[at] ?? '';
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted && character === '\\' && at + 1 < written.length) {
      text += written[at + 1];
      at += 1;
    } else text += character;
  }
  return text;
}

export function quoteIfNeeded(value: string, isFreeText: boolean): string {
  const isPlain = isFreeText ? /^[^\s":\\-][^\s":\\]*$/.test(value) : /^[^\s"\\]+$/.test(value);
  return isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}
