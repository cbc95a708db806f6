// A user agent in a few words. Only what people recognise; the whole text is on hover.

const programs: readonly (readonly [RegExp, string])[] = [
  [/\bEdg\/(\d+)/, 'Edge'],
  [/\bElectron\/(\d+)/, 'Gatehouse window'],
  [/\bFirefox\/(\d+)/, 'Firefox'],
  [/Chrome\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+).*Safari/, 'Safari'],
  [/^curl\/([\d.]+)/, 'curl'],
  [/^gatehouse\/([\d.]+)/i, 'gatehouse'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh|Darwin/, 'macOS'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Linux/, 'Linux'],
];

export function deviceWords(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'unknown';
  const program = programs.flatMap(([pattern, name]) => {
    const version = pattern.exec(userAgent)?.[1];
    return version === undefined ? [] : [`${name} ${version}`];
  })[0];
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (program === undefined) return system ?? userAgent.slice(0, 40);
  return system === undefined ? program : `${program} on ${system}`;
}
