// What went wrong on the way to a receiver, in words for people.
import { MirrorFault } from '../../core/features/mirrors/index.ts';

export function connectionFault(error: unknown, { host, hostname }: URL): MirrorFault {
  return new MirrorFault(wordsOf(error, host, hostname), { cause: error });
}

function wordsOf(error: unknown, host: string, hostname: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${host}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${hostname} is not known here`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} cannot be reached`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} dropped the connection`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${host} is for another name`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${host} has expired or is not valid yet`;
  }
  if (
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|ACCESS_DENIED/.test(code) &&
    code.startsWith('ERR_SSL')
  )
    return `${host} refused our certificate, or that we have none; see mirrors.client_cert_file`;
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return `the certificate of ${host} is not from a CA that is trusted here; set mirrors.ca_file, or pin=`;
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return `what answers at ${host} does not speak TLS as it should`;
  if (code.startsWith('HPE_')) return `what answers at ${host} does not speak HTTP as it should`;
  return `${host} cannot be reached${code === '' ? '' : ` (${code})`}`;
}
