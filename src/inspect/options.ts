/** How an inspector is opened, checked. */
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';
import { isLoopback } from './access.ts';

export interface InspectorOptions {
  /** TCP port; 0 is any free one. Default 7788. */
  readonly port?: number;
  /** Default 127.0.0.1. One that others reach wants a token. */
  readonly address?: string;
  /** At least 16 characters, without which nobody watches. Default: none is wanted. */
  readonly token?: string;
  /** Lets the page send events, and kill, drain and restart nodes. Default: it only shows. */
  readonly control?: boolean;
}

const knownOptions: Known<InspectorOptions> = {
  port: true,
  address: true,
  token: true,
  control: true,
};
const tokenForm = /^[\w~.-]{16,256}$/;

/** Throws IPX_OPTION_INVALID. */
export function parseInspectorOptions(where: string, options: InspectorOptions) {
  const at = (name: string) => (where === '' ? name : `${where}.${name}`);
  requireObject(where === '' ? 'options' : where, options);
  requireKnown(where, options, knownOptions);
  const { port = 7788, address = '127.0.0.1', token, control = false } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid(at('port'), 'give a whole number from 0 to 65535');
  }
  if (token !== undefined && (typeof token !== 'string' || !tokenForm.test(token))) {
    throw invalid(at('token'), 'give 16 to 256 letters, digits, points, "-", "_" or "~"');
  }
  if (typeof address !== 'string' || address === '')
    throw invalid(at('address'), 'give an address');
  if (token === undefined && !isLoopback(address)) {
    throw invalid(at('address'), `others reach ${address}: give a token, or 127.0.0.1`);
  }
  if (typeof control !== 'boolean') throw invalid(at('control'), 'give true or false');
  return { port, address, token, control };
}
