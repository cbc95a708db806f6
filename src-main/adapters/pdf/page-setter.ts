// Setting pages of a report: fonts, a running head and foot on every page, blocks that are never cut, tables whose head repeats.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PdfDocument from 'pdfkit';

export const margin = 48;
const headHeight = 28;
const footHeight = 40;

export const colours = {
  text: '#1b2128',
  muted: '#4a5562',
  line: '#d3dae1',
  ok: '#13703a',
  limited: '#7a5600',
  bad: '#a84000',
} as const;
export type Colour = keyof typeof colours;

export type Style = {
  readonly size: number;
  readonly bold?: boolean;
  readonly mono?: boolean;
  readonly colour?: Colour;
};

export type Column = { readonly title: string; readonly width: number };
export type Cell = { readonly text: string; readonly mono?: boolean; readonly colour?: Colour };

export type PageSetter = {
  readonly width: number;
  readonly output: NodeJS.ReadableStream;
  heading(text: string): void;
  paragraph(text: string, style?: Partial<Style>): void;
  gap(points: number): void;
  /** A table whose rows are given one by one; the head stands at the top of each page it reaches. */
  table(columns: readonly Column[], rows: Iterable<readonly Cell[]>): void;
  /** A square of modules, such as a QR code; true is dark. */
  modules(grid: readonly (readonly boolean[])[], size: number, alternative: string): void;
  /** Carries a file inside the document. */
  attach(name: string, data: Uint8Array, mediaType: string, description: string): void;
  /** Writes head and foot on every page and ends the document. */
  finish(running: { head: string; foot: (page: number, pages: number) => readonly string[] }): void;
};

const body: Style = { size: 9 };

/** @param about title and language of the document, for readers and screen readers. */
export function createPageSetter(about: { title: string; author: string; madeAt: Date }): PageSetter {
  const document = new PdfDocument({
    size: 'A4',
    margins: { top: margin + headHeight, bottom: margin + footHeight, left: margin, right: margin },
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    info: { Title: about.title, Author: about.author, CreationDate: about.madeAt, ModDate: about.madeAt },
  });
  // The system's fonts differ and may be missing; these cover Latin, Greek, Cyrillic, Arabic and Hebrew and come with the program.
  const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  document.registerFont('plain', join(fonts, 'DejaVuSans.ttf'));
  document.registerFont('bold', join(fonts, 'DejaVuSans-Bold.ttf'));
  document.registerFont('mono', join(fonts, 'DejaVuSansMono.ttf'));
  const root = document.struct('Document');
  document.addStructure(root);
  const width = document.page.width - 2 * margin;
  const bottom = (): number => document.page.height - margin - footHeight;

  function use({ size, bold, mono, colour }: Style): void {
    document
      .font(mono === true ? 'mono' : bold === true ? 'bold' : 'plain')
      .fontSize(size)
      .fillColor(colours[colour ?? 'text']);
  }

  function block(tag: string, text: string, style: Style, above: number): void {
    use(style);
    const height = document.heightOfString(text, { width });
    if (document.y + above + height > bottom()) document.addPage();
    else document.y += above;
    const y = document.y;
    use(style);
    root.add(document.struct(tag, {}, () => void document.text(text, margin, y, { width })));
  }

  function rowHeight(columns: readonly Column[], cells: readonly Cell[]): number {
    const heights = cells.map((cell, index) => {
      use({ size: 7.5, ...(cell.mono && { mono: true }) });
      return document.heightOfString(cell.text, { width: (columns[index]?.width ?? 0) - 6 });
    });
    return Math.max(...heights) + 5;
  }

  function row(
    table: PDFKit.PDFStructureElement,
    tag: 'TH' | 'TD',
    columns: readonly Column[],
    cells: readonly Cell[],
    height: number,
  ): void {
    const top = document.y;
    const line = document.struct('TR');
    let x = margin;
    cells.forEach((cell, index) => {
      const column = columns[index]?.width ?? 0;
      const left = x;
      line.add(
        document.struct(tag, {}, () => {
          use({
            size: 7.5,
            bold: tag === 'TH',
            ...(cell.mono && { mono: true }),
            ...(cell.colour && { colour: cell.colour }),
          });
          document.text(cell.text, left, top + 2, { width: column - 6 });
        }),
      );
      x += column;
    });
    // The cells are written now, each at its place; where the last of them ended says nothing.
    table.add(line);
    const end = top + height;
    document.markContent('Artifact', { type: 'Layout' });
    document
      .moveTo(margin, end)
      .lineTo(margin + width, end)
      .lineWidth(0.5)
      .strokeColor(colours.line)
      .stroke();
    document.endMarkedContent();
    document.y = end + 1;
  }

  return {
    width,
    output: document,
    heading: (text) => block('H2', text, { size: 12, bold: true }, 14),
    paragraph: (text, style) => block('P', text, { ...body, ...style }, 4),
    gap(points) {
      document.y += points;
    },
    table(columns, rows) {
      const table = document.struct('Table');
      root.add(table);
      const titles = columns.map(({ title }) => ({ text: title }));
      const head = (): void => row(table, 'TH', columns, titles, rowHeight(columns, titles));
      if (document.y + 48 > bottom()) document.addPage();
      else document.y += 6;
      head();
      for (const cells of rows) {
        const height = rowHeight(columns, cells);
        if (document.y + height > bottom()) {
          document.addPage();
          head();
        }
        row(table, 'TD', columns, cells, height);
      }
      table.end();
    },
    modules(grid, size, alternative) {
      if (document.y + size + 8 > bottom()) document.addPage();
      else document.y += 8;
      const module = size / grid.length;
      const top = document.y;
      root.add(
        document.struct('Figure', { alt: alternative }, () => {
          for (const [y, line] of grid.entries()) {
            for (const [x, dark] of line.entries()) {
              if (dark) document.rect(margin + x * module, top + y * module, module, module);
            }
          }
          document.fillColor('#000000').fill();
        }),
      );
      document.y = top + size;
    },
    attach(name, data, mediaType, description) {
      document.file(Buffer.from(data.buffer, data.byteOffset, data.byteLength), {
        name,
        type: mediaType,
        description,
        creationDate: about.madeAt,
        modifiedDate: about.madeAt,
      });
    },
    finish({ head, foot }) {
      const { start, count } = document.bufferedPageRange();
      for (let index = start; index < start + count; index++) {
        document.switchToPage(index);
        // What is written outside of the margins must not begin a new page.
        document.page.margins = { top: 0, bottom: 0, left: margin, right: margin };
        document.markContent('Artifact', { type: 'Pagination' });
        use({ size: 7.5, colour: 'muted' });
        document.text(head, margin, margin - 6, { width, lineBreak: false });
        let y = document.page.height - margin - footHeight + 10;
        for (const line of foot(index - start + 1, count)) {
          document.text(line, margin, y, { width, lineBreak: false });
          y += 10;
        }
        document.endMarkedContent();
      }
      root.end();
      document.end();
    },
  };
}
