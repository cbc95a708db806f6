// Writes small files in MaxMind DB format 2.0 for tests: 24-bit records, IPv4, one record per network.

type Value = string | number | boolean | { readonly [key: string]: Value };

export function mmdbFile(networks: readonly { readonly network: string; readonly record: Value }[]): Buffer {
  const data: Buffer[] = [];
  let size = 0;
  const offsets = networks.map(({ record }) => {
    const at = size;
    const encoded = encode(record);
    data.push(encoded);
    size += encoded.length;
    return at;
  });
  // A node is [left, right]; a number below 0 is -1 minus a network's index.
  const nodes: [number | undefined, number | undefined][] = [[undefined, undefined]];
  networks.forEach(({ network }, index) => {
    const [address = '', length = '32'] = network.split('/');
    const bits = address.split('.').flatMap((part) => [...Number(part).toString(2).padStart(8, '0')].map(Number));
    let at = 0;
    for (let bit = 0; bit < Number(length); bit++) {
      const node = nodes[at];
      const side = bits[bit] === 1 ? 1 : 0;
      if (node === undefined) throw new Error('no such node');
      if (bit === Number(length) - 1) node[side] = -1 - index;
      else {
        const next = node[side] ?? nodes.push([undefined, undefined]) - 1;
        node[side] = next;
        at = next;
      }
    }
  });
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.forEach((node, index) => {
    node.forEach((side, at) => {
      const value =
        side === undefined ? nodes.length : side >= 0 ? side : nodes.length + 16 + (offsets[-1 - side] ?? 0);
      tree.writeUIntBE(value, index * 6 + at * 3, 3);
    });
  });
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: 'Test-City',
    ip_version: 4,
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([head(2, bytes.length), bytes]);
  }
  if (typeof value === 'boolean') return head(14, value ? 1 : 0);
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return Buffer.concat([head(6, 4), bytes]);
    }
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([head(3, 8), bytes]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([head(7, entries.length), ...entries.flatMap(([key, inner]) => [encode(key), encode(inner)])]);
}

function head(type: number, size: number): Buffer {
  return type <= 7 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7]);
}
