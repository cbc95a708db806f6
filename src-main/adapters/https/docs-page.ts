// The API's own pages at /api/docs: the OpenAPI document written out as plain HTML. No script, nothing from elsewhere.

type Json = Readonly<Record<string, unknown>>;

/** A page of every operation with its parameters, body, answers, permission and a command line to try it. */
export function docsPage(document: Json): string {
  const info = document.info as { title: string; version: string; summary: string };
  const server = (document.servers as { url: string }[])[0]?.url ?? '';
  const tags = document.tags as { name: string; description?: string }[];
  const operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => (operation.tags as string[]).includes(tag.name));
    return `<section id="${text(tag.name)}"><h2>${text(tag.description ?? tag.name)}</h2>${own
      .map(({ path, method, operation }) => article(server, path, method, operation))
      .join('')}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} API ${text(info.version)}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/api/docs.css"></head>
<body><header><h1>${text(info.title)} API <small>${text(info.version)}</small></h1><p>${text(info.summary)}.
Machine-readable: <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<nav aria-label="Parts of the API">${tags.map((tag) => `<a href="#${text(tag.name)}">${text(tag.name)}</a>`).join(' ')}
<a href="#problems">problems</a></nav></header>
<main>${sections.join('\n')}${problemTable(document['x-problems'] as Problem[])}</main></body></html>`;
}

function article(server: string, path: string, method: string, operation: Json): string {
  const parameters = (operation.parameters ?? []) as Parameter[];
  const content = (operation.requestBody as { content: Record<string, { schema: Json }> } | undefined)?.content;
  const responses = operation.responses as Record<string, { content?: Record<string, { schema: Json }> }>;
  const [status, answer] = Object.entries(responses)[0] ?? [];
  const facts = [
    `permission <code>${text(operation['x-permission'])}</code>`,
    `audit <code>${text(operation['x-audit'])}</code>`,
    operation['x-step-up'] ? 'second factor within the last 5 minutes' : '',
    operation['x-reveals-secret'] ? 'the answer holds a secret' : '',
  ].filter((fact) => fact !== '');
  return `<article id="${text(operation.operationId)}"><h3><code>${method} ${text(path)}</code></h3>
<p>${text(operation.summary)}.</p><p class="facts">${facts.join(' · ')}</p>
${parameters.length === 0 ? '' : parameterTable(parameters)}
${Object.entries(content ?? {})
  .map(([type, { schema }]) => schemaBlock(`Body, ${type}`, schema))
  .join('')}
${Object.entries(answer?.content ?? {})
  .map(([type, { schema }]) => schemaBlock(`Answer ${status}, ${type}`, schema))
  .join('')}
<pre><code>${text(curl(server, path, method, operation, Object.keys(content ?? {})[0]))}</code></pre></article>`;
}

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Json;
};

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${text(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td>${text(typeOf(schema))}</td><td>${text(description ?? '')}</td></tr>`,
  );
  return `<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function typeOf(schema: Json): string {
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as Json)}`;
  if (Array.isArray(schema.enum)) return schema.enum.join(', ');
  if (schema.const !== undefined) return String(schema.const);
  const bounds = [
    schema.minimum === undefined ? '' : `from ${schema.minimum}`,
    schema.maximum === undefined ? '' : `to ${schema.maximum}`,
    schema.maxLength === undefined ? '' : `at most ${schema.maxLength} characters`,
  ].filter((bound) => bound !== '');
  return [schema.format ?? schema.type ?? 'any', ...bounds].join(' ');
}

function schemaBlock(title: string, schema: Json): string {
  return `<details><summary>${text(title)}</summary><pre><code>${text(JSON.stringify(schema, undefined, 2))}</code></pre></details>`;
}

function curl(server: string, path: string, method: string, operation: Json, mediaType: string | undefined): string {
  const open = (operation.security as unknown[]).length === 0;
  return [
    `curl --cacert "$GATEHOUSE_CA"${method === 'GET' ? '' : ` -X ${method}`} '${server}${path}'`,
    open ? '' : '-H "Authorization: Bearer $GATEHOUSE_API_KEY"',
    mediaType === undefined ? '' : `-H 'Content-Type: ${mediaType}'`,
    mediaType === undefined ? '' : mediaType === 'application/json' ? "-d '{ … }'" : '--data-binary @FILE',
  ]
    .filter((part) => part !== '')
    .join(' \\\n  ');
}

type Problem = { readonly code: string; readonly status: number; readonly title: string };

function problemTable(problems: readonly Problem[]): string {
  const rows = problems.map(
    ({ code, status, title }) =>
      `<tr><td><code>${text(code)}</code></td><td>${status}</td><td>${text(title)}</td></tr>`,
  );
  return `<section id="problems"><h2>Problems</h2><table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

function text(value: unknown): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(value).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

export const docsStyle = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; }
nav a { margin-right: .75rem; }
article { border-top: 1px solid #8886; padding: .5rem 0 1rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: #8881; overflow-x: auto; padding: .75rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; }
.facts { font-size: 13px; opacity: .85; }
`;
