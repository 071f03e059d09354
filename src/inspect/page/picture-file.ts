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

/** A browser draws no more in one line. */
const pointsMax = 16_384;

/** Twice as large as it is drawn, for screens that are finer. Rejects where it is too large. */
export async function savePng({ svg, width, height }: Picture, name: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  const scale = Math.min(2, pointsMax / Math.max(width, height));
  canvas.width = Math.floor(width * scale);
  canvas.height = Math.floor(height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('It is too large for a PNG: save it as SVG.');
  download(blob, `${fileName(name)}.png`);
}

/** An actor may be named by anything. */
const fileName = (name: string): string =>
  name.replaceAll(/[^\w.-]+/g, '-').slice(0, 80) || 'chart';
