/** Light or dark: the system's choice, until another is made. */

const key = 'interplex.theme';
export type Theme = 'light' | 'dark';

const systemTheme = (): Theme =>
  matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

export const currentTheme = (): Theme =>
  document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';

export function setTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  localStorage.setItem(key, theme);
}

export function startTheme(): void {
  const chosen = localStorage.getItem(key);
  const theme = chosen === 'dark' || chosen === 'light' ? chosen : systemTheme();
  document.documentElement.dataset['theme'] = theme;
}
