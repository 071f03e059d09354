/** Saves a picture as a file, in either form. */
import { useState } from 'preact/hooks';
import { savePng, saveSvg, type Picture } from './picture-file.ts';

export interface SaveButtonsProps {
  /** What is saved: "chart", "sequence". */
  readonly what: string;
  readonly name: string;
  /** As it is then; `undefined` while there is none. */
  readonly picture: (form: 'svg' | 'png') => Picture | undefined;
}

export function SaveButtons({ what, name, picture }: SaveButtonsProps) {
  const [failure, tell] = useState('');
  const save = (form: 'svg' | 'png') => {
    tell('');
    const drawn = picture(form);
    if (!drawn) return;
    if (form === 'svg') saveSvg(drawn, name);
    else {
      savePng(drawn, name).catch((error: unknown) => {
        tell(error instanceof Error ? error.message : String(error));
      });
    }
  };
  return (
    <>
      <button type="button" title={`Save the ${what} as SVG`} onClick={() => save('svg')}>
        SVG
      </button>
      <button type="button" title={`Save the ${what} as PNG`} onClick={() => save('png')}>
        PNG
      </button>
      {failure !== '' && <span role="alert">{failure}</span>}
    </>
  );
}
