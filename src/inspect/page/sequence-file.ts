/** A sequence as it is shown, as a picture of its own: with its colours, and its lanes' names. */
import { element, printElement } from '../drawing.ts';
import type { Picture } from './picture-file.ts';

/** What the page's rules say of an element, and a file must say itself. */
const properties = [
  'fill',
  'stroke',
  'stroke-width',
  'opacity',
  'font-size',
  'font-weight',
  'text-anchor',
] as const;

/** `undefined` where no sequence is shown. */
export function pictureOfSequence(view: HTMLElement | null): Picture | undefined {
  const shown = view?.querySelector('svg.lanes');
  if (!view || !shown) return undefined;
  const { width, height } = shown.getBoundingClientRect();
  const copy = shown.cloneNode(true) as Element;
  const [originals, copies] = [shown, copy].map((root) => [...root.querySelectorAll('*')]);
  for (const [index, original] of (originals ?? []).entries()) {
    const target = copies?.[index];
    const style = getComputedStyle(original);
    target?.removeAttribute('style');
    for (const name of properties) target?.setAttribute(name, style.getPropertyValue(name));
  }
  const page = getComputedStyle(view);
  const names = [...view.querySelectorAll<HTMLElement>('.lane-names span')].map((lane) =>
    printElement(
      element(
        'text',
        {
          x: Number.parseFloat(lane.style.left),
          y: 18,
          'text-anchor': 'middle',
          'font-size': 13,
          'font-weight': 600,
          fill: page.color,
        },
        lane.textContent ?? '',
      ),
    ),
  );
  const paper = element('rect', { width, height, fill: page.backgroundColor });
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    'font-family="system-ui, sans-serif">';
  const svg = `${head}${printElement(paper)}${serialized(copy)}${names.join('')}</svg>\n`;
  return { svg, width, height };
}

const serialized = (drawn: Element): string => new XMLSerializer().serializeToString(drawn);
