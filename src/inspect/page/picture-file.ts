/** A picture as a file: one of lines, or one of points. */
import { download } from './recording.ts';

export interface Picture {
  /** A whole file in SVG. */
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export const saveSvg = ({ svg }: Picture, name: string): void =>
  download(new Blob([svg], { type: 'image/svg+xml' }), `${fileName(name)}.svg`);

/** Twice as large as it is drawn, for screens that are finer. */
export async function savePng({ svg, width, height }: Picture, name: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width) * 2;
  canvas.height = Math.ceil(height) * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  canvas.toBlob((blob) => blob && download(blob, `${fileName(name)}.png`), 'image/png');
}

/** An actor may be named by anything. */
const fileName = (name: string): string =>
  name.replaceAll(/[^\w.-]+/g, '-').slice(0, 80) || 'chart';
