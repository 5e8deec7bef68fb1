/** How a cell becomes a function: the magic line, and the name that it gives. */

export const LOAD_LINE = '%load_ext jupyter_lambda';
export const FALLBACK_NAME = 'my_function';

const NAME_MAX_CHARACTERS = 64;
const TOP_LEVEL_DEF = /^(?:async[ \t]+)?def[ \t]+([A-Za-z0-9_]+)[ \t]*\(/gm;
const LOADS_EXTENSION = /^[ \t]*%(?:re)?load_ext[ \t]+jupyter_lambda\b/m;

/** What the λ button would do to a cell, decided from its source alone. */
export type Conversion =
  | { readonly kind: 'insert'; readonly name: string; readonly text: string }
  | { readonly kind: 'already' }
  | { readonly kind: 'otherMagic'; readonly magic: string };

export function convert(source: string): Conversion {
  const magic = /^%%([^\s]*)/.exec(source.trimStart())?.[1];
  if (magic === 'lambda') {
    return { kind: 'already' };
  }
  if (magic !== undefined) {
    return { kind: 'otherMagic', magic: `%%${magic}` };
  }
  const name = functionName(source);
  const line = `%%lambda ${name}\n`;
  const body =
    source.trim() === ''
      ? `def ${name}(event, context):\n    return event\n`
      : '';
  return { kind: 'insert', name, text: line + body };
}

/** The last function that the cell defines, as the service would look for the handler. */
export function functionName(source: string): string {
  const names = [...source.matchAll(TOP_LEVEL_DEF)].map(match => match[1]);
  const name = names.at(-1);
  return name !== undefined && name.length <= NAME_MAX_CHARACTERS
    ? name
    : FALLBACK_NAME;
}

/** Whether some cell loads the magic, so that the notebook runs from a fresh kernel. */
export function loadsExtension(sources: readonly string[]): boolean {
  return sources.some(source => LOADS_EXTENSION.test(source));
}
