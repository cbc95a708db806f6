// Command lines that a person copies from the console: the same words wherever they are shown.

/** `address` as the console says it: host and port. */
export function apiUrl(address: string | undefined): string {
  if (address === undefined || address === '') return 'https://localhost:9443';
  return address.startsWith('https://') ? address : `https://${address}`;
}

interface CurlParts {
  readonly url: string;
  readonly caPath?: string | undefined;
  /** Sent as it is; without it the line reads the key from the environment. */
  readonly key?: string | undefined;
  readonly rest?: readonly string[];
}

export function curlLine({
  url,
  caPath = 'gatehouse-ca.pem',
  key = '$GATEHOUSE_API_KEY',
  rest = [],
}: CurlParts): string {
  const ca = /^[\w./~-]+$/.test(caPath) ? caPath : `'${caPath.replaceAll("'", `'\\''`)}'`;
  return [`curl --cacert ${ca} ${url}`, `  -H "Authorization: Bearer ${key}"`, ...rest.map((part) => `  ${part}`)].join(
    ' \\\n',
  );
}

export function sendEventsLine(base: string, caPath?: string): string {
  return curlLine({
    url: `${base}/api/v1/events`,
    caPath,
    rest: ['-H "Content-Type: application/x-ndjson"', '--data-binary @events.ndjson'],
  });
}
