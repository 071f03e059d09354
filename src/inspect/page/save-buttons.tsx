/** Saves a picture as a file, in either form. */
import { savePng, saveSvg, type Picture } from './picture-file.ts';

export interface SaveButtonsProps {
  /** What is saved: "chart", "sequence". */
  readonly what: string;
  readonly name: string;
  /** As it is then; `undefined` while there is none. */
  readonly picture: (form: 'svg' | 'png') => Picture | undefined;
}

export function SaveButtons({ what, name, picture }: SaveButtonsProps) {
  const save = (form: 'svg' | 'png') => {
    const drawn = picture(form);
    if (!drawn) return;
    if (form === 'svg') saveSvg(drawn, name);
    else void savePng(drawn, name);
  };
  return (
    <>
      <button type="button" title={`Save the ${what} as SVG`} onClick={() => save('svg')}>
        SVG
      </button>
      <button type="button" title={`Save the ${what} as PNG`} onClick={() => save('png')}>
        PNG
      </button>
    </>
  );
}
