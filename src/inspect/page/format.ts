/** Values as people read them. */

export const bytesText = (bytes: number): string => {
  if (bytes < 1_024) return `${Math.round(bytes)} B`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1_024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
};

export const countText = (count: number): string => Math.round(count).toLocaleString('en');
export const percentText = (share: number): string => `${Math.round(share * 100)} %`;

/** Hours to milliseconds, of this place. */
export function timeText(atMs: number): string {
  const at = new Date(atMs);
  const two = (part: number) => String(part).padStart(2, '0');
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

export const ageText = (ms: number): string => {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
};

/** A state's value in one line: `owner.listening.serving`, regions with bars between. */
export function stateText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, part]) => {
      const inner = stateText(part);
      return inner === '' ? name : `${name}.${inner}`;
    })
    .join(' | ');
}

/** Of seconds since 1970: minutes and seconds. */
export const clockText = (at: number): string => timeText(at * 1_000).slice(3, 8);
