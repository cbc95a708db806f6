// Programs that bring code from elsewhere: which they are, and into which files they put it.

export const downloaders =
  /^(?:curl|wget|fetch|aria2c|http|https|lwp-request|lwp-download|lynx|w3m|nc|ncat|netcat|telnet|ftp|tftp|iwr|irm|invoke-webrequest|invoke-restmethod|\.download(?:string|file|data))$/;
const decoders = /^(?:base64|base32|basenc|xxd|uudecode|rev)$/;

export function decodes(program: string, operands: readonly string[]): boolean {
  if (program === 'openssl') return operands[0] === 'enc' && operands.includes('-d');
  if (program === 'rev' || program === 'uudecode') return true;
  return decoders.test(program) && operands.some((word) => /^-(?:[a-zA-Z]*[dDr]|-decode)/.test(word));
}

/** The files that a downloader writes. */
export function filesFetched(program: string, operands: readonly string[]): string[] {
  const found: string[] = [];
  const outputs = program === 'curl' || program === 'aria2c' || program === 'fetch' ? 'o' : 'O';
  let named = false;
  for (const [at, word] of operands.entries()) {
    const value =
      /^--(?:output|output-document|out|outfile)(?:=(.*))?$/i.exec(word) ?? /^-(?:outfile|destination)()$/i.exec(word);
    const letters = /^-[a-zA-Z0-9]*$/.test(word) && word.length < 12 ? word.indexOf(outputs) : -1;
    if (value === null && letters < 1) continue;
    const attached = value === null ? word.slice(letters + 1) : value[1];
    const file = attached === undefined || attached === '' ? operands[at + 1] : attached;
    named = true;
    if (file !== undefined && file !== '-') found.push(file);
  }
  const keepsNames =
    program === 'wget' ||
    program === 'aria2c' ||
    program === 'lwp-download' ||
    operands.some((word) => /^-(?:[a-zA-Z]*O|-remote-name)/.test(word));
  if (named || !keepsNames) return found;
  const prefix = operands.indexOf('-P') < 0 ? '' : `${operands[operands.indexOf('-P') + 1]}/`;
  for (const word of operands) {
    const name = /^(?:\w+:\/\/)?[^/?#\s-][^/?#\s]*\/(?:[^?#\s]*\/)?([^/?#\s]+)/.exec(word)?.[1];
    if (name !== undefined) found.push(`${prefix}${name}`);
  }
  return found;
}
