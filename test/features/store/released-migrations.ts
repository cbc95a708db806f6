// SHA-256 of each released migration's SQL. A line is added with its migration and never changed afterwards.
export const releasedMigrations: Readonly<Record<string, string>> = {
  'store/1': '577a18c518de40f8fbd0cbd91b709d9ffd768a0a6ef36713a2ed995dd2869033',
  'setup/1': 'eecdef7cc02de700153da6d7876ae42bbb92d9aa428e211050ae89de3f7305e6',
  'access/1': 'dfae1039653bd7aa826c1336d5314aafc9a0788862d48d0525eaa602f97e4ea7',
  'access/2': '901d5c0c21a79339500e35d075437504d95c18c0b22474338e1cd90375a0be37',
  'audit/1': '3896fd5c7eb27827188396a841a791edd4bcb7b2ee4526490ed2cfe4692f63d2',
  'audit/2': '160f77fe386084413003d66c3143112e385cdd6b2d3cc8bdf75edbf609629bcf',
  'audit/3': 'd5088d1cf8a2654fb82314e22b4922013daf48731da75c7afaebb7318988f2d2',
  'certificates/1': '973fce65b1727cde27759d50c2fc4cf57bc0215764caa7ea25dd5f18b1975ee7',
  'alerts/1': '3c06c8139e10c2703bc67c0eaff6114f9982ca387a9929641bff380fba84e47c',
  'idempotency/1': 'bf9b25482ff1549821a90a9ba021e3ea66bed1194663442a593d2a2210806fd9',
  'idempotency/2': '6e21f7d71a817898e32beb6bc5e47eab324092df55bbe4a1b9c21ec5d86ac542',
  'subject_keys/1': '83baaae9db5a9e11267a77b463eac4cd9cc676feb96a1429e5e938d6015a147b',
  'encryption/1': '969deaf011c5bc36fee23905b19ed7efef4cd9edc0bd989be71be0d2a28d5af4',
  'secrets/1': '77696fdcf78e01753d8b9e1373a33893638e35d08d5293a585da81bc14954241',
  'backups/1': 'aba365f29211ed1ab1624b84d52f7409f25da27cae88e0603a4c41424f67c2ae',
  'events/1': 'bc87464ec8b1951b4b3ffcd03b4d9d51d4f47f47a413200056edf4fca39c2564',
};
