/** A picture as a tree of SVG elements: printed into a file, or made a part of the page. */

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Element | string)[];
}

export const element = (
  tag: string,
  attributes: Element['attributes'],
  ...children: readonly (Element | string)[]
): Element => ({ tag, attributes, children });

/** As it stands in a file. Every text is escaped: names are the users' own. */
export function printElement({ tag, attributes, children }: Element): string {
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  const inside = children.map((child) =>
    typeof child === 'string' ? escaped(child) : printElement(child),
  );
  const begin = `<${tag}${given.join('')}`;
  return inside.length === 0 ? `${begin}/>` : `${begin}>${inside.join('')}</${tag}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** XML has no place for most control characters, escaped or not. */
export const escaped = (text: string | number): string =>
  String(text)
    // eslint-disable-next-line no-control-regex -- They are what is sought.
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\u{FFFD}')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
