/** What is named, with its colour; and a status, with what it means for who looks. */
import { hueOf } from './colours.ts';

export const Swatch = ({ name }: { readonly name: string }) => (
  <span class="swatch" aria-hidden="true" style={{ background: hueOf(name) }} />
);

export const Named = ({ name }: { readonly name: string }) => (
  <span class="named">
    <Swatch name={name} />
    {name}
  </span>
);

/** Whatever the status of an adapter, a path or a member may be called. */
const kindOf = (status: string): string => {
  if (/fail|down|unreach|lost|dead|cut|closed|unusable/.test(status)) return 'bad';
  if (/suspect|probation|reset|resetting|opening|connecting|waiting|alternate/.test(status)) {
    return 'warn';
  }
  return 'good';
};

export interface StatusProps {
  readonly status: string;
  readonly reason?: string | undefined;
}

export const Status = ({ status, reason }: StatusProps) => (
  <span class={`badge ${kindOf(status)}`} title={reason}>
    {status}
  </span>
);
