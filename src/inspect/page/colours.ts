/** A colour for each node, or owner, and for each path: the same wherever the page names it. */

const hueCount = 8;
const namesMax = 1_000;
const ofNodes = new Map<string, number>();
const ofPaths = new Map<string, number>();
const isOfPath = (name: string) => name.includes(' ');

/** In the order in which they are met; after eight it begins again. A path's name has a blank. */
export function hueOf(name: string): string {
  const hues = isOfPath(name) ? ofPaths : ofNodes;
  let hue = hues.get(name);
  if (hue === undefined) {
    if (hues.size >= namesMax) hues.clear();
    hue = hues.size % hueCount;
    hues.set(name, hue);
  }
  return `var(--hue-${hue})`;
}

/** As a canvas wants it: of the theme that is shown. */
export const paintOf = (name: string, style: CSSStyleDeclaration): string =>
  style.getPropertyValue(hueOf(name).slice('var('.length, -1));
