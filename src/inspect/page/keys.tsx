/** What keys do: told in a dialog, and done wherever one does not write. */
import { useLayoutEffect } from 'preact/hooks';
import { linkTo, viewNames, views } from './place.ts';

export interface DialogRef {
  readonly current: HTMLDialogElement | null;
}

const explained = [
  ['/', 'search'],
  ['1 … 6', Object.values(views).join(', ')],
  [', .', 'one transition back, or forward: of a chart, or of a recording'],
  ['↑ ↓ ← →', 'in the tree of actors: up, down, fold, unfold; Enter opens the chart'],
  ['↑ ↓', 'in a sequence: to the message before, or after; Enter shows it whole'],
  ['?', 'this list'],
] as const;

export const Keys = ({ dialog }: { readonly dialog: DialogRef }) => (
  <dialog ref={dialog} class="keys" aria-label="Keys">
    <h2>Keys</h2>
    <dl>
      {explained.map(([key, what]) => (
        <>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </>
      ))}
    </dl>
    <button type="button" onClick={() => dialog.current?.close()}>
      Close
    </button>
  </dialog>
);

/** In a field a key is what it is; in a dialog, or with Ctrl, Alt or Meta, the browser's. */
function isOurs({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]')) return false;
  const isTyping =
    target instanceof HTMLElement &&
    /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) &&
    target.getAttribute('type') !== 'range';
  return !isTyping && !ctrlKey && !metaKey && !altKey;
}

// Keys are listened to before the page is painted: whoever sees it may press one at once.

/** "/" seeks, digits choose a view, "?" tells of the keys. */
export function useKeys(
  searchField: { readonly current: HTMLInputElement | null },
  dialog: DialogRef,
): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      const { key } = event;
      const view = viewNames[Number(key) - 1];
      if (key === '/') {
        event.preventDefault();
        searchField.current?.focus();
      } else if (key === '?') {
        dialog.current?.showModal();
      } else if (view) {
        location.hash = linkTo(view);
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [searchField, dialog]);
}

/** "," goes back, "." forward, as where single pictures of a film are looked at. */
export function useStepKeys(move: (by: number) => void): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      if (event.key === ',') move(-1);
      if (event.key === '.') move(1);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
