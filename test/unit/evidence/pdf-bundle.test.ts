// Bundles inside PDFs: taken out as they went in, or refused with the reason; whatever the bytes are, nothing else happens.
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { bundleInPdf, embeddedFiles, isPdf } from '../../../src-shared/evidence/pdf-bundle.ts';
import { SampleLog } from './sample-log.ts';

const bundle = new SampleLog(4).bundle(1, 4);
const inflate = (deflated: Uint8Array): Uint8Array => inflateSync(deflated, { maxOutputLength: 10_000_000 });

function object(data: Uint8Array, { filter = true, length = data.length, lineBreak = '\n' } = {}): Buffer {
  const dictionary = `<<\n/Type /EmbeddedFile\n/Subtype /text\n/Length ${length}\n${filter ? '/Filter /FlateDecode\n' : ''}>>`;
  return Buffer.concat([
    Buffer.from(`7 0 obj\n${dictionary}\nstream${lineBreak}`),
    data,
    Buffer.from(`${lineBreak}endstream\nendobj\n`),
  ]);
}

const pdf = (...objects: Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from('%PDF-1.7\n%ÿ\n'), ...objects, Buffer.from('%%EOF')]);

test('a bundle comes out as it went in, deflated or plain, beside other files', async () => {
  const note = object(deflateSync(Buffer.from('a note')));
  for (const file of [
    pdf(object(deflateSync(bundle))),
    pdf(object(bundle, { filter: false })),
    pdf(note, object(deflateSync(bundle), { lineBreak: '\r\n' }), note),
  ]) {
    expect(isPdf(file)).toBe(true);
    expect(Buffer.from(await bundleInPdf(file, inflate)).equals(bundle)).toBe(true);
  }
});

test('none, several, cut, mislabelled and bursting files are refused with the reason', async () => {
  const packed = deflateSync(bundle);
  for (const [file, reason] of [
    [pdf(), 'this PDF carries no bundle'],
    [pdf(object(deflateSync(Buffer.from('a note')))), 'this PDF carries no bundle'],
    [pdf(object(packed), object(packed)), 'this PDF carries more than one bundle'],
    [pdf(object(packed)).subarray(0, 200), 'an embedded file that is not as long as it says'],
    [pdf(object(packed, { length: packed.length - 1 })), 'an embedded file that is not as long as it says'],
    [pdf(object(packed.subarray(0, 50))), 'an embedded file that cannot be unpacked'],
    [pdf(object(deflateSync(new Uint8Array(10_000_001)))), 'an embedded file that cannot be unpacked'],
    [pdf(Buffer.from('<< /Type /EmbeddedFile >>')), 'an embedded file without its bytes'],
    [pdf(Buffer.from('<< /Type /EmbeddedFile >>\nstream\nx\nendstream')), 'an embedded file without its length'],
    [
      pdf(Buffer.from('<< /Type /EmbeddedFile /Length 1 /Filter /LZWDecode >>\nstream\nx\nendstream')),
      'an embedded file in a form that is not known',
    ],
  ] as const) {
    await expect(bundleInPdf(file, inflate), reason).rejects.toMatchObject({ name: 'FormatError', reason });
  }
});

test('whatever the bytes, files lie within them or a FormatError says why not', () => {
  const words = [
    '/Type /EmbeddedFile',
    '/Length ',
    'stream\n',
    '\nendstream',
    '/Filter /FlateDecode',
    '9',
    '0',
    '>>',
    '\r',
  ];
  const piece = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const bytes = Buffer.from(pieces.join(''));
      try {
        for (const { start, end } of embeddedFiles(bytes)) {
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(bytes.length);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 2_000 },
  );
});
