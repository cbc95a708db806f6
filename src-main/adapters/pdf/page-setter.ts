// Setting pages of a report: fonts, a running head and foot on every page, blocks that are never cut, tables whose head repeats. Each
// page is written out when the next one begins, so a report may have any number of them.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import PdfDocument from 'pdfkit';

export const margin = 48;
const headHeight = 28;
const footHeight = 48;
const lineHeight = 10;
/** A heading goes with what it is about. */
const leastBelowHeading = 56;
const mostWaiting = 1024 * 1024;
const running: Style = { size: 7.5, colour: 'muted' };

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
  readonly output: Readable;
  heading(text: string): void;
  paragraph(text: string, style?: Partial<Style>): void;
  gap(points: number): void;
  /**
   * A table whose rows are given one by one; the head stands at the top of each page it reaches. What was set is given to whoever reads
   * the output meanwhile. @throws Error when nobody does any more.
   */
  table(columns: readonly Column[], rows: Iterable<readonly Cell[]>): Promise<void>;
  /** A square of modules, such as a QR code; true is dark. */
  modules(grid: readonly (readonly boolean[])[], size: number, alternative: string): void;
  /** Carries a file inside the document. */
  attach(name: string, data: Uint8Array, mediaType: string, description: string): void;
  /** Ends the document. */
  finish(): void;
};

/** What stands on every page. The number of the page and how many there are follow the last line of the foot. */
export type Running = {
  readonly head: string;
  readonly foot: readonly string[];
  /** A square of modules in the corner, and what it is. */
  readonly code: readonly (readonly boolean[])[];
};

export type About = {
  readonly title: string;
  readonly author: string;
  readonly madeAt: Date;
  /** Further entries of the document's information, as they stand in the file. */
  readonly facts: Readonly<Record<string, string>>;
};

/** What of the document its types leave out: drawings that pages share, written once. */
type Inner = {
  readonly _font: {
    readonly id: string;
    readonly ascender: number;
    ref(): unknown;
    /** Every word that was ever set, with its glyphs. */
    layoutCache?: object;
    encode(text: string): readonly [readonly string[], unknown];
  };
  readonly page: { readonly xobjects: Record<string, unknown> };
  ref(data: Record<string, unknown>): { end(content: string): void };
};

const body: Style = { size: 9 };

export function createPageSetter(about: About, onEveryPage: Running): PageSetter {
  const document = new PdfDocument({
    size: 'A4',
    margins: { top: margin + headHeight, bottom: margin + footHeight, left: margin, right: margin },
    autoFirstPage: false,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: about.title,
      Author: about.author,
      CreationDate: about.madeAt,
      ModDate: about.madeAt,
      ...about.facts,
    },
  });
  const inner = document as unknown as Inner;
  // A stream of Node, which its types know by its oldest form alone.
  const output = document as unknown as Readable;
  // The system's fonts differ and may be missing; these cover Latin, Greek, Cyrillic, Arabic and Hebrew and come with the program.
  const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  document.registerFont('plain', join(fonts, 'DejaVuSans.ttf'));
  document.registerFont('bold', join(fonts, 'DejaVuSans-Bold.ttf'));
  document.registerFont('mono', join(fonts, 'DejaVuSansMono.ttf'));
  const root = document.struct('Document');
  document.addStructure(root);
  // How many pages there are is known at the end: each page draws what is only written then.
  const total = inner.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, -3, 60, 9], Resources: { Font: totalFont() } });
  const { code } = onEveryPage;
  const codeSize = footHeight - 4;
  const codeDrawing = inner.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, 0, code.length, code.length] });
  codeDrawing.end(modulesOf(code));
  let pages = 0;
  document.on('pageAdded', dressPage);
  document.addPage();
  const width = document.page.width - 2 * margin;
  const bottom = (): number => document.page.height - margin - footHeight;

  function use({ size, bold, mono, colour }: Style): void {
    document
      .font(mono === true ? 'mono' : bold === true ? 'bold' : 'plain')
      .fontSize(size)
      .fillColor(colours[colour ?? 'text']);
  }

  /** The document only ever grows its queue; a long report would stand there as a whole. */
  async function readOut(): Promise<void> {
    for (const name of ['plain', 'bold', 'mono']) {
      document.font(name);
      if (inner._font.layoutCache !== undefined) inner._font.layoutCache = Object.create(null);
    }
    while (output.readableLength > mostWaiting) {
      if (output.destroyed) throw new Error('the report is not read any more');
      await setImmediate();
    }
  }

  function totalFont(): Record<string, unknown> {
    document.font('plain');
    return { [inner._font.id]: inner._font.ref() };
  }

  /** Head, foot and code of a page that just began. */
  function dressPage(): void {
    pages += 1;
    const { page } = document;
    const inside = page.margins;
    const across = page.width - 2 * margin;
    // What is written outside of the margins must not begin a new page.
    page.margins = { top: 0, bottom: 0, left: margin, right: margin };
    document.markContent('Artifact', { type: 'Pagination' });
    use(running);
    document.text(onEveryPage.head, margin, margin - 6, { width: across, lineBreak: false });
    const top = page.height - margin - footHeight + 10;
    const last = onEveryPage.foot.length - 1;
    onEveryPage.foot.forEach((line, index) => {
      const words = index === last ? `${line} Page ${pages} of ` : line;
      document.text(words, margin, top + index * lineHeight, { lineBreak: false });
      if (index < last) return;
      const x = margin + document.widthOfString(words);
      const y = top + index * lineHeight + (inner._font.ascender / 1000) * running.size;
      share('Total', total, `1 0 0 -1 ${x} ${y}`);
    });
    const scale = codeSize / code.length;
    share('Digest', codeDrawing, `${scale} 0 0 ${scale} ${margin + across - codeSize} ${top - 6}`);
    document.endMarkedContent();
    page.margins = inside;
    document.x = inside.left;
    document.y = inside.top;
  }

  function share(name: string, drawing: unknown, matrix: string): void {
    inner.page.xobjects[name] = drawing;
    document.addContent(`q ${matrix} cm /${name} Do Q`);
  }

  function block(tag: string, text: string, style: Style, above: number): void {
    use(style);
    const height = document.heightOfString(text, { width });
    const room = tag === 'H2' ? leastBelowHeading : 0;
    if (document.y + above + height + room > bottom()) document.addPage();
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
    line.end();
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
    output,
    heading: (text) => block('H2', text, { size: 12, bold: true }, 14),
    paragraph: (text, style) => block('P', text, { ...body, ...style }, 4),
    gap(points) {
      document.y += points;
    },
    async table(columns, rows) {
      let table = beginTable();
      const titles = columns.map(({ title }) => ({ text: title }));
      const head = (): void => row(table, 'TH', columns, titles, rowHeight(columns, titles));
      if (document.y + 48 > bottom()) document.addPage();
      else document.y += 6;
      head();
      for (const cells of rows) {
        const height = rowHeight(columns, cells);
        if (document.y + height > bottom()) {
          document.addPage();
          await readOut();
          // One of its own for readers, on each page: what is over can be forgotten.
          table.end();
          table = beginTable();
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
    finish() {
      use(running);
      const [codes] = inner._font.encode(String(pages));
      total.end(`BT /${inner._font.id} ${running.size} Tf ${colourOf(colours.muted)} rg <${codes.join('')}> Tj ET`);
      root.end();
      document.end();
    },
  };

  function beginTable(): PDFKit.PDFStructureElement {
    const table = document.struct('Table');
    root.add(table);
    return table;
  }
}

/** Dark modules as rectangles, a run of them at a time, from the top left corner. */
function modulesOf(grid: readonly (readonly boolean[])[]): string {
  const runs: string[] = [];
  for (const [y, line] of grid.entries()) {
    for (let x = 0; x < line.length; x++) {
      const from = x;
      while (line[x] === true) x++;
      if (x > from) runs.push(`${from} ${y} ${x - from} 1 re`);
    }
  }
  return `0 g ${runs.join(' ')} f`;
}

function colourOf(hex: string): string {
  return [1, 3, 5].map((at) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255).toFixed(3)).join(' ');
}

/** Columns by their share of the width, in percent. */
export function columnsOf(width: number, shares: readonly (readonly [string, number])[]): Column[] {
  return shares.map(([title, share]) => ({ title, width: (width * share) / 100 }));
}
