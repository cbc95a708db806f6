// Why a connection to somebody's server failed, in words for people.

export type ConnectionWords = {
  readonly words: string;
  /** The same may work a moment later, with nothing changed. */
  readonly isPassing: boolean;
};

/**
 * @param error of Node's sockets, TLS or HTTP, told by its `code`
 * @param whatToSet where a CA of one's own is named, as in `set VAULT_CACERT`
 * @param ourCertificate where a certificate of our own is named; undefined where none is ever shown
 */
export function connectionWords(
  error: Error,
  { host, hostname }: Pick<URL, 'host' | 'hostname'>,
  whatToSet: string,
  ourCertificate?: string,
): ConnectionWords {
  const code = 'code' in error ? String(error.code) : '';
  const passing = (words: string): ConnectionWords => ({ words, isPassing: true });
  const lasting = (words: string): ConnectionWords => ({ words, isPassing: false });
  switch (code) {
    case 'ECONNREFUSED':
      return passing(`nothing listens at ${host}`);
    case 'EAI_AGAIN':
      return passing(`the name ${hostname} is not known here`);
    case 'ENOTFOUND':
      return lasting(`the name ${hostname} is not known here`);
    case 'ECONNRESET':
    case 'EPIPE':
      return passing(`${host} dropped the connection`);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return lasting(`the certificate of ${host} is for another name`);
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return lasting(`the certificate of ${host} has expired or is not valid yet`);
  }
  if (ourCertificate !== undefined && /^ERR_SSL.*(CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA|ACCESS_DENIED)/.test(code))
    return lasting(`${host} refused our certificate, or that we have none; see ${ourCertificate}`);
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return lasting(`what answers at ${host} does not speak TLS as it should; is it in the clear there?`);
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return lasting(`the certificate of ${host} is not from a CA that is trusted here; ${whatToSet}`);
  if (code.startsWith('HPE_')) return lasting(`what answers at ${host} does not speak HTTP as it should`);
  return passing(`${host} cannot be reached (${code === '' ? error.name : code})`);
}
