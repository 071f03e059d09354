/** A picture of `drawing.ts` as part of the page: texts become text, and nothing else. */
import { h, type VNode } from 'preact';
import type { Element } from '../drawing.ts';

export const svgTree = ({ tag, attributes, children }: Element): VNode =>
  h(
    tag,
    attributes,
    ...children.map((child) => (typeof child === 'string' ? child : svgTree(child))),
  );
