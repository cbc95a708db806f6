// Cross-site scripting: a value is an attack when a browser that gets it back unescaped would run something: a script element with code,
// a handler with code, an address that is code, a value that leaves its attribute or script and goes on as one. Markup alone, and
// prose or code about it, is not.
import { decodings, wordCount } from './decodings.ts';
import { decodeEntities, type HtmlTag, htmlTags } from './html-tokens.ts';

export type ScriptInjection =
  | 'script element'
  | 'event handler'
  | 'script address'
  | 'attribute break-out'
  | 'script break-out'
  | 'active element'
  | 'template expression';

const hint =
  /<[a-z!/?\s\0]|<$|%(?:25)*3c|%u(?:003c|ff1c)|\\u?0{0,2}\{?(?:x|00)?3c|&(?:lt|#x?0*(?:60|3c))|\+ADw-|\uFF1C|\bon[a-z]{3,25}[\s\0]*=|%(?:25)*(?:22|27)|script|j[\s\S]?a[\s\S]?v[\s\S]?a|&(?:#|tab|newline|colon)|["'`][\s)}\]]*[;+\-*|,&^]|\{\{|\$\{|data:/i;
const handlers = new Set(
  'abort activate afterprint afterscriptexecute animationcancel animationend animationiteration animationstart auxclick beforecopy beforecut beforeinput beforematch beforepaste beforeprint beforescriptexecute beforetoggle beforeunload begin blur bounce cancel canplay canplaythrough change click close contextmenu copy cuechange cut dblclick drag dragend dragenter dragleave dragover dragstart drop durationchange emptied end ended error finish focus focusin focusout formdata fullscreenchange gotpointercapture hashchange input invalid keydown keypress keyup load loadeddata loadedmetadata loadend loadstart lostpointercapture message messageerror mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel offline online pagehide pageshow paste pause play playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate progress propertychange ratechange readystatechange repeat reset resize scroll scrollend search securitypolicyviolation seeked seeking select selectionchange selectstart show slotchange stalled start storage submit suspend timeupdate toggle touchcancel touchend touchmove touchstart transitioncancel transitionend transitionrun transitionstart unhandledrejection unload volumechange waiting webkitanimationend webkitanimationiteration webkitanimationstart webkitmouseforcechanged webkittransitionend wheel'.split(
    ' ',
  ),
);
const addresses = new Set(
  'href src action formaction data xlink:href poster background values from to dynsrc lowsrc code codebase srcset ping manifest'.split(
    ' ',
  ),
);
const sinks = String.raw`(?:alert|confirm|prompt|print|eval|fetch|import|require|atob|settimeout|setinterval|function|constructor|string\.fromcharcode|document(?:\.|\[)|window(?:\.|\[)|location\b|top(?:\.|\[)|self(?:\.|\[)|parent(?:\.|\[)|frames(?:\.|\[)|globalthis(?:\.|\[)|navigator\.|localstorage|xmlhttprequest|open|console\.log|\$\.(?:get|post|ajax))`;
const sink = new RegExp(`(?:^|[^\\w$.])${sinks}\\s*(?:[(\`=.[]|[a-z]*\\s*[(\`=\\[]|\\[)`, 'i');
/** Where a program begins, told from a sentence: `name(`, `name=`, `if (`, `let x =`, or a bracket. */
const codeStart =
  /^(?:[\s;]|\/\*[^*]{0,200}\*\/|\/\/[^\n]{0,200}\n|<!--)*(?:(?:var|let|const)\s+[\w$]+\s*[=;,]|(?:if|for|while|switch|catch|with)\s*\(|function\s*[\w$]*\s*\(|new\s+[\w$.]+\s*[(;]|throw\s*[\w"'`]|(?:try|do)\s*\{|import\s*[("'{]|(?:void|delete|typeof|await|return)\s*[\w$]+\s*[(.[]|(?:alert|confirm|prompt|eval|fetch|print)\s*[(`.?]|[\w$]+(?:\.[\w$]+)*(?:[([`]|\s*[+*/-]?=(?![=>])|\?\.)|[([{!+~`\\-])/i;

/** What kind of script injection `text` (one value) is, if any. */
export function detectScriptInjection(text: string): ScriptInjection | undefined {
  if (!hint.test(text)) return undefined;
  for (const variant of decodings(text)) {
    const found = inText(variant.replaceAll('\0', ''));
    if (found !== undefined) return found;
  }
  const unescaped = unescapeScript(text);
  return unescaped === text ? undefined : inText(unescaped);
}

function inText(text: string): ScriptInjection | undefined {
  return (
    (text.includes('<') ? inMarkup(text, 0) : undefined) ??
    (isScriptAddress(text) ? 'script address' : undefined) ??
    attributeBreakOut(text) ??
    scriptBreakOut(text) ??
    (isTemplate(text) ? 'template expression' : undefined)
  );
}

/** `\u003cscript\u003e`, `\x3c`, and UTF-7's `+ADw-`. */
function unescapeScript(text: string): string {
  return text
    .replace(/\\(?:u\{0*([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))/gi, (_, long, four, two) => {
      const code = Number.parseInt(String(long ?? four ?? two), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replaceAll('+ADw-', '<')
    .replaceAll('+AD4-', '>');
}

function inMarkup(text: string, depth: number): ScriptInjection | undefined {
  if (/<!--#(?:exec|include|echo|config)\b/i.test(text)) return 'active element';
  for (const tag of htmlTags(text)) {
    const found = (tag.name === 'script' ? scriptElement(text, tag) : undefined) ?? attributesOf(tag, depth);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Code in the element, or a source on another host. A mention in a sentence has neither. */
function scriptElement(text: string, tag: HtmlTag): ScriptInjection | undefined {
  const type = tag.attributes.find(({ name }) => name === 'type')?.value.toLowerCase() ?? '';
  if (type !== '' && !/javascript|ecmascript|module|vbscript|jscript/.test(type)) return undefined;
  for (const { name, value } of tag.attributes) {
    const isSource = name === 'src' || name === 'href' || name === 'xlink:href';
    if (
      isSource &&
      /^[\s\0]*(?:https?:)?(?:\/\/|\\\\|\/\\)|^[\s\0]*(?:data|javascript|blob):|^https?:/i.test(decodeEntities(value))
    )
      return 'script element';
  }
  const close = text.slice(tag.end, tag.end + 4000).search(/<\/\s*script/i);
  const content = text.slice(tag.end, close < 0 ? tag.end + 4000 : tag.end + close);
  return codeStart.test(decodeEntities(content)) || sink.test(content) ? 'script element' : undefined;
}

function attributesOf(tag: HtmlTag, depth: number): ScriptInjection | undefined {
  const isRefresh =
    tag.name === 'meta' && tag.attributes.some(({ name, value }) => name === 'http-equiv' && /refresh/i.test(value));
  for (const { name, written, value } of tag.attributes) {
    if (isHandler(name) && isHandlerCode(value) && !isComponent(written, value)) return 'event handler';
    const plain = decodeEntities(value);
    if (addresses.has(name) && (isScriptAddress(plain) || isDocument(tag.name, plain))) return 'script address';
    if (isRefresh && name === 'content' && /url\s*=\s*['"]?\s*(?:javascript|data|vbscript):/i.test(plain))
      return 'script address';
    if (name === 'srcdoc' && depth < 2 && inMarkup(plain, depth + 1) !== undefined) return 'active element';
    if (name === 'style' && /expression\s*\(|-moz-binding|behaviou?r\s*:\s*url|(?:java|vb)script\s*:/i.test(plain))
      return 'active element';
    // A tag within a value: what a filter left over when it took the inner one out.
    if (tag.name === 'base' && name === 'href' && /^\s*\/\//.test(plain)) return 'active element';
  }
  return undefined;
}

function isHandler(name: string): boolean {
  return name.startsWith('on') && handlers.has(name.slice(2));
}

function isHandlerCode(value: string): boolean {
  return /[(`=[]|&#|&lpar|\\[ux]|throw|javascript:|debugger/i.test(value);
}

/** JSX: `onClick={save}`. */
function isComponent(written: string, value: string): boolean {
  return value.startsWith('{') && /^on[A-Z][a-z]/.test(written);
}

/** Documents with scripts of their own; in an image none runs. */
function isDocument(tag: string, value: string): boolean {
  return (
    tag !== 'img' &&
    tag !== 'source' &&
    /^\s*data:\s*(?:text\/(?:html|xml|javascript)|image\/svg|application\/x(?:html|ml)|;base64|,\s*<)/i.test(value)
  );
}

/** `javascript:` and what follows it is code; blanks and control characters within don't disturb browsers. */
function isScriptAddress(text: string): boolean {
  const start = /^[\s\0-\x20"'(=]{0,20}(?:view-source:|feed:|url\(['"]?)?/i.exec(text)?.[0].length ?? 0;
  const head = text.slice(start, start + 300);
  if (!/^[jvdlm&\\%]/i.test(head)) return false;
  const plain = decodeEntities(head);
  const scheme = /^(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|v\s*b\s*s\s*c\s*r\s*i\s*p\s*t|livescript|mocha)\s*:/i.exec(
    plain,
  )?.[0];
  if (scheme === undefined) return /^data:\s*text\/html\s*[;,][\s\S]{0,200}(?:base64,|<|%3c)/i.test(plain);
  const code = plain.slice(scheme.length);
  if (/^\s*(?:void\s*\(?\s*0?\s*\)?|;|#|return false|history\.back\(\)|window\.print\(\))*[\s;]*$/i.test(code))
    return false;
  // A title such as `JavaScript: The Good Parts` has a blank after the colon and no code.
  return codeStart.test(code) || /^\s*(?:\/\/|\/\*|%0|%2|["'<&])/.test(code) || sink.test(code);
}

/** `" onfocus=alert(1) x="`: leaves the attribute it was put into and adds one with code. */
function attributeBreakOut(text: string): ScriptInjection | undefined {
  const quote = /["'`]/.exec(text);
  const pattern = /[\s/"'`]on([a-z]{3,25})[\s\0]*=[\s\0]*(["'`]?)/gi;
  let left = 20;
  for (let found = pattern.exec(text); found !== null && left > 0; found = pattern.exec(text), left--) {
    if (!handlers.has((found[1] ?? '').toLowerCase())) continue;
    const code = decodeEntities(text.slice(found.index + found[0].length, found.index + found[0].length + 300));
    const isAfterQuote =
      quote !== null && quote.index <= found.index && !/[=(:,[]\s*$/.test(text.slice(0, quote.index));
    if (isAfterQuote && codeStart.test(code) && isHandlerCode(code)) return 'attribute break-out';
    // Markup that was escaped already stays text.
    const isEscaped = /&lt;[a-z]/i.test(text.slice(0, found.index));
    if (!isEscaped && sink.test(code.slice(0, 80)) && wordCount(text, 6) <= 4) return 'attribute break-out';
  }
  return undefined;
}

/** `';alert(1)//`, `"-alert(1)-"`: leaves the string of a script it was put into and goes on as code. */
function scriptBreakOut(text: string): ScriptInjection | undefined {
  const at = text.search(/["'`]/);
  if (at < 0 || at > 200 || /[(=:{[,]/.test(text.slice(0, at))) return undefined;
  const after = text.slice(at + 1, at + 400);
  const join = /^(?:[\s)}\]]*[;,+\-*/%|&^?:<>=!]+|[\s]*[)}\]]+[\s;]*|\s*\n|\s+(?:in|instanceof)\s)\s*/.exec(after)?.[0];
  if (join === undefined) return undefined;
  const code = after.slice(join.length);
  const call = new RegExp(
    `^[\\s({[!~+-]*(?:\\w{1,20}\\s*=\\s*|new\\s+|void\\s+|typeof\\s+|throw\\s+)?${sinks}`,
    'i',
  ).exec(code)?.[0];
  if (call === undefined) return undefined;
  const rest = code.slice(call.length);
  if (!/^[\w.$\]["']*\s*[(`=[]/.test(rest) && !/[.[=]$/.test(call)) return undefined;
  // A program goes on as a program; an injection swallows the rest or joins onto it.
  return /(?:\/\/|<!--|-->|["'`{[(]|["'`]\s*[)}\]]*)\s*\w{0,3}$|\/\/|[;,+\-*/|&]\s*["'`]/.test(rest) ||
    /^[^;]*[)`]\s*;?\s*$/.test(rest)
    ? 'script break-out'
    : undefined;
}

/** Template languages of the browser: what is asked for in braces reaches the constructor of functions, or calls out. */
function isTemplate(text: string): boolean {
  if (!text.includes('{{') && !text.includes('${')) return false;
  const inner = /(?:\{\{|\$\{)([^}]{0,400})/.exec(text)?.[1] ?? '';
  return /constructor\b[^}]{0,60}[(`[]|\$eval\b|\$on\.|_openBlock|\b(?:alert|confirm|prompt|eval|fetch)\s*[(`]|document\.(?:cookie|domain)/i.test(
    inner,
  );
}
