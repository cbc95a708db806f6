// The console's own CA and server certificate: kept in the store, private keys sealed. Making and parsing them is an adapter's work.
import { utf8 } from '../../../base/bytes.ts';
import type { Feature, SealedColumn, Sealer } from '../../feature.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

/** PEM texts; the private keys are PKCS#8. */
export type CertificateSet = {
  readonly caCertificate: string;
  readonly caKey: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
};

export type CertificateStore = {
  readonly feature: Feature;
  load(tx: ReadTx): CertificateSet | undefined;
  save(tx: WriteTx, set: CertificateSet, now: number): void;
};

const migrations = [
  {
    version: 1,
    sql: `
CREATE TABLE certificate (
  name TEXT PRIMARY KEY, certificate TEXT NOT NULL, sealed_key BLOB NOT NULL, saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
] as const;

const sealed: readonly SealedColumn[] = [
  { table: 'certificate', key: ['name'], column: 'sealed_key', context: (row) => contextOf(String(row.name)) },
];

export function createCertificateStore(sealer: Sealer): CertificateStore {
  function load(tx: ReadTx, name: 'ca' | 'server'): { certificate: string; key: string } | undefined {
    const row = tx.get<{ certificate: string; sealed_key: Uint8Array }>(
      'SELECT certificate, sealed_key FROM certificate WHERE name = :name',
      { name },
    );
    if (row === undefined) return undefined;
    const key = sealer.open(row.sealed_key, contextOf(name));
    return { certificate: row.certificate, key: Buffer.from(key).toString('utf8') };
  }

  function save(tx: WriteTx, name: 'ca' | 'server', certificate: string, key: string, now: number): void {
    tx.run(
      `INSERT INTO certificate (name, certificate, sealed_key, saved_at) VALUES (:name, :certificate, :sealed_key, :now)
       ON CONFLICT (name) DO UPDATE SET certificate = :certificate, sealed_key = :sealed_key, saved_at = :now`,
      { name, certificate, sealed_key: sealer.seal(utf8(key), contextOf(name)), now },
    );
  }

  return {
    feature: { name: 'certificates', migrations, scopedTables: [], sealed, handlers: {} },
    load(tx) {
      const authority = load(tx, 'ca');
      const server = load(tx, 'server');
      if (authority === undefined || server === undefined) return undefined;
      return {
        caCertificate: authority.certificate,
        caKey: authority.key,
        serverCertificate: server.certificate,
        serverKey: server.key,
      };
    },
    save(tx, set, now) {
      save(tx, 'ca', set.caCertificate, set.caKey, now);
      save(tx, 'server', set.serverCertificate, set.serverKey, now);
    },
  };
}

function contextOf(name: string): string {
  return `certificates/${name}`;
}
