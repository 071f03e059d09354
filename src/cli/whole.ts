/** A parser of whole numbers for commander, whose refusal ends in exit code 2. */
import { InvalidArgumentError } from 'commander';

export const whole = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') {
    return value;
  }
  throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
};
