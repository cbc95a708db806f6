// Code that a template, an expression language or an interpreter would run if a value got into it: it is written so that the server
// calculates, reaches its own classes, or calls a program. Snippets of code that people write about have no such place around them.

/** Anything that one of the patterns below begins with. */
export const codeHint = /\{\{|\{%|<\?|<%|[#$%*@]\{|\bT\(|@java|['")\]]\s*;\s*\w+\s*\(/;

const longest = 4_000;
const templates: readonly RegExp[] = [
  // {{config.__class__.__init__.__globals__['os'].popen('id').read()}}
  /\{\{[^}]{0,300}(?:__(?:class|globals|mro|subclasses|builtins|init|import)__|\.popen\(|\|attr\(|getRuntime)/,
  /\{%[^%]{0,300}(?:__(?:class|globals|mro|subclasses|builtins|init|import)__|\.popen\()/,
  // T(java.lang.Runtime).getRuntime().exec('id'), %{(#a=@java.lang.Runtime@getRuntime().exec('id'))}
  /\bT\(\s*java\.(?:lang|io|util)\./,
  /[#$%*@]\{[^}]{0,300}(?:@java\.|java\.lang\.(?:Runtime|ProcessBuilder|System)|getRuntime\s*\(|freemarker\.template\.utility)/,
  // #{%x(id)}, <%= `id` %>, <?php system($_GET['c']); ?>
  /#\{\s*(?:%x\s?[({[|]|`|(?:system|exec|spawn|open)\s*\(|IO\.popen)/,
  /<%=?\s*(?:`[^`]{1,200}`|(?:Kernel\.)?(?:system|exec|spawn)\b\s*\(?\s*['"]|IO\.popen|Runtime\.getRuntime)/,
  /<\?(?:php\b|=)?[^?]{0,200}\b(?:system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|assert|eval)\s*\(/i,
];
/** A value that closes its text and calls on: `';system('id');//`. */
const brokenOut =
  /^[^\n;]{0,60}['")\]]\s*;\s*(?:system|exec|shell_exec|passthru|popen|proc_open|phpinfo|eval|assert|os\.system|require\(['"]child_process['"]\)\.\w+)\s*\(\s*(?:['"$`)]|\w+\()/;
/** Somebody tries whether the server calculates: nothing but a sum between the marks of a template. */
const calculated =
  /^\s*['"]?\s*(?:\{\{|[#$%*@]\{|\$\{\{|<%=|@\()\s*['"]?\d{1,9}['"]?\s*[*+]\s*['"]?\d{1,9}['"]?\s*(?:\}\}?|%>|\))\s*['"]?\s*$/;

export function holdsCodeExpression(text: string): boolean {
  const piece = text.slice(0, longest);
  return calculated.test(piece) || brokenOut.test(piece) || templates.some((template) => template.test(piece));
}
